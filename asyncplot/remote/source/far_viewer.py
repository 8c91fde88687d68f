"""The far viewer as it appears beside the computation: a viewer's folder in the run directory.

In: the `News` of the mirror; out: the files that a viewer of this host would write there, for the computation to
read. The source's thread. What is written comes from another host, so it is plain data in files of fixed names.
"""

from __future__ import annotations

import os
import shutil
import time
from operator import ge
from pathlib import Path
from typing import Any

from ...errors import ViewerError
from ...mailbox import Control
from ...rundir import BoardWriter, LaneCounters, Outcome, claim, hold, write_json
from ..wire import FrameOutcome, News, Sent


class FarViewer:
    """One viewer's folder.

    Parameters
    ----------
    run : Path
        The run directory.
    number : int or None
        The viewer's number if its folder is there already; None: make one, and remove it at the end.
    control : Control
        The run's control file.
    """

    def __init__(self, run: Path, number: int | None, control: Control) -> None:
        self._own = number is None
        self.folder = claim(run) if number is None else run / f"viewer-{number}"
        hold(self.folder)
        self._control = control
        self._board = BoardWriter(self.folder)
        self._counters: list[LaneCounters] = []
        self._taken_ns: list[
            dict[int, int]
        ] = []  # of the frames that are under way, by number, for each lane
        self._sent: dict[str, tuple[Any, int, int]] = {}  # value, time here, time there

    def add_lane(self) -> None:
        """Make room for another lane."""
        self._board.add_lane(len(self._counters))
        self._counters.append(LaneCounters())
        self._taken_ns.append({})

    def expect(self, lane: int, number: int, taken_ns: int) -> None:
        """A frame that was taken at that time is sent to it."""
        self._taken_ns[lane][number] = taken_ns

    def has_drawn_all(self) -> bool:
        """Whether it is done with the newest frame of each lane."""
        newest = [self._control.newest(lane) for lane in range(self._control.lane_count)]
        final = [counters.final for counters in self._counters]
        return len(final) == len(newest) and all(map(ge, final, newest))

    def write(self, news: News, host: str) -> None:
        """Write what it says of itself, and what became of frames.

        Parameters
        ----------
        news : News
            What it says.
        host : str
            Where it is.
        """
        if news.state is not None:
            # Here the process that stands for the viewer is this one.
            self._write("state", news.state | {"pid": os.getpid(), "host": host})
        if news.failure is not None:
            self._write("failure", news.failure)
        if news.drawing is not None:
            self._write("drawing", news.drawing)
        if news.sent is not None:
            self._write("sent", {"values": self._timed_here(news.sent), "view": news.sent.view})
            self._control.sent = time.monotonic_ns()
        # Outcomes come last: who waits for a frame finds its windows, and what the plotter sent, when it is drawn.
        for outcome in news.outcomes:
            self._settle(outcome)

    def close(self) -> None:
        """Close the board, and remove the folder if it was made here."""
        self._board.close()
        if self._own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, record: dict[str, Any]) -> None:
        write_json(self.folder / f"{name}.json", record)

    def _timed_here(self, sent: Sent) -> dict[str, tuple[Any, int]]:
        """What the plotter sent, with the time at which it came here: the clock there is another one."""
        now = time.monotonic_ns()
        for name, value, time_ns in sent.values:
            if name not in self._sent or self._sent[name][2] != time_ns:
                self._sent[name] = value, now, time_ns
        return {each.name: self._sent[each.name][:2] for each in sent.values}

    def _settle(self, outcome: FrameOutcome) -> None:
        """Write on the board what became of a frame."""
        index, number, drawn = outcome.lane, outcome.number, outcome.word == "drawn"
        if index >= len(self._counters):
            raise ViewerError(
                f"it reports a frame of lane {index}, and there are {len(self._counters)} lanes"
            )
        before = self._counters[index]
        # No time: a source before this one has sent the frame.
        taken_ns = self._taken_ns[index].pop(number, 0)
        self._counters[index] = LaneCounters(
            final=number,
            drawn=outcome.drawn,
            failed=outcome.failed,
            fps=outcome.fps,
            taken_ns=taken_ns if drawn else before.taken_ns,
            draw_seconds=outcome.draw_seconds,
            blitted=outcome.blitted,
        )
        if outcome.word:
            self._board.settle(index, number, Outcome(outcome.word, outcome.text))
        self._board.count(index, self._counters[index])
