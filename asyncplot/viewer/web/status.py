"""What the page says of the run: its name, how fast it is, what its plot costs, and the plotter's last error. GUI thread.

In: the files of the run and of this viewer, as every other reader reads them. Out: plain data for the messages ``welcome`` and
``status``.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ...mailbox import Control
from ...rundir import ViewerFiles
from ...rundir.format import FAILURE_FILE, RUN_FILE, Closing
from ...rundir.records import Failure, RunRecord, read_record
from ...stats import Counts, summary

#: Why the run has ended, where that is not simply the end of the computation.
_WHY: dict[int, str] = {Closing.UNHELD: "nobody holds the server any more"}


class Status:
    """Reads how a run is.

    Parameters
    ----------
    run, folder : Path
        The run directory, and this viewer's folder.
    """

    def __init__(self, run: Path, folder: Path) -> None:
        self._folder = folder
        self._control = Control.open(run)
        self._files = ViewerFiles(folder)
        record = read_record(run / RUN_FILE, RunRecord) or RunRecord()
        #: What the page's title and head say.
        self.described: dict[str, Any] = {"name": record.name, "host": record.host, "started": record.since}

    def now(self, foot: str, pages: int) -> dict[str, Any]:
        """The entries of a status message.

        Parameters
        ----------
        foot : str
            The line that windows show at their foot.
        pages : int
            How many pages look.
        """
        control, now = self._control, time.monotonic()
        counts = [control.counts(lane) for lane in range(control.lane_count)]
        boards = [self._files.counters(lane) for lane in range(len(counts))]
        stats = summary(
            [Counts(*count[:4]) for count in counts], boards, {}, now=now, overhead=control.overhead
        )
        ended = control.closing != Closing.NO
        return {
            "state": "ended" if ended else "running",
            "ended": _WHY.get(control.closing, ""),
            "called": stats.called,
            "taken": stats.taken,
            "drawn": stats.drawn,
            "superseded": stats.superseded,
            "rate": 0.0 if ended else max([count.rate for count in counts], default=0.0),
            "fps": stats.fps,
            "overhead": stats.overhead,
            "taken_at": None if stats.age == float("inf") else time.time() - stats.age,
            "foot": foot,
            "failure": self._failure(),
            "clients": pages,
            "now": time.time(),
        }

    def _failure(self) -> dict[str, Any] | None:
        """What failed last, if anything did."""
        failure = read_record(self._folder / FAILURE_FILE, Failure)
        if failure is None:
            return None
        text = f"{failure.message}\n\n{failure.traceback}" if failure.traceback else failure.message
        return {"count": failure.count, "text": text}

    def close(self) -> None:
        """Close the files."""
        self._files.close(0)
        self._control.close()
