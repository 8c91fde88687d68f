"""What the viewer of a mirror says, in its files there: for the source to pass on. The mirror's threads.

Its lock is never asked for: this very process holds it, and asking would drop it (see rundir.liveness).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..rundir import ViewerFiles, read_json

#: Files that tell something new whenever they are replaced, by what they are called in a report.
_FILES = {"state": "state.json", "failure": "failure.json", "sent": "sent.json"}


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

    def primary(self) -> Path:
        """The folder of the viewer whose results count."""
        return self._folder

    def changed(self) -> dict[str, Any]:
        """The records that are new since the last call, by name."""
        found = {}
        for name, file in _FILES.items():
            try:
                status = os.stat(self._folder / file)
            except OSError:
                continue
            version = status.st_ino, status.st_mtime_ns
            if self._seen.get(name) != version and (record := read_json(self._folder / file)) is not None:
                self._seen[name] = version
                found[name] = record
        return found

    def forget(self) -> None:
        """Report everything anew: another source asks."""
        self._seen.clear()

    def outcome(self, lane: int, number: int) -> dict[str, Any]:
        """What became of a frame, by the number that it has here, and the counters of its lane."""
        outcome = self._files.board.outcome(lane, number) if self._files.board else None
        counters = self._files.counters(lane)
        return {
            "word": outcome.word if outcome is not None else "",
            "text": outcome.text if outcome is not None else None,
            "drawn": counters.drawn,
            "failed": counters.failed,
            "shown": counters.shown == number,
            "fps": counters.fps,
            "draw_seconds": counters.draw_seconds,
        }
