"""The viewers of a run, as the compute side sees them: by the files that they write, never by waiting.

Any thread. A viewer that `Server` started and one that attached later look the same; the primary one is
the first that lives.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import PlotterError, ViewerError, ViewerGone
from ..rundir import OUTCOMES, BoardReader, LaneCounters, is_held, read_json
from .launch import Supervisor
from .pending import Fate, failed, lost, superseded


@dataclasses.dataclass(frozen=True)
class Viewer:
    """One viewer of a run, as `Server.viewers` shows it.

    Attributes
    ----------
    number : int
        1 for the first one.
    phase : str
        ``starting``, ``ready`` or ``ended``.
    pid : int
        Process id, 0 while it is starting.
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
        self._board: BoardReader | None = None
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
        if self._board is None:
            try:
                self._board = BoardReader(self.directory)
            except OSError:
                return None
        return self._board

    def counters(self, lane: int) -> LaneCounters:
        """What it has done with a lane."""
        return self.board.counters(lane) if self.board else LaneCounters()

    def alive(self, supervised: bool) -> bool:
        """Whether it lives, or is being started; ``supervised`` says whether the supervisor lives.

        For a viewer that it started, the supervisor's word counts, so that who learns of the end can
        learn the reason, too. Any other one holds the lock of its folder.
        """
        if (self.directory / "end.json").exists():
            return False
        if supervised and (self.number == 1 or (self.directory / "log").exists()):
            return True
        return is_held(self.directory)

    def described(self, supervised: bool) -> Viewer:
        """What `Server.viewers` shows."""
        state = self.state
        alive = self.alive(supervised)
        return Viewer(
            number=self.number,
            phase=str(state.get("phase", "starting")) if alive else "ended",
            pid=int(state.get("pid", 0)),
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

    def failure(self) -> PlotterError | None:
        """What its plotter raised last, if that has not been told yet."""
        failure = read_json(self.directory / "failure.json")
        if failure is None or failure.get("count") == self._seen_failure:
            return None
        self._seen_failure = failure["count"]
        return PlotterError(str(failure.get("message")), str(failure.get("traceback", "")))

    def close(self, lanes: int) -> None:
        """Keep what the board says, and close it."""
        if self.board is not None:
            self.board.close(lanes)


class Viewers:
    """All viewers of a run.

    Parameters
    ----------
    directory : Path
        The run directory.
    supervisor : Supervisor
        Started the first of them, and watches it.
    """

    def __init__(self, directory: Path, supervisor: Supervisor) -> None:
        self._directory = directory
        self._supervisor = supervisor
        self._files: dict[str, ViewerFiles] = {}
        self._closed_because = ""
        self._told: set[int] = set()

    def all(self) -> list[ViewerFiles]:
        """Every viewer there has been, oldest first."""
        if not self._closed_because:
            try:
                names = [entry for entry in os.listdir(self._directory) if entry.startswith("viewer-")]
            except OSError:
                names = []
            for name in names:
                self._files.setdefault(name, ViewerFiles(self._directory / name))
        return sorted(self._files.values(), key=lambda viewer: viewer.number)

    def alive(self) -> list[ViewerFiles]:
        """Those that live, or are being started; oldest first."""
        if self._closed_because:
            return []
        supervised = self._supervisor.alive
        return [viewer for viewer in self.all() if viewer.alive(supervised)]

    def primary(self) -> ViewerFiles | None:
        """The one whose results count."""
        return next(iter(self.alive()), None)

    def described(self) -> tuple[Viewer, ...]:
        """What `Server.viewers` shows."""
        supervised = self._supervisor.alive
        return tuple(viewer.described(supervised) for viewer in self.all())

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """What became of frame ``number`` of a lane, None while it is under way (0: of one that waits)."""
        alive = self.alive()
        if number:
            # Before the outcomes: a viewer writes an outcome first, and what is final then.
            final = max((viewer.counters(lane).final for viewer in alive[:1] or self.all()[:1]), default=0)
            for viewer in self.all():
                outcome = viewer.board.outcome(lane, number) if viewer.board else None
                if outcome is None:
                    continue
                if outcome.word == "failed":
                    return failed(outcome.text or "", name, number)
                if outcome.forgotten:
                    return Fate(
                        "drawn", error=ViewerError("what the plotter returned is no longer known; ask sooner")
                    )
                return Fate("drawn", text=outcome.text)
            if final >= number + OUTCOMES:
                return lost("what became of it is no longer known; ask sooner")
            if final >= number:
                return superseded()
        return None if alive else lost(self.why_gone())

    def why_gone(self) -> str:
        """Why no viewer lives, in words."""
        if self._closed_because:
            return self._closed_because
        for viewer in reversed(self.all()):
            return how_it_ended(viewer.end, viewer.state)
        return "there is no viewer"

    def problem(self) -> ViewerError | None:
        """The newest thing that went wrong, if any; a failure of the plotter is told once."""
        for viewer in reversed(self.all()):
            if problem := viewer.ending() or viewer.failure():
                return problem
        return None

    def endings(self) -> list[ViewerError]:
        """How viewers ended that did not end as they should; each is told once."""
        told = []
        for viewer in self.all():
            if viewer.number not in self._told and (ending := viewer.ending()):
                self._told.add(viewer.number)
                told.append(ending)
        return told

    def close(self, why: str, lanes: int) -> None:
        """Read what is to be known once more, and let go of the files."""
        for viewer in self.all():
            viewer.close(lanes)
        self._closed_because = why


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
