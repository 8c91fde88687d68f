"""The viewers of the run of this process: which there are, which counts, what became of a frame.

Compute side, any thread; by the files that the viewers write, never by waiting.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import ViewerError, ViewerGone
from ..launch.child import SupervisorProcess
from ..rundir import OUTCOMES, Viewer, ViewerFiles, how_it_ended, primary
from .pending import Fate, failed, lost, superseded

#: How long `close` waits, s: for a viewer that is still starting; for one that draws its first frame; and,
#: beyond the length of a usual draw, for one that is drawing.
STARTING, FIRST, DRAWING = 20.0, 2.0, 0.2

#: How long to sleep between two looks, s.
_PAUSE = 0.002

#: How the folders of viewers begin.
_FOLDER = "viewer-"


class Viewers:
    """All viewers of a run.

    Parameters
    ----------
    directory : Path
        The run directory.
    supervisor : SupervisorProcess
        Started the first of them, and watches it.
    """

    def __init__(self, directory: Path, supervisor: SupervisorProcess) -> None:
        self._directory = directory
        self._supervisor = supervisor
        self._files: dict[tuple[str, int], ViewerFiles] = {}
        self._closed_because = ""
        self._last: tuple[Viewer, ...] = ()
        self._told: set[int] = set()

    def all(self) -> list[ViewerFiles]:
        """Every viewer there has been, oldest first; of those that had attached, the living ones only."""
        if not self._closed_because:
            try:
                # Not `scandir`: an interrupt between its return and a `with` would leave it open.
                names = [name for name in os.listdir(self._directory) if name.startswith(_FOLDER)]
                # Who detaches removes its folder, and the next one may have its number.
                found = {(name, os.stat(self._directory / name).st_ino) for name in names}
            except OSError:
                found = set(self._files)
            for key in set(self._files) - found:
                if (gone := self._files.pop(key, None)) is not None:  # another thread may have been first
                    gone.close(0)
            for key in found - set(self._files):
                self._files.setdefault(key, ViewerFiles(self._directory / key[0]))
        return sorted(self._files.values(), key=lambda viewer: viewer.number)

    def alive(self) -> list[ViewerFiles]:
        """Those that live, or are being started; oldest first."""
        if self._closed_because:
            return []
        supervised = self._supervisor.alive
        return [viewer for viewer in self.all() if viewer.alive(supervised)]

    def primary(self) -> ViewerFiles | None:
        """The primary one, if any lives."""
        return primary(self.alive())

    def main(self) -> ViewerFiles | None:
        """The primary one of those that live or, if none lives, of all that there were."""
        return primary(self.alive() or self.all())

    def described(self) -> tuple[Viewer, ...]:
        """What `Server.viewers` shows; after the end, who was there at the end."""
        if self._closed_because:
            return self._last
        supervised = self._supervisor.alive
        return tuple(viewer.described(supervised) for viewer in self.all())

    def wait_until_gone(self, viewer: ViewerFiles, timeout: float) -> bool:
        """Wait until this one has ended; False at the time-out."""
        deadline = time.monotonic() + timeout
        while viewer in self.alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def wait_for(self, condition: Callable[[ViewerFiles], bool], deadline: float) -> bool:
        """Wait until the condition holds for the primary one; False without one, and at the deadline."""
        while (viewer := self.primary()) is not None:
            if condition(viewer):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return False

    def wait_until_closed(self) -> None:
        """Wait until the user has closed the windows of all; at once where there are none."""
        while alive := self.alive():
            states = [viewer.state for viewer in alive]
            if all(state.get("phase") == "ready" and not state.get("windows") for state in states):
                return
            time.sleep(10 * _PAUSE)

    def last_draw(self, lanes: int, *, patient: bool) -> float:
        """How long the last draw may take, s: a usual one, or the first one of a viewer that starts."""
        viewer = self.primary()
        if viewer is None:
            return 0.0
        phase = viewer.state.get("phase", "starting")
        if phase != "ready":
            return (
                {"starting": STARTING, "making": STARTING, "drawing": FIRST}.get(phase, 0.0)
                if patient
                else DRAWING
            )
        usual = [viewer.counters(number).draw_seconds for number in range(lanes)]
        return DRAWING + 2.0 * sum(usual)

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """What became of frame ``number`` of a lane, None while it is under way (0: of one that waits)."""
        alive = self.alive()
        if number:
            # Before the outcomes: a viewer writes an outcome first, and what is final then.
            main = primary(alive or self.all())
            final = main.counters(lane).final if main is not None else 0
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
            if viewer.end is None and (why := self._supervisor.problem):
                return why
            return how_it_ended(viewer.end, viewer.state)
        return "there is no viewer"

    def problem(self) -> ViewerError | None:
        """The newest thing that went wrong, if any; a failure of the plotter is told once."""
        for viewer in reversed(self.all()):
            if problem := viewer.ending() or viewer.failure():
                return problem
        why = self._supervisor.problem if not self._closed_because else ""
        return ViewerGone(why) if why else None

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
        self._last = tuple(
            dataclasses.replace(viewer, phase="ended", windows=0, ended=viewer.ended or why)
            for viewer in self.described()
        )
        self._let_go(why, lanes)

    def abandon(self, why: str) -> None:
        """Let go of the files, in the child of a fork."""
        self._let_go(why, 0)

    def _let_go(self, why: str, lanes: int) -> None:
        for viewer in self.all():
            viewer.close(lanes)
        self._closed_because = why
