"""The errors of asyncplot. All have one base, so that one ``except`` catches them.

::

    AsyncplotError
    |-- ConfigurationError     an option or an environment variable has a value that cannot work (also a ValueError)
    |-- MissingDependency      a package that this task needs is not installed (also an ImportError)
    |-- RunDirectoryError      the run directory cannot be made, or is not safe to use (also an OSError)
    |-- RunNotFound            there is no such run (also a LookupError)
    |-- SendError              a value cannot be sent back to the computation (also a TypeError)
    |-- ShippingError          the plotter cannot be sent to the plotting interpreter (also a TypeError)
    |-- FrameError             an argument of ``update`` cannot be sent to the viewer (also a TypeError)
    |-- Superseded             a frame was dropped because a newer one came
    |-- WaitTimeout            a wait reached its time-out (also a TimeoutError)
    |-- ViewerError            something went wrong in a viewer
    |   |-- ViewerGone         the viewer ended, or never came up
    |   `-- PlotterError       the plotter raised; ``remote_traceback`` has its traceback
    |-- RemoteError            a request to the live plotter could not be carried out
    `-- Refused                ``asyncplot serve`` and its caller do not trust each other

In the computation, only calls that ask for a result raise them. ``update`` raises nothing but
`FrameError`, and that only for the first frame of a lane.
"""

from __future__ import annotations


class AsyncplotError(Exception):
    """Base of every error that asyncplot raises."""


class ConfigurationError(AsyncplotError, ValueError):
    """An option or an environment variable has a value that cannot work."""


class MissingDependency(AsyncplotError, ImportError):
    """A package that this task needs is not installed."""


class RunDirectoryError(AsyncplotError, OSError):
    """The run directory cannot be made, or is not safe to use."""


class RunNotFound(AsyncplotError, LookupError):
    """There is no run of this name. The message says which runs there are."""


class SendError(AsyncplotError, TypeError):
    """A value cannot be sent back to the computation."""


class ShippingError(AsyncplotError, TypeError):
    """The plotter cannot be sent to the plotting interpreter."""


class FrameError(AsyncplotError, TypeError):
    """An argument of ``update`` cannot be sent to the viewer."""


class Superseded(AsyncplotError):
    """The frame was dropped because a newer one came before it could be drawn."""


class WaitTimeout(AsyncplotError, TimeoutError):
    """A wait reached its time-out."""


class ViewerError(AsyncplotError):
    """Something went wrong in a viewer."""


class ViewerGone(ViewerError):
    """The viewer ended, or never came up. The message says how."""


class PlotterError(ViewerError):
    """The plotter raised in the viewer.

    Parameters
    ----------
    message : str
        What happened, and to which frame.
    remote_traceback : str
        The traceback as the viewer printed it.
    """

    def __init__(self, message: str, remote_traceback: str = "") -> None:
        super().__init__(message, remote_traceback)
        self.remote_traceback = remote_traceback

    def __str__(self) -> str:
        message = str(self.args[0])
        if not self.remote_traceback:
            return message
        return f"{message}\n\n--- traceback in the viewer ---\n{self.remote_traceback.rstrip()}"


class RemoteError(AsyncplotError):
    """A request to the live plotter could not be carried out."""


class Refused(AsyncplotError):
    """The other end of a TCP connection is not the one that it should be, or does not take us for the one that we are."""
