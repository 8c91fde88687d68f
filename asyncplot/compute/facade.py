"""The methods of `Server`: each passes its call on to the session.

In: the user's calls. Out: what the session returns. All of this runs in the user's process, in the thread
that calls. The options are in `server`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from ..rundir import Viewer
from ..stats import Stats
from .copying import Kept
from .pending import PendingResult, Update
from .received import Received
from .session.contract import Session


class Facade(Kept):
    """The methods of `Server`.

    Attributes
    ----------
    received : Received
        The values that plotters have sent back.
    """

    received: Received
    _session: Session
    _lanes: dict[str, Update]

    # --- asynchronous calls ----------------------------------------------------------------------

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Hand the newest data to ``plotter.update`` in the viewer. Never waits.

        The call is asynchronous. Its frame waits until it is taken. A newer call supersedes a waiting frame.

        Parameters
        ----------
        *args, **kwargs
            Anything that can be pickled. Arrays may have any dtype, shape and order. An array is copied once,
            and only if its frame is taken. A waiting frame refers to your arrays: if the calls stop, it is
            delivered with the contents that they have then. With ``copy="always"`` each call copies.

        Returns
        -------
        PendingResult
            What becomes of this frame.

        Raises
        ------
        FrameError
            In the first call only, if an argument cannot be sent. Later, the pending result reports it.

        Notes
        -----
        You may call it from any thread and from signal handlers. All of them use the same lane, so a call in
        one thread supersedes the waiting frame of another.
        """
        return self._session.lane("update")(*args, **kwargs)

    def lane(self, method: str) -> Update:
        """The asynchronous form of any method of the plotter, as a lane of its own.

        Parameters
        ----------
        method : str
            The method's name. Frames of different lanes do not supersede each other.

        Returns
        -------
        callable
            Call it like `update`, with the method's arguments.

        Raises
        ------
        AsyncplotError
            If the server has 64 lanes already.

        Examples
        --------
        >>> plot.lane("show_spectrum")(frequencies, power)  # doctest: +SKIP
        """
        lane = self._lanes[method] = self._session.lane(method)
        return lane

    # --- waiting ---------------------------------------------------------------------------------

    def flush(self, timeout: float | None = 10.0) -> bool:
        """Wait until the last frame is on the screen. Never raises.

        Parameters
        ----------
        timeout : float or None
            Seconds. None: wait as long as a viewer lives.

        Returns
        -------
        bool
            True when the last frame of each lane is on the screen. False after ``timeout``, and at once if
            no viewer lives.
        """
        return self._session.flush(timeout)

    def ready(self, timeout: float | None = 30.0) -> bool:
        """Wait until the viewer has made its plotter and its windows are open.

        Parameters
        ----------
        timeout : float or None
            Seconds. None: wait as long as a viewer lives.

        Returns
        -------
        bool
            True when the windows are open. False after ``timeout``, and at once if no viewer lives.
        """
        return self._session.ready(timeout)

    def wait(self) -> None:
        """Wait until the user has closed the last window. Return at once if there are no windows.

        The last frame is delivered first. A Ctrl-C ends the wait.
        """
        self._session.wait()

    def close(self) -> None:
        """Deliver the last frame, end the viewer (unless it persists), and remove the run directory.

        This takes at most 0.3 s longer than the last draw. A viewer that does not answer is killed. A viewer
        that is starting is waited for as long as it works on that, at most 20 s. Later calls of ``update`` do
        nothing. A second ``close`` does nothing.
        """
        self._session.close(patient=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an exception, do not wait for a viewer that is still starting.
        self._session.close(patient=kind is None)

    # --- what there is to know -------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The run's name."""
        return self._session.name

    @property
    def directory(self) -> Path:
        """The run directory. If there is none (any more), the path that it would have."""
        return self._session.directory

    @property
    def is_alive(self) -> bool:
        """Whether a viewer lives, or is starting."""
        return self._session.is_alive

    @property
    def url(self) -> str:
        """Where a browser on the viewer's host finds the page; empty if there is none. For ``backend="web"``.

        While the viewer is starting this waits until it listens, at most 20 s. The URL has a secret in it: who
        has the URL and an account on that host can use the page.
        """
        return self._session.url

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """The viewers of this run, oldest first: those that live, and those that have ended.

        If plotting is switched off: one entry with the phase ``off`` and the reason.
        """
        return self._session.viewers

    def check(self) -> None:
        """Raise the error of the viewer, if there is one. Without an error, return None.

        Raises
        ------
        ViewerGone
            If the viewer could not be started, or crashed. The message has the command, the exit code and the
            last lines of its output. A window that the user closed is not an error.
        PlotterError
            If the plotter raised since the last `check`; with the traceback from the viewer.
        ViewerError
            If a picture could not be written (``save``) since the last `check`.
        FrameError
            If a frame could not be sent since the last `check`.
        """
        self._session.check()

    @property
    def stats(self) -> Stats:
        """The counters of the run so far, its cost, and the rate and age of the picture.

        Each access returns a new object that does not change. After `close`: the values at that time.
        """
        return self._session.stats

    @property
    def plotter(self) -> Any:
        """The live plotter itself, in the primary viewer. Read and set attributes, call methods, index items.

        A request runs on the viewer's GUI thread, after all frames that were handed over before it. The
        viewer redraws what the request changed. Plain values are returned as they are, everything else as a
        proxy. ``numpy.asarray`` of a proxy fetches an array.

        If there is no live plotter, this is a stand-in: each attribute, item, call and assignment does
        nothing. So a script runs to its end. That happens if plotting is off, the window was closed, or the
        viewer crashed or does not answer. The stand-in is false, its repr tells why, and the log tells it
        once. `check` raises the error.

        Raises
        ------
        ViewerGone
            If no viewer lives; with ``strict=True`` only.
        WaitTimeout
            If the viewer does not answer within ``request_timeout``; with ``strict=True`` only. The message
            tells what the viewer is doing, and since when.
        Exception
            What the request raised in the viewer, with the remote traceback in its text.
        """
        return self._session.plotter

    def _ipython_display_(self) -> None:
        """Show the figures under this cell, too, if a notebook shows them; else IPython shows the text."""
        if self._session.output is None:
            raise NotImplementedError
        self._session.output.show()

    def __repr__(self) -> str:
        return f"<asyncplot.Server {self.name!r}: {'viewer alive' if self.is_alive else 'no viewer'}>"

    def _hold(self, update: Update, received: Received) -> None:
        """Hold what the session hands out. A live session ends when nobody holds any of it."""
        self._lanes = {}
        self.received = received
        # The instance attribute hides the method: this saves one Python call on the hot path (0.1 us).
        vars(self)["update"] = update
