"""One viewer of a run, read from the files that it writes; `Viewer` is what users see of it. Which one is primary.

Standard library only; any process that can enter the run directory, any thread; nothing here waits.
"""

from __future__ import annotations

import dataclasses
import os
import stat
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..descriptors import Descriptors
from ..errors import PlotterError, RunNotFound, ViewerError, ViewerGone
from .board import BoardReader, LaneCounters
from .format import (
    DRAWING_FILE,
    END_FILE,
    FAILURE_FILE,
    LOG_FILE,
    STATE_FILE,
    WINDOWS_FILE,
    viewer_folder,
    viewer_number,
)
from .liveness import is_held
from .making import make_folder
from .records import Drawn, Ending, Failure, ViewerState, Windows, read_record

#: How much a plotter may send back, and say of its view, bytes of JSON.
SENT_BYTES, VIEW_BYTES = 1 << 16, 1 << 13

#: How long a viewer that attaches may take until it writes its state, s.
_STARTING = 10.0

#: What a viewer's state may say of its phase.
_PHASES = ("starting", "making", "drawing", "ready", "ended")


@dataclasses.dataclass(frozen=True)
class Viewer:
    """One viewer of a run, as `Server.viewers` shows it.

    Attributes
    ----------
    number : int
        1 for the first one.
    phase : str
        ``starting``, ``making`` its plotter, ``drawing`` its first picture, ``ready`` or ``ended``; ``off`` where
        plotting is switched off; ``unknown`` if its record cannot be read.
    pid : int
        Process id, 0 while it is starting. For a viewer on another host: that of its relay on this host.
    host : str
        Where its windows are; empty while it is starting.
    backend, matplotlib_backend, python : str
        What it uses; empty while it is starting.
    reason : str
        Why it uses that backend, and not another.
    windows, pages : int
        How many windows it has open, and how many pages in browsers show it.
    versions : dict
        The versions of asyncplot and of the libraries that draw, by name.
    ended : str
        How it ended; empty while it lives.
    """

    number: int
    phase: str
    pid: int = 0
    host: str = ""
    backend: str = ""
    matplotlib_backend: str = ""
    python: str = ""
    reason: str = ""
    windows: int = 0
    pages: int = 0
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    ended: str = ""


class ViewerFiles:
    """The files in one viewer's folder.

    Parameters
    ----------
    directory : Path
        The folder.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.number = viewer_number(directory.name)
        self._boards: dict[str, BoardReader] = {}
        self._held = Descriptors()  # the board's; two if a Ctrl-C came before the first board was kept
        self._seen_failure = 0

    @property
    def state(self) -> ViewerState:
        """What the viewer says of itself; ``starting`` before it does."""
        state = read_record(self.directory / STATE_FILE, ViewerState) or ViewerState("starting")
        return state if state.phase in _PHASES else dataclasses.replace(state, phase="unknown")

    @property
    def end(self) -> Ending | None:
        """What its supervisor wrote when it ended; None before, and of a viewer that attached."""
        return read_record(self.directory / END_FILE, Ending)

    @property
    def is_own(self) -> bool:
        """Whether the `Server` of the run started it. Its supervisor keeps a log of such viewers."""
        return os.path.exists(self.directory / LOG_FILE)

    @property
    def board(self) -> BoardReader | None:
        """Its board, as soon as there is one."""
        known = self._boards.get("board")
        if known is not None:
            return known
        try:
            opened = BoardReader(self.directory, self._held)
        except OSError:
            return None
        # If two threads open it at once, the first one's is kept: `setdefault` is one step.
        kept = self._boards.setdefault("board", opened)
        if kept is not opened:
            opened.close_alone()
        return kept

    @property
    def windows(self) -> list[Any]:
        """Where its windows stand, for the viewer that takes its place."""
        return (read_record(self.directory / WINDOWS_FILE, Windows) or Windows()).windows

    @property
    def full_draws(self) -> Mapping[str, int]:
        """How often it drew a figure in full, by reason."""
        return (read_record(self.directory / DRAWING_FILE, Drawn) or Drawn()).full

    def counters(self, lane: int) -> LaneCounters:
        """What it has done with a lane."""
        return self.board.counters(lane) if self.board else LaneCounters()

    def doing(self, longer_than: float = 0.0) -> str:
        """What its GUI thread has been busy with for at least so many seconds, in words; empty if there is nothing.

        The viewer may have ended meanwhile, or may be stopped.
        """
        phase = self.state.phase
        activity = self.board.activity() if self.board else None
        if activity is None:
            return "it is still starting" if phase == "starting" else ""
        seconds = (time.monotonic_ns() - activity.since_ns) * 1e-9
        if seconds < longer_than:
            return ""
        frame = f" (frame {activity.frame})" if activity.frame else ""
        return f"it has been busy with {activity.what} for {seconds:.1f} s{frame}"

    def alive(self, supervised: bool) -> bool:
        """Whether it lives, or is being started.

        A viewer that the supervisor started lives until the supervisor has written its end: who learns that it has
        ended can then read why. Any other viewer holds the lock of its folder. (It must not ask this of itself,
        see asyncplot.rundir.liveness.)

        Parameters
        ----------
        supervised : bool
            Whether the supervisor of the run lives.
        """
        if os.path.exists(self.directory / END_FILE):
            return False
        if supervised and self.is_own:
            return True
        return is_held(self.directory) or self._is_starting()

    def _is_starting(self) -> bool:
        """Whether its folder was made a moment ago, and it has not written its state yet."""
        try:
            age = time.time() - self.directory.stat().st_mtime
        except OSError:
            return False
        return age < _STARTING and not os.path.exists(self.directory / STATE_FILE)

    def described(self, supervised: bool) -> Viewer:
        """What `Server.viewers` shows."""
        state = self.state
        alive = self.alive(supervised)
        return Viewer(
            number=self.number,
            phase=state.phase if alive else "ended",
            pid=state.pid,
            host=state.host,
            backend=state.backend,
            matplotlib_backend=state.matplotlib_backend,
            python=state.python,
            reason=state.reason,
            windows=state.windows if alive else 0,
            pages=state.pages if alive else 0,
            versions=dict(state.versions),
            ended="" if alive else how_it_ended(self.end, state),
        )

    def ending(self) -> ViewerError | None:
        """How it ended, if that is an error."""
        end, state = self.end, self.state
        if end is None or end.ordinary:
            return None
        if state.fault == "plotter":
            return PlotterError(state.error, state.traceback)
        return ViewerGone(how_it_ended(end, state))

    def failure(self) -> ViewerError | None:
        """What its plotter raised last, or why a picture could not be written; None if that was told before."""
        failure = read_record(self.directory / FAILURE_FILE, Failure)
        if failure is None or failure.count == self._seen_failure:
            return None
        self._seen_failure = failure.count
        if failure.of == "picture":
            return ViewerError(failure.message)
        return PlotterError(failure.message, failure.traceback)

    def close(self, lanes: int) -> None:
        """Close the board, and remember what it says of the first ``lanes`` lanes."""
        if self.board is not None:
            self.board.close(lanes)
        self._held.close()


def folders(run: Path) -> dict[Path, int]:
    """The viewers' folders in a run directory, with their inode numbers. Raises OSError if it cannot be read.

    Other names, such as ``viewer-old``, and what is no folder, are passed over.
    """
    found = {}
    # Not `scandir`: a Ctrl-C between its return and a `with` would leave it open.
    for path in [run / name for name in os.listdir(run) if viewer_number(name)]:
        try:
            status = os.lstat(path)
        except FileNotFoundError:  # a viewer that detached, just now
            continue
        if stat.S_ISDIR(status.st_mode):
            found[path] = status.st_ino
    return found


def primary(viewers: Iterable[ViewerFiles]) -> ViewerFiles | None:
    """The primary one of some viewers: the one that `Server` started, else the oldest one that attached.

    Its results and counters are those of the run. To find it, pass the viewers that live.
    """
    return min(viewers, key=lambda viewer: (not viewer.is_own, viewer.number), default=None)


def doing(directory: Path) -> str:
    """What the viewer of a folder is busy with, see `ViewerFiles.doing`."""
    files = ViewerFiles(directory)
    try:
        return files.doing()
    finally:
        files.close(0)


def how_it_ended(end: Ending | None, state: ViewerState) -> str:
    """How a viewer ended, in words: what happened, the command, the exit code, the end of its output."""
    if end is None:
        return state.ended or "the viewer was killed, or its supervisor was"
    if end.ordinary:
        return state.ended or "the viewer has ended"
    lines = [f"the viewer {end.how}", f"  command: {' '.join(end.command)}"]
    if not end.announced:
        lines.append(
            "  asyncplot's code was never reached: does the command run Python code given as last argument?"
        )
    tail = end.tail.strip()
    if tail:
        lines += ["  the end of its output:", *(f"    {line}" for line in tail.splitlines()[-20:])]
    return "\n".join(lines)


def claim(run: Path) -> Path:
    """Make the folder of another viewer in a run directory.

    Raises
    ------
    RunNotFound
        If the run directory is gone, or holds 10,000 viewers.
    """
    for number in range(1, 10_000):
        path = run / viewer_folder(number)
        try:
            make_folder(path)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunNotFound(f"the run {run.name!r} has just ended ({error.strerror})") from error
        return path
    raise RunNotFound(f"the run {run.name!r} has 10,000 viewers; close some: asyncplot close {run.name}")
