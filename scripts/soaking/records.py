"""Records: each file that a viewer or the supervisor writes is spoiled in some way, and then everything is asked.

In: count and seed. Out: an `Outcome`. Each case is one spoiled file of a viewer that is made by hand, in a run of a worker process.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncplot
from asyncplot import commands
from asyncplot.rundir import BoardWriter, LaneCounters, process_record, write_json
from asyncplot.rundir import Outcome as FrameOutcome
from asyncplot.rundir import format as layout

from . import spoiling, worker
from .asking import wrong_answers, wrongly_raised
from .hostile import PLOTTERS
from .outcome import Campaign, Case, Missed, Outcome, allowed
from .place import place

#: The records of JSON, as a viewer and the supervisor write them.
RECORDS: dict[str, dict[str, Any]] = {
    "state.json": {
        **process_record(),
        "phase": "ready",
        "windows": 1,
        "backend": "offscreen",
        "matplotlib_backend": "agg",
        "reason": "it was asked for",
        "versions": {"asyncplot": "1", "matplotlib": "3"},
        "control": "listening",
        "fault": "plotter",
        "error": "ValueError: mine",
        "traceback": "Traceback ...",
    },
    "end.json": {
        "command": ["python", "-c"],
        "exit": 1,
        "how": "exited with code 1",
        "ordinary": False,
        "announced": True,
        "tail": "the end",
        "at": time.time(),
    },
    "failure.json": {"of": "plotter", "count": 1, "message": "update raised", "traceback": "Traceback ..."},
    "drawing.json": {"full": {"axes have changed": 3}},
    "windows.json": {"windows": [[0, 0, 640, 480]]},
    "sent.json": {"values": {"energy": [1.5, 1]}, "view": {"axes": [[0, 1]]}},
}

KINDS = (*RECORDS, "board", "control", "folder")

#: How long all questions may take, and `close`, s; one case in so many closes the run.
_ASKING, _CLOSING, _CLOSES = 1.0, 2.0, 10

#: After so many runs that went wrong the process is another one.
_BROKEN = 20


def run(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign."""
    with place() as here:
        return worker.carried_out("soaking.records", here, count, seed, kinds)


class Run:
    """One run, with one viewer that is made by hand."""

    def __init__(self) -> None:
        self.plot = asyncplot.Server(PLOTTERS["quick"], viewer=None, name="spoiled")
        self.folder = self.plot.directory / "viewer-1"
        self.pending: Any = None
        self._number = 0

    def add_viewer(self, ended: bool) -> None:
        """Make the files of a viewer that has drawn the newest frame."""
        self._number = number = self._number + 1
        self.pending = self.plot.update(number)
        self.plot.flush(0.0)
        self.folder.mkdir()
        (self.folder / "log").touch()
        for name, record in RECORDS.items():
            if name != "end.json" or ended:
                write_json(self.folder / name, record)
        board = BoardWriter(self.folder)
        board.add_lane(0)
        board.settle(0, number, FrameOutcome("drawn", "1"))
        board.count(0, LaneCounters(final=number, drawn=number, draw_seconds=0.01))
        board.close()

    def repair(self) -> None:
        """Remove the viewer's files, whatever they are now, and let go who still waits for one; a right count of lanes."""
        _write_word(self.plot.directory, layout.CONTROL_LANES, 1)
        for path in [self.folder, *self.folder.glob("*")]:
            if path.is_fifo():
                os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        for path in self.plot.directory.glob("viewer*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()

    def close(self) -> str:
        """Close the run; what was wrong with that, in words."""
        start = time.monotonic()
        raised = wrongly_raised(self.plot.close)
        seconds = time.monotonic() - start
        if raised:
            return f"close: {raised}"
        if seconds > allowed(_CLOSING):
            return f"close took {seconds:.1f} s"
        deadline = time.monotonic() + allowed(_CLOSING)
        while self.plot.directory.exists():
            if time.monotonic() > deadline:
                return "close left the run directory"
            time.sleep(0.01)
        return ""


class Bench:
    """Spoils a file of a run, and asks. The run is another one when it was closed, or something went wrong."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._broken: list[Run] = []  # held, as the end of one would disturb the next
        self._number = 0

    def carry_out(self, case: Case) -> None:
        """One case."""
        if len(self._broken) == _BROKEN:
            raise worker.Spent
        worker.limit(_CLOSING)
        run, self._run = self._run or Run(), None
        run.add_viewer(case.kind == "end.json" or case.chance.random() < 0.3)
        how = _spoiled(run, case.kind, case.chance)
        try:
            wrong = _asked(run, closes=case.chance.random() < 1 / _CLOSES)
        except worker.TookTooLong as late:
            late.add_note(how)
            self._put_away(run)
            raise
        if wrong:
            self._put_away(run)
            raise Missed(f"{how}: {'; '.join(wrong)}")
        if run.plot.directory.exists():
            run.repair()
            self._run = run

    def _put_away(self, run: Run) -> None:
        """End a run with which something is wrong, as far as that can be done."""
        self._broken.append(run)
        worker.limit(_CLOSING)
        with contextlib.suppress(Exception, worker.TookTooLong):
            run.repair()
            run.plot.close()


def _asked(run: Run, *, closes: bool) -> list[str]:
    """Ask everything, and perhaps close the run; what was wrong, in words."""
    worker.limit(_ASKING)
    wrong = wrong_answers(run.plot, run.pending)
    if raised := wrongly_raised(_listed):
        wrong.append(f"asyncplot list: {raised}")
    if closes:
        worker.limit(2 * _CLOSING)
        wrong += filter(None, [run.close()])
    return wrong


def _listed() -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        commands.main(["list"])


def _spoiled(run: Run, kind: str, chance: random.Random) -> str:
    """Spoil what a kind names; says how, in words."""
    if kind == "folder":
        return spoiling.folder(run.folder, chance)
    if kind == "board":
        return spoiling.board(run.folder / "board", chance)
    if kind == "control":
        return _spoiled_control(run.plot.directory, chance)
    return spoiling.record(run.folder / kind, RECORDS[kind], chance)


def _spoiled_control(directory: Path, chance: random.Random) -> str:
    """Write numbers into the words that a viewer or the supervisor may write."""
    words: dict[str, int] = {
        "notices": layout.CONTROL_NOTICES,
        "sent": layout.CONTROL_SENT,
        "lanes": layout.CONTROL_LANES,
        "asked": layout.LANE_FIRST_WORD + layout.LANE_ASKED,
        "newest": layout.LANE_FIRST_WORD + layout.LANE_NEWEST,
    }
    name = chance.choice(list(words))
    value: int = chance.choice([0, 1, 2**16, 2**40, 2**63, 2**64 - 1, chance.getrandbits(64)])
    _write_word(directory, words[name], value)
    return f"{name} = {value}"


def _write_word(directory: Path, word: int, value: int) -> None:
    with open(directory / "control", "r+b") as file:
        file.seek(word * layout.WORD)
        file.write(value.to_bytes(layout.WORD, sys.byteorder))


CAMPAIGN = Campaign(
    name="records",
    what="A file that a viewer or the supervisor writes is spoiled: wrong types, deep, huge, torn, a FIFO, a folder, gone",
    bar="check, viewers, stats, flush, pending, received, runs, asyncplot list and close raise nothing but AsyncplotError, "
    "and take their time at most",
    kinds=KINDS,
    function=run,
    long=10_000,
    short=25 * len(KINDS),
)

if __name__ == "__main__":
    worker.serve(Bench().carry_out)
