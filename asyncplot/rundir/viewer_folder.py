"""One viewer of a run, read from the files that it writes: `Viewer` is what users are shown of it.

Standard library only; any process that may enter the run directory, any thread, never waiting. A viewer
that `Server` started and one that attached later look the same.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..descriptors import Descriptors
from ..errors import PlotterError, RunNotFound, ViewerError, ViewerGone
from .board import BoardReader, LaneCounters
from .liveness import is_held
from .making import make_folder
from .records import read_json

#: What a plotter may have sent back, and what it may say of its view, bytes of JSON.
SENT_BYTES, VIEW_BYTES = 1 << 16, 1 << 13

#: How long a viewer that joins may take until it says something, s.
_STARTING = 10.0


@dataclasses.dataclass(frozen=True)
class Viewer:
    """One viewer of a run, as `Server.viewers` shows it.

    Attributes
    ----------
    number : int
        1 for the first one.
    phase : str
        ``starting``, ``making`` its plotter, ``drawing`` its first picture, ``ready`` or ``ended``; ``off`` where
        plotting is switched off.
    pid : int
        Process id, 0 while it is starting; of a viewer on another host that of its relay here.
    host : str
        Where its windows are; empty while it is starting.
    backend, matplotlib_backend, python : str
        What it really uses; empty while it is starting.
    reason : str
        Why it uses that backend, and not another.
    windows : int
        How many windows it has open.
    versions : dict
        Of what draws, by name; and of asyncplot.
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
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    ended: str = ""


class ViewerFiles:
    """One viewer's folder."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.number = int(directory.name.rpartition("-")[2])
        self._boards: dict[str, BoardReader] = {}
        self._held = Descriptors()  # of the board; another one, where a Ctrl-C came before the first was kept
        self._seen_failure = 0

    @property
    def state(self) -> dict[str, Any]:
        """What the viewer says of itself; empty before it does."""
        return read_json(self.directory / "state.json") or {}

    @property
    def end(self) -> dict[str, Any] | None:
        """What its supervisor wrote when it ended."""
        return read_json(self.directory / "end.json")

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
        # Of two threads that open it at once the first one's is kept; `setdefault` is one step.
        kept = self._boards.setdefault("board", opened)
        if kept is not opened:
            opened.close_alone()
        return kept

    @property
    def windows(self) -> list[Any]:
        """Where its windows stand, as its successor is to read it."""
        windows = (read_json(self.directory / "windows.json") or {}).get("windows")
        return windows if isinstance(windows, list) else []

    @property
    def full_draws(self) -> dict[str, int]:
        """How often it drew a figure in full, by reason."""
        record = read_json(self.directory / "drawing.json") or {}
        try:
            return {str(why): int(number) for why, number in record.get("full", {}).items()}
        except (ValueError, TypeError, AttributeError):  # somebody else wrote it
            return {}

    def counters(self, lane: int) -> LaneCounters:
        """What it has done with a lane."""
        return self.board.counters(lane) if self.board else LaneCounters()

    def doing(self, longer_than: float = 0.0) -> str:
        """What its GUI thread is busy with, and has been for so many seconds; empty if with nothing, or not known.

        It may have ended meanwhile, or be stopped.
        """
        phase = str(self.state.get("phase", "starting"))
        activity = self.board.activity() if self.board else None
        if activity is None:
            return "it is still starting" if phase == "starting" else ""
        seconds = (time.monotonic_ns() - activity.since_ns) * 1e-9
        if seconds < longer_than:
            return ""
        frame = f" (frame {activity.frame})" if activity.frame else ""
        return f"it has been busy with {activity.what} for {seconds:.1f} s{frame}"

    def alive(self, supervised: bool) -> bool:
        """Whether it lives, or is being started; ``supervised`` says whether the supervisor lives.

        For a viewer that it started (it keeps a log of those), the supervisor's word counts, so that who
        learns of the end can learn the reason, too. Any other one holds the lock of its folder.
        """
        if (self.directory / "end.json").exists():
            return False
        if supervised and (self.directory / "log").exists():
            return True
        return is_held(self.directory) or self._is_starting()

    def _is_starting(self) -> bool:
        """Whether somebody has made the folder for a viewer that has not come so far yet."""
        try:
            age = time.time() - self.directory.stat().st_mtime
        except OSError:
            return False
        return age < _STARTING and not (self.directory / "state.json").exists()

    def described(self, supervised: bool) -> Viewer:
        """What `Server.viewers` shows."""
        state = self.state
        alive = self.alive(supervised)
        return Viewer(
            number=self.number,
            phase=str(state.get("phase", "starting")) if alive else "ended",
            pid=int(state.get("pid", 0)),
            host=str(state.get("host", "")),
            backend=str(state.get("backend", "")),
            matplotlib_backend=str(state.get("matplotlib_backend", "")),
            python=str(state.get("python", "")),
            reason=str(state.get("reason", "")),
            windows=int(state.get("windows", 0)) if alive else 0,
            versions=dict(state.get("versions", {})),
            ended="" if alive else how_it_ended(self.end, state),
        )

    def ending(self) -> ViewerError | None:
        """How it ended, if that was not as it should."""
        end, state = self.end, self.state
        if end is None or end.get("ordinary"):
            return None
        if state.get("fault") == "plotter":
            return PlotterError(str(state["error"]), str(state.get("traceback", "")))
        return ViewerGone(how_it_ended(end, state))

    def failure(self) -> ViewerError | None:
        """What its plotter raised last, or why a picture could not be written, if that has not been told yet."""
        failure = read_json(self.directory / "failure.json")
        if failure is None or failure.get("count") == self._seen_failure:
            return None
        self._seen_failure = failure["count"]
        if failure.get("of") == "picture":
            return ViewerError(str(failure.get("message")))
        return PlotterError(str(failure.get("message")), str(failure.get("traceback", "")))

    def close(self, lanes: int) -> None:
        """Keep what the board says, and close it."""
        if self.board is not None:
            self.board.close(lanes)
        self._held.close()


def doing(directory: Path) -> str:
    """What the viewer of a folder is busy with, as `ViewerFiles.doing` says it."""
    files = ViewerFiles(directory)
    try:
        return files.doing()
    finally:
        files.close(0)


def how_it_ended(end: dict[str, Any] | None, state: dict[str, Any]) -> str:
    """The end of a viewer in words: what happened, the command, the exit code, the tail of its output."""
    if end is None:
        return str(state.get("ended") or "the viewer was killed, or its supervisor was")
    if end.get("ordinary"):
        return str(state.get("ended") or "the viewer has ended")
    command = " ".join(str(word) for word in end.get("command", []))
    lines = [f"the viewer {end.get('how', 'ended')}", f"  command: {command}"]
    if not end.get("announced"):
        lines.append(
            "  asyncplot's code was never reached: does the command run Python code given as last argument?"
        )
    tail = str(end.get("tail", "")).strip()
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
        path = run / f"viewer-{number}"
        try:
            make_folder(path)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunNotFound(f"the run {run.name!r} has just ended ({error.strerror})") from error
        return path
    raise RunNotFound(f"the run {run.name!r} has 10,000 viewers; close some: asyncplot close {run.name}")
