"""Counts how a viewer's figures were drawn. GUI thread.

In: for each figure that was drawn, the reason why in full. Out: ``drawing.json`` in the viewer's folder, plain data for
`Server.stats`: how often figures were drawn in full, by reason. (The board says, with each frame, how often they were
blitted.)
"""

from __future__ import annotations

from pathlib import Path

from ...log import logger
from ...rundir import write_json

#: At most so many different reasons are counted.
_REASONS = 30


class DrawCounts:
    """How often figures were blitted and drawn in full.

    Attributes
    ----------
    blitted : int
        How often only the changes were drawn.
    full : dict of str to int
        How often a figure was drawn in full, by reason.
    """

    def __init__(self) -> None:
        self.blitted = 0
        self.full: dict[str, int] = {}
        self._changed = False

    def count(self, reason: str) -> None:
        """Count one drawing. ``reason`` says why it was in full; empty: it was blitted."""
        if not reason:
            self.blitted += 1
            return
        self._changed = True
        if reason not in self.full and len(self.full) >= _REASONS:
            reason = "other reasons"
        self.full[reason] = self.full.get(reason, 0) + 1

    def publish(self, folder: Path) -> None:
        """Write the counts if they have changed. Happens only after a full draw, which takes far longer."""
        if not self._changed:
            return
        self._changed = False
        try:
            write_json(folder / "drawing.json", {"full": self.full})
        except OSError as error:  # a full tmpfs, or the run directory is gone
            logger.debug("cannot write how figures were drawn: %s", error)
