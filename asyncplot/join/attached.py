"""`attach`: a run in the hands of another program of the same user. Any thread; no call waits beyond its time-out."""

from __future__ import annotations

import threading
from typing import Any

from ..errors import ViewerGone
from ..remote import Remote
from ..rundir import Viewer, ViewerFiles, is_held
from ..stats import Stats
from .joining import JoinedViewer, run_lives
from .listing import Run, described, find, viewers_of

#: How long a request may take, and a viewer to come up, s.
REQUEST, STARTING = 10.0, 60.0


class Attached:
    """A run that was joined by `attach`.

    What it asks, it asks the oldest viewer that lives. If there is none, it starts one without a window,
    for itself alone. A context manager; `close` ends what it started, and nothing else.

    Attributes
    ----------
    run : Run
        The run as it was found.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._remote = Remote(REQUEST)
        self._own: JoinedViewer | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Attached:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def plotter(self) -> Any:
        """The live plotter itself, as `Server.plotter` has it.

        Raises
        ------
        ViewerGone
            If the run has ended, or no viewer can be started.
        WaitTimeout
            If the viewer does not answer within 10 s.
        """
        return self._root().plotter

    @property
    def figures(self) -> Any:
        """The live matplotlib figures, by number. Raises as `plotter` does."""
        return self._root().figures

    def snapshot(self, figure: int | None = None) -> bytes:
        """A figure as it is on the screen, PNG.

        Parameters
        ----------
        figure : int, optional
            Its number; default: the first.

        Raises
        ------
        ViewerError
            If there is no such figure; else as `plotter`.
        """
        return bytes(self._root().snapshot(figure))

    @property
    def stats(self) -> Stats:
        """Counts and costs up to now. Raises ViewerGone if the run has ended."""
        return self._now().stats

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """The viewers of the run, oldest first."""
        supervised = run_lives(self.run) or is_held(self.run.directory / "supervisor")
        return tuple(files.described(supervised) for files in viewers_of(self.run.directory))

    def close(self) -> None:
        """Let go of the run; the computation and its other viewers go on."""
        with self._lock:
            self._remote.close()
            if self._own is not None:
                self._own.close()
                self._own = None

    def _now(self) -> Run:
        run = described(self.run.directory)
        if run is None or run.state == "dead":
            raise ViewerGone(f"the run {self.run.name} has ended")
        return run

    def _root(self) -> Any:
        self._now()
        viewer = primary(self.run)
        if viewer is None:
            with self._lock:
                if self._own is None or not self._own.alive:
                    self._own = JoinedViewer(self.run, backend="offscreen")
                self._own.ready(STARTING)
            viewer = ViewerFiles(self._own.directory)
        return self._remote.root(viewer.directory)


def attach(name: str) -> Attached:
    """Join a run of this host.

    Parameters
    ----------
    name : str
        The run's name, see `runs`.

    Raises
    ------
    RunNotFound
        If there is no such run.

    Examples
    --------
    >>> with asyncplot.attach("gpe") as run:  # doctest: +SKIP
    ...     run.figures[0].axes[0].set_yscale("log")
    ...     open("gpe.png", "wb").write(run.snapshot())
    """
    return Attached(find(name))


def primary(run: Run) -> ViewerFiles | None:
    """The oldest viewer of a run that answers requests, or None."""
    supervised = run_lives(run) or is_held(run.directory / "supervisor")
    for files in viewers_of(run.directory):
        if files.alive(supervised) and files.state.get("control") == "listening":
            return files
    return None
