"""How a viewer's figures were drawn, counted. GUI thread.

In: one word for each figure that was drawn; out: ``drawing.json`` in the viewer's folder, plain data, for
`Server.stats`: why figures were drawn in full. (How often they were not stands on the board, with each frame.)
"""

from __future__ import annotations

from pathlib import Path

from ...log import logger
from ...rundir import write_json

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

    def count(self, reason: str) -> None:
        """Count one drawing; ``reason`` is why in full, or empty."""
        if not reason:
            self.blitted += 1
            return
        self._changed = True
        if reason not in self.full and len(self.full) >= _REASONS:
            reason = "other reasons"
        self.full[reason] = self.full.get(reason, 0) + 1

    def publish(self, folder: Path) -> None:
        """Write what is new: only ever after a full draw, beside which that is nothing."""
        if not self._changed:
            return
        self._changed = False
        try:
            write_json(folder / "drawing.json", {"full": self.full})
        except OSError as error:  # a full tmpfs, or the run directory is gone
            logger.debug("cannot write how figures were drawn: %s", error)
