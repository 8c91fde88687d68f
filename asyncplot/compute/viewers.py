"""The viewers of this process's run: which there are, which one is primary, and what became of a frame.

In: the files that viewers write. Out: states, outcomes and errors. Compute side, any thread. Only the methods named
``wait...`` wait. They poll the files. The primary viewer is the oldest one that lives.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import ViewerError, ViewerGone
from ..launch.child import SupervisorProcess
from ..rundir import OUTCOMES, Viewer, ViewerFiles, folders, holder, how_it_ended, primary
from ..rundir.processes import below, can_be_seen
from .patience import COMING_UP, Patience, Sight
from .pending import Fate, failed, lost, superseded

#: The sleep between two readings of the files, s.
_PAUSE = 0.002


#: How long `Viewers.url` waits for a viewer that is starting, s.
_STARTING = 20.0


class Viewers:
    """All viewers of a run.

    Parameters
    ----------
    directory : Path
        The run directory.
    supervisor : SupervisorProcess
        The process that started the first viewer, and watches it.
    """

    def __init__(self, directory: Path, supervisor: SupervisorProcess) -> None:
        self._directory = directory
        self._supervisor = supervisor
        self._files: dict[tuple[Path, int], ViewerFiles] = {}
        self._closed_because = ""
        self._last: tuple[Viewer, ...] = ()
        self._told: set[int] = set()
        self._since = time.monotonic()

    def all(self) -> list[ViewerFiles]:
        """All viewers, oldest first: each one that was started, and those that attached and still live."""
        if not self._closed_because:
            try:
                # A viewer that detaches removes its folder. The next viewer may get the same number.
                found = set(folders(self._directory).items())
            except OSError:
                found = set(self._files)
            for key in set(self._files) - found:
                if (gone := self._files.pop(key, None)) is not None:  # another thread may have been first
                    gone.close(0)
            for key in found - set(self._files):
                self._files.setdefault(key, ViewerFiles(key[0]))
        return sorted(self._files.values(), key=lambda viewer: viewer.number)

    def alive(self) -> list[ViewerFiles]:
        """The viewers that live or are starting, oldest first."""
        if self._closed_because:
            return []
        supervised = self._supervisor.alive
        return [viewer for viewer in self.all() if viewer.alive(supervised)]

    def primary(self) -> ViewerFiles | None:
        """The viewer whose results count; None if none lives."""
        return primary(self.alive())

    def main(self) -> ViewerFiles | None:
        """The primary viewer. If none lives, the first one that there was; None if there was none."""
        return primary(self.alive() or self.all())

    def described(self) -> tuple[Viewer, ...]:
        """The value of `Server.viewers`. After `close`: the viewers at that time."""
        if self._closed_because:
            return self._last
        supervised = self._supervisor.alive
        return tuple(viewer.described(supervised) for viewer in self.all())

    def wait_until_gone(self, viewer: ViewerFiles, timeout: float) -> bool:
        """Wait until this viewer has ended. False after ``timeout`` s."""
        deadline = time.monotonic() + timeout
        while viewer in self.alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def wait_for(self, condition: Callable[[ViewerFiles], bool], deadline: float) -> bool:
        """Wait until the condition holds for the primary viewer. False at the deadline, and without a viewer."""
        while (viewer := self.primary()) is not None:
            if condition(viewer):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return False

    def wait_until_ended(self, timeout: float) -> None:
        """Wait until the primary viewer says that it has ended, at most ``timeout`` s."""
        self.wait_for(lambda viewer: viewer.state.phase == "ended", time.monotonic() + timeout)

    def url(self) -> str:
        """The URL of the primary viewer's page; empty if it has none. Waits while that viewer is starting, at most 20 s."""
        deadline = time.monotonic() + _STARTING
        self.wait_for(lambda viewer: viewer.state.phase != "starting" or bool(viewer.state.url), deadline)
        viewer = self.primary()
        return viewer.state.url if viewer is not None else ""

    def wait_until_closed(self) -> None:
        """Wait until the user has closed the windows of all viewers; at once if there are none."""
        while alive := self.alive():
            states = [viewer.state for viewer in alive]
            if all(state.phase == "ready" and not state.windows for state in states):
                return
            time.sleep(10 * _PAUSE)

    def patience(self, *, patient: bool, unhurried: bool) -> Patience:
        """How long `close` waits for the last picture."""
        now = time.monotonic()
        far = self._supervisor.far
        return Patience(now, age=now - self._since, patient=patient, far=far, unhurried=unhurried)

    def sight(self, lanes: int) -> Sight:
        """What can be seen of the primary viewer now."""
        viewer = self.primary()
        if viewer is None:
            return Sight(phase="ended")
        phase = viewer.state.phase
        if phase == "ready":
            counters = [viewer.counters(number) for number in range(lanes)]
            return Sight(
                phase,
                progress=tuple(each.final for each in counters),
                usual=sum(each.draw_seconds for each in counters),
            )
        ticks, runs = self._movement(viewer)
        return Sight(phase, ticks, runs)

    def _movement(self, viewer: ViewerFiles) -> tuple[int, bool]:
        """The CPU time that a viewer's processes used, in ticks, and whether one of them could run."""
        if not self._supervisor.is_up and time.monotonic() < self._since + COMING_UP:
            return 0, True  # there is no viewer's process yet
        if not can_be_seen():
            return 0, True
        pid = self._supervisor.pid if viewer.is_own else holder(viewer.directory)
        processes = below(pid, itself=not viewer.is_own) if pid else []
        return sum(process.ticks for process in processes), any(
            process.state in "RD" for process in processes
        )

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """The final state of frame ``number`` of a lane; None if it has none yet. 0 stands for a waiting frame."""
        alive = self.alive()
        if number:
            # Read ``final`` before the outcomes: a viewer writes an outcome first, and ``final`` after it.
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
                        "drawn",
                        error=ViewerError("what the plotter returned is no longer kept; read it sooner"),
                    )
                return Fate("drawn", text=outcome.text)
            if final >= number + OUTCOMES:
                return lost("what became of it is no longer kept; read the result sooner")
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
        """The newest error, if there is one. An error of the plotter is returned once."""
        for viewer in reversed(self.all()):
            if problem := viewer.ending() or viewer.failure():
                return problem
        why = self._supervisor.problem if not self._closed_because else ""
        return ViewerGone(why) if why else None

    def endings(self) -> list[ViewerError]:
        """The errors of viewers that did not end as they should. Each is returned once."""
        told = []
        for viewer in self.all():
            if viewer.number not in self._told and (ending := viewer.ending()):
                self._told.add(viewer.number)
                told.append(ending)
        return told

    def close(self, why: str, lanes: int) -> None:
        """Read the final states once more, and close the files."""
        self._last = tuple(
            dataclasses.replace(viewer, phase="ended", windows=0, pages=0, ended=viewer.ended or why)
            for viewer in self.described()
        )
        self._let_go(why, lanes)

    def abandon(self, why: str) -> None:
        """Close the files in a forked child."""
        self._let_go(why, 0)

    def _let_go(self, why: str, lanes: int) -> None:
        for viewer in self.all():
            viewer.close(lanes)
        self._closed_because = why
