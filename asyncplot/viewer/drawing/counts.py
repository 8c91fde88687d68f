"""How a viewer's figures were drawn, counted: ``drawing.json`` in its folder. GUI thread.

In: one word for each figure that was drawn; out: a small file, plain data, for `Server.stats`.
"""

from __future__ import annotations

import time
from pathlib import Path

from ...log import logger
from ...rundir import write_json

#: The file is written no more often than this, s.
_PUBLISHED = 0.2

#: How many reasons are told apart.
_REASONS = 30


class Drawing:
    """Counts.

    Attributes
    ----------
    blitted : int
        How often only what changed was drawn.
    full : dict of str to int
        How often a figure was drawn in full, by reason.
    """

    def __init__(self) -> None:
        self.blitted = 0
        self.full: dict[str, int] = {}
        self._changed = False
        self._written = 0.0

    def count(self, reason: str) -> None:
        """Count one drawing; ``reason`` is why in full, or empty."""
        self._changed = True
        if not reason:
            self.blitted += 1
            return
        if reason not in self.full and len(self.full) >= _REASONS:
            reason = "other reasons"
        self.full[reason] = self.full.get(reason, 0) + 1

    def publish(self, folder: Path, *, now: bool = False) -> None:
        """Write what is new, if it is time to."""
        if not self._changed or (not now and time.monotonic() - self._written < _PUBLISHED):
            return
        self._changed = False
        self._written = time.monotonic()
        try:
            write_json(folder / "drawing.json", {"blitted": self.blitted, "full": self.full})
        except OSError as error:  # a full tmpfs, or the run directory is gone
            logger.debug("cannot write how figures were drawn: %s", error)
