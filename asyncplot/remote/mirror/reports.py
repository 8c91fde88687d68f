"""What the viewer of a mirror says in its files there, for the source. The mirror's thread.

In: the files of the first viewer; out: `News`. Whether that viewer lives is never asked: this very process holds
its lock, and asking would drop the lock (see rundir.liveness).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...rundir import ViewerFiles, read_json
from ..wire import FrameOutcome, News, Sent, SentValue

#: The records that are passed on. A record is new when its file has been replaced.
_RECORDS = ("state", "failure", "drawing", "sent")


class Reports:
    """Reads the files of the first viewer of a run directory.

    Parameters
    ----------
    directory : Path
        The run directory.

    Attributes
    ----------
    folder : Path
        The folder of that viewer.
    """

    def __init__(self, directory: Path) -> None:
        self.folder = directory / "viewer-1"
        self._files = ViewerFiles(self.folder)
        self._seen: dict[str, tuple[int, int]] = {}
        self._under_way: dict[int, dict[int, int]] = {}  # lane: number here -> the source's number
        self._last: dict[int, tuple[int, int]] = {}

    def expect(self, lane: int, local: int, number: int) -> None:
        """Frame ``number`` of the source is frame ``local`` here: report what becomes of it."""
        self._under_way.setdefault(lane, {})[local] = number
        self._last[lane] = local, number

    def draw_seconds(self, lane: int) -> float:
        """How long the last draw of a lane took."""
        return self._files.counters(lane).draw_seconds

    def new(self) -> News | None:
        """What is new since the last call, without answers; None if nothing is."""
        found = {name: record for name in _RECORDS if (record := self._replaced(name)) is not None}
        outcomes = tuple([outcome for lane in self._under_way for outcome in self._final(lane)])
        if not found and not outcomes:
            return None
        sent = found.get("sent")
        return News(
            state=found.get("state"),
            failure=found.get("failure"),
            drawing=found.get("drawing"),
            sent=_sent(sent) if sent is not None else None,
            outcomes=outcomes,
            answers=(),
        )

    def forget(self) -> None:
        """Report everything anew, the last frames included: another source asks."""
        self._seen.clear()
        for lane, (local, number) in self._last.items():
            self._under_way[lane][local] = number

    def _replaced(self, name: str) -> dict[str, Any] | None:
        """A record, if it has been replaced since it was read last."""
        path = self.folder / f"{name}.json"
        try:
            status = os.stat(path)
        except OSError:
            return None
        version = status.st_ino, status.st_mtime_ns
        if self._seen.get(name) == version or (record := read_json(path)) is None:
            return None
        self._seen[name] = version
        return record

    def _final(self, lane: int) -> list[FrameOutcome]:
        """What became of the frames of a lane that are no longer under way, with the counters of the lane."""
        under_way = self._under_way[lane]
        if not under_way:
            return []
        counters = self._files.counters(lane)
        outcomes = []
        for local in [local for local in under_way if local <= counters.final]:
            outcome = self._files.board.outcome(lane, local) if self._files.board else None
            outcomes.append(
                FrameOutcome(
                    lane=lane,
                    number=under_way.pop(local),
                    word=outcome.word if outcome is not None else "",
                    text=outcome.text if outcome is not None else None,
                    drawn=counters.drawn,
                    failed=counters.failed,
                    fps=counters.fps,
                    draw_seconds=counters.draw_seconds,
                    blitted=counters.blitted,
                )
            )
        return outcomes


def _sent(record: dict[str, Any]) -> Sent:
    values = record.get("values", {}).items()
    return Sent(
        values=tuple([SentValue(name, value, time_ns) for name, (value, time_ns) in values]),
        view=record.get("view"),
    )
