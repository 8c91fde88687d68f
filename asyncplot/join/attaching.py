"""`attach`: another program of the same user inspects and steers a run. Any thread; no call waits beyond its time-out.

In: the name of a run. Out: `Attached`, which asks the run's primary viewer over its control socket, or over a carrier
if the run is on another host.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NoReturn, Self

from ..errors import ShippingError, ViewerGone
from ..launch.target import target
from ..remote import reach
from ..remote.reach import Place
from ..remote.viewer_connection import ViewerConnection
from ..rpc import ClientConnection, Pump, Stream
from ..rundir import ViewerFiles, primary
from ..stats import Stats
from .listing import Run, described, find, living_viewers
from .viewing import JoinedViewer

#: How long a request, and the start of a viewer, may take, s.
REQUEST, STARTING = 10.0, 60.0


class Attached(ABC):
    """A run that was joined by `attach`. A context manager.

    Requests go to the primary viewer. If no viewer lives, one without a window is started
    for this program alone. `close` ends that one, and nothing else.
    """

    def __enter__(self) -> Attached:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise ShippingError(
            "a run that was attached belongs to this process and cannot be pickled; call asyncplot.attach with its name "
            "in the other process"
        )

    @property
    def plotter(self) -> Any:
        """The live plotter itself, as with `Server.plotter`.

        Raises
        ------
        ViewerGone
            If the run has ended, or no viewer can be started.
        WaitTimeout
            If the viewer does not answer within 10 s; the message says what it is busy with, and since when.
        """
        return self._root().plotter

    @property
    def figures(self) -> Any:
        """The live matplotlib figures, by number. Raises as `plotter` does."""
        return self._root().figures

    def snapshot(self, figure: int | None = None) -> bytes:
        """A figure as it is now, PNG. The line that a window may have at its foot is not in it.

        Parameters
        ----------
        figure : int, optional
            The figure's number; default: the first figure.

        Raises
        ------
        ViewerError
            If there is no such figure; else as `plotter`.
        """
        return bytes(self._root().snapshot(figure))

    @property
    @abstractmethod
    def stats(self) -> Stats:
        """Counts and costs up to now. Raises ViewerGone if the run has ended."""

    @abstractmethod
    def close(self) -> None:
        """Detach from the run. The computation and its viewers go on."""

    @abstractmethod
    def _root(self) -> Any:
        """A proxy of the viewer's root object, see asyncplot.viewer.root."""


class AttachedHere(Attached):
    """A run of this host.

    Parameters
    ----------
    run : Run
        The run, as `find` returned it.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._remote = ViewerConnection(REQUEST)
        self._own: JoinedViewer | None = None
        self._lock = threading.Lock()

    @property
    def stats(self) -> Stats:
        return self._now().stats

    def folder(self) -> Path:
        """The folder of the viewer that is asked. If none can be asked, one is started."""
        self._now()
        viewer = answering(self._run)
        if viewer is not None:
            return viewer.directory
        with self._lock:
            if self._own is None or not self._own.alive:
                self._own = JoinedViewer(self._run, backend="offscreen")
            self._own.ready(STARTING)
            return self._own.directory

    def close(self) -> None:
        with self._lock:
            self._remote.close()
            if self._own is not None:
                self._own.close()
                self._own = None

    def _now(self) -> Run:
        run = described(self._run.directory)
        if run is None or run.state == "dead":
            raise ViewerGone(f"the run {self._run.name} has ended")
        return run

    def _root(self) -> Any:
        return self._remote.root(self.folder())


class AttachedElsewhere(Attached):
    """A run of another host, over a carrier's stdin and stdout.

    Parameters
    ----------
    place : Place
        Where it is.
    run : str
        Its name.
    """

    def __init__(self, place: Place, run: str) -> None:
        self._place, self._name = place, run
        self._process: subprocess.Popen[bytes] = reach.start(place, run, "bridge")
        assert self._process.stdin is not None  # pipes were asked for
        assert self._process.stdout is not None
        self._pump = Pump("asyncplot-control")
        stream = Stream(os.dup(self._process.stdout.fileno()), os.dup(self._process.stdin.fileno()))
        self._process.stdin.close()
        self._process.stdout.close()
        self._connection = ClientConnection(self._pump, stream, REQUEST)

    @property
    def stats(self) -> Stats:
        said = json.loads(reach.output(self._place, self._name, ["stats", self._name, "--json"]))["stats"]
        return Stats(**{**said, "update_us": tuple(said["update_us"])})

    def close(self) -> None:
        self._connection.close()
        self._pump.close()
        reach.end(self._process)

    def _root(self) -> Any:
        return self._connection.root


def attach(name: str, *, via: str = "") -> Attached:
    """Join a run.

    Parameters
    ----------
    name : str
        ``RUN`` for one of this host, see `runs`; ``HOST:RUN`` or ``USER@HOST:RUN`` for one elsewhere, by ssh.
    via : str
        A command to which words can be appended, such as ``docker exec -i box``, in place of ssh.

    Raises
    ------
    RunNotFound
        If there is no such run.
    ViewerGone
        If that place cannot be reached.
    ConfigurationError
        If the name does not have the form.

    Examples
    --------
    >>> with asyncplot.attach("gpe") as run:  # doctest: +SKIP
    ...     run.figures[0].axes[0].set_yscale("log")
    ...     open("gpe.png", "wb").write(run.snapshot())
    """
    login, run = target(name)
    if login or via:
        return AttachedElsewhere(Place(login, via), run)
    return AttachedHere(find(run))


def answering(run: Run) -> ViewerFiles | None:
    """The primary one of those viewers that answer requests; None if there is none."""
    return primary(files for files in living_viewers(run) if files.state.control == "listening")
