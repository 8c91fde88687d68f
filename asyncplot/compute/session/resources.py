"""What a live session has outside of this process: run directory, control file, supervisor, and a record in the register.

In: the plotter and what viewers are told. Out: files that viewers read, and the supervisor's process. In the thread that
makes or closes the server. Each step can be interrupted by a Ctrl-C: `undo` takes back what has been done by then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...launch.child import GRACE, SAVING_GRACE, Supervisor
from ...launch.command import Interpreter, entrances
from ...mailbox import Control
from ...rundir import RunDirectory, register
from ...rundir.format import CLOSING_AT_ONCE
from ..options import LiveOptions
from ..plotter import write_plotter

#: How long the supervisor may take to end the viewers and to remove what the run leaves behind, s.
_REMOVAL = 3.0


class Resources:
    """Acquires and releases them.

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
    supervisor : Supervisor
        The supervisor's process; after `start`.

    Raises
    ------
    ConfigurationError
        If the run cannot be called so.
    """

    control: Control

    def __init__(self, name: str | None, interpreter: Interpreter, options: LiveOptions) -> None:
        self._run = RunDirectory(name)
        self._described: dict[str, Any] = {}
        self._record: Path | None = None
        self.supervisor = Supervisor(
            self._run,
            interpreter,
            viewer=options.starts_viewer,
            persist=options.persist,
            respawn=options.respawn,
            grace=SAVING_GRACE if options.viewer["save"] is not None else GRACE,
        )

    @property
    def name(self) -> str:
        """The run's name; before `make` the one that is asked for."""
        return self._run.name

    @property
    def directory(self) -> Path:
        """The run directory."""
        return self._run.path

    def make(self, plotter: Any, viewer: dict[str, Any]) -> None:
        """Make the run directory with all that a viewer needs.

        Parameters
        ----------
        plotter : class, callable or instance
            The user's plotter.
        viewer : dict
            What viewers are told in ``run.json``.

        Raises
        ------
        ShippingError
            If the plotter cannot be pickled.
        """
        self._run.make()
        write_plotter(plotter, self.directory / "plotter")
        self.control = Control.make(self.directory)
        self._described = self._run.describe({"viewer": viewer})

    def start(self) -> None:
        """Start the supervisor, and enter the run in the register."""
        self.supervisor.start()
        register.clear()  # while the viewer is starting: none of its time is lost
        record = {**self._described, **entrances(self.directory)}
        self._record = register.enter(self.name, self.directory, record)

    def undo(self) -> None:
        """Take back what `make` and `start` have done, however far they came; all but the map of the control file."""
        if hasattr(self, "control"):
            self.control.closing = CLOSING_AT_ONCE
        # First the processes: a viewer knows the run directory by its path, which the next run may have.
        if self.supervisor.end(_REMOVAL):
            self._run.remove()
        else:
            self._run.release()
        register.leave(self._record)

    def release(self, *, persist: bool) -> None:
        """End the supervisor, and with it the viewers (unless they persist); remove the run directory."""
        supervised = self.supervisor.alive
        self.supervisor.end(0.0 if persist else _REMOVAL)
        register.leave(self._record)
        if supervised or persist:
            self._run.release()
        else:  # somebody killed the supervisor, which removes the directory otherwise
            self._run.remove()
        self.control.close()

    def abandon(self) -> None:
        """Close descriptors and maps, and touch nothing else: in the child of a fork, and after the supervisor's end."""
        self.supervisor.abandon()
        self._run.release()
        self.control.close()
