"""What a live session has outside of this process: files, the supervisor, and a record in the register.

In: the plotter, and the options for viewers. Out: files that viewers read, and the supervisor's process. It
runs in the thread that makes or closes the server. A Ctrl-C can interrupt each step: `undo` then undoes the
steps done so far.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...launch.child import GRACE, SAVING_GRACE, SupervisorProcess
from ...launch.command import Interpreter, entrances
from ...mailbox import Control
from ...rundir import RunDirectory, ViewerOptions, register
from ...rundir.format import Closing
from ..live_options import LiveOptions
from ..plotter import write_plotter

#: The time that the supervisor gets to end the viewers and to remove the run's files, s.
_REMOVAL = 3.0


class Resources:
    """Makes and removes them.

    Parameters
    ----------
    name : str or None
        The name that the user gave.
    interpreter : Interpreter
        The plotting interpreter.
    options : LiveOptions
        The options of the session.

    Attributes
    ----------
    control : Control
        The control file; after `make`.
    supervisor : SupervisorProcess
        The supervisor's process; after `start`.

    Raises
    ------
    ConfigurationError
        If the run's name is not allowed.
    """

    control: Control

    def __init__(self, name: str | None, interpreter: Interpreter, options: LiveOptions) -> None:
        self._run = RunDirectory(name)
        self._described: dict[str, Any] = {}
        self._record: Path | None = None
        self.supervisor = SupervisorProcess(
            self._run,
            interpreter,
            viewer=options.starts_viewer,
            persist=options.persist,
            respawn=options.respawn,
            grace=SAVING_GRACE if options.viewer.save is not None else GRACE,
        )

    @property
    def name(self) -> str:
        """The run's name; before `make` the name that the user gave."""
        return self._run.name

    @property
    def directory(self) -> Path:
        """The run directory."""
        return self._run.path

    def make(self, plotter: Any, viewer: ViewerOptions) -> None:
        """Make the run directory with all that a viewer needs.

        Parameters
        ----------
        plotter : class, callable or instance
            The user's plotter.
        viewer : ViewerOptions
            The part of ``run.json`` that tells viewers how to show the run.

        Raises
        ------
        ShippingError
            If the plotter cannot be pickled.
        """
        self._run.make()
        write_plotter(plotter, self.directory / "plotter")
        self.control = Control.make(self.directory)
        self._described = self._run.describe(viewer)

    def start(self) -> None:
        """Start the supervisor, and add the run to the register."""
        self.supervisor.start()
        register.clear()  # now, while the viewer is starting anyway
        record = {**self._described, **entrances(self.directory)}
        self._record = register.enter(self.name, self.directory, record)

    def undo(self) -> None:
        """Undo the steps of `make` and `start` that are done. The map of the control file stays open."""
        if hasattr(self, "control"):
            self.control.closing = Closing.AT_ONCE
        # End the processes first: a viewer uses the path of the run directory, and the next run may get that
        # path.
        if self.supervisor.end(_REMOVAL):
            self._run.remove()
        else:
            self._run.release()
        register.leave(self._record)

    def release(self, *, persist: bool) -> None:
        """End the supervisor. It ends the viewers, unless they persist. Remove the run directory."""
        supervised = self.supervisor.alive
        self.supervisor.end(0.0 if persist else _REMOVAL)
        register.leave(self._record)
        if supervised or persist:
            self._run.release()
        else:  # the supervisor was killed; otherwise it removes the directory
            self._run.remove()
        self.control.close()

    def abandon(self) -> None:
        """Close descriptors and maps only: for a forked child, and after the end of the supervisor."""
        self.supervisor.abandon()
        self._run.release()
        self.control.close()
