"""What the viewer of a mirror says, in its files there: for the source to pass on. The mirror's threads.

Its lock is never asked for: this very process holds it, and asking would drop it (see rundir.liveness).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..rundir import ViewerFiles, read_json

#: Files that tell something new whenever they are replaced, by what they are called in a report.
_FILES = {"state": "state.json", "failure": "failure.json", "sent": "sent.json", "drawing": "drawing.json"}


class Reports:
    """Reads the files of the first viewer of a run directory.

    Parameters
    ----------
    directory : Path
        The run directory.
    """

    def __init__(self, directory: Path) -> None:
        self._folder = directory / "viewer-1"
        self._files = ViewerFiles(self._folder)
        self._seen: dict[str, tuple[int, int]] = {}
        self._under_way: dict[int, dict[int, int]] = {}  # lane: number here -> the source's number
        self._last: dict[int, tuple[int, int]] = {}

    def primary(self) -> Path:
        """The folder of the viewer whose results count."""
        return self._folder

    def note(self, lane: int, local: int, number: int) -> None:
        """Note that frame ``number`` of the source's is frame ``local`` here."""
        self._under_way.setdefault(lane, {})[local] = number
        self._last[lane] = local, number

    def draw_seconds(self, lane: int) -> float:
        """How long the last draw of a lane took."""
        return self._files.counters(lane).draw_seconds

    def changed(self) -> dict[str, Any]:
        """The records that are new since the last call, by name; and ``frames``: what became of which."""
        found: dict[str, Any] = {}
        for name, file in _FILES.items():
            try:
                status = os.stat(self._folder / file)
            except OSError:
                continue
            version = status.st_ino, status.st_mtime_ns
            if self._seen.get(name) != version and (record := read_json(self._folder / file)) is not None:
                self._seen[name] = version
                found[name] = record
        frames = [outcome for lane in list(self._under_way) for outcome in self._final(lane)]
        return {**found, "frames": frames} if frames else found

    def forget(self) -> None:
        """Report everything anew, the last frames included: another source asks."""
        self._seen.clear()
        for lane, (local, number) in self._last.items():
            self._under_way[lane][local] = number

    def _final(self, lane: int) -> list[dict[str, Any]]:
        """What became of the frames that are no longer under way, with the counters of their lane."""
        counters = self._files.counters(lane)
        under_way = self._under_way[lane]
        outcomes = []
        for local in [local for local in list(under_way) if local <= counters.final]:
            outcome = self._files.board.outcome(lane, local) if self._files.board else None
            outcomes.append(
                {
                    "lane": lane,
                    "number": under_way.pop(local),
                    "word": outcome.word if outcome is not None else "",
                    "text": outcome.text if outcome is not None else None,
                    "drawn": counters.drawn,
                    "failed": counters.failed,
                    "fps": counters.fps,
                    "draw_seconds": counters.draw_seconds,
                    "blitted": counters.blitted,
                }
            )
        return outcomes
