"""A figure that is drawn in full whenever it has changed: without blitting, or on a canvas without pixels to keep.

GUI thread. In: a canvas; out: the canvas, drawn, and the reason why in full.
"""

from __future__ import annotations

from typing import Any

from .blitting import Drawn
from .children import leaves_of
from .overlay import Overlay
from .silence import Silence
from .staleness import Staleness


class FullDrawer:
    """Draws one figure, as a `Blitter` does.

    Parameters
    ----------
    canvas : FigureCanvasBase
        Of the figure.
    reason : str
        Why it is drawn in full.

    Attributes
    ----------
    redrawn : bool
        Whether the toolkit has drawn it since somebody set this to False.
    """

    def __init__(self, canvas: Any, reason: str) -> None:
        self._canvas = canvas
        self._figure = canvas.figure
        self._reason = reason
        self._silence = Silence()
        self._staleness = Staleness(self._figure)
        self._overlay = Overlay(canvas, self._staleness, self._all_is_drawn)
        self._drawn = False
        self.redrawn = False

    @property
    def told(self) -> bool:
        """Whether the figure is known to have changed since it was drawn. Costs nothing."""
        return bool(self._figure.stale or self._overlay.written or not self._drawn)

    @property
    def stale(self) -> bool:
        """Whether the figure has changed since it was drawn, be it in silence."""
        return self.told or bool(self._silence.broken_by())

    def spoil(self, reason: str) -> None:
        """Nothing: all is drawn in full."""

    def draw(self) -> Drawn:
        """Draw the figure."""
        self._canvas.draw()
        self.redrawn = False
        return Drawn(self._reason)

    def _all_is_drawn(self) -> None:
        """The canvas was drawn, by us or the toolkit."""
        self._drawn = self.redrawn = True
        self._figure.stale = False
        self._staleness.listen(set(leaves_of(self._figure)))  # so that the parts of artists tell the figure
        self._staleness.clear()
        self._silence.remember(self._figure)
