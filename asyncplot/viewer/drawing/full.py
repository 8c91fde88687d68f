"""Draws a figure in full whenever it has changed: with ``blit=False``, or on a canvas without pixels. GUI thread.

In: a canvas. Out: the canvas, drawn, and the reason why in full.
"""

from __future__ import annotations

from typing import Any

from .blitting import Drawn
from .children import leaves_of
from .overlay import Overlay
from .silence import Silence
from .staleness import Staleness


class FullDrawer:
    """Draws one figure; has the same methods as `Blitter`.

    Parameters
    ----------
    canvas : FigureCanvasBase
        Of the figure.
    reason : str
        Why it is drawn in full.

    Attributes
    ----------
    redrawn_by_toolkit : bool
        Whether the toolkit has drawn the figure since this was last set to False.
    """

    def __init__(self, canvas: Any, reason: str) -> None:
        self._canvas = canvas
        self._figure = canvas.figure
        self._reason = reason
        self._silence = Silence()
        self._staleness = Staleness(self._figure)
        self._overlay = Overlay(canvas, self._staleness, self._all_is_drawn)
        self._drawn = False
        self.redrawn_by_toolkit = False

    @property
    def known_stale(self) -> bool:
        """Whether matplotlib has told of a change since the figure was drawn. Costs nothing."""
        return bool(self._figure.stale or self._overlay.written or not self._drawn)

    @property
    def stale(self) -> bool:
        """Whether the figure has changed since it was drawn; finds changes that nobody told of, too."""
        return self.known_stale or bool(self._silence.changed())

    def spoil(self, reason: str) -> None:
        """Does nothing: every picture is drawn in full."""

    def draw(self) -> Drawn:
        """Draw the figure."""
        self._canvas.draw()
        self.redrawn_by_toolkit = False
        return Drawn(self._reason)

    def _all_is_drawn(self) -> None:
        """The canvas was drawn, by this object or by the toolkit."""
        self._drawn = self.redrawn_by_toolkit = True
        self._figure.stale = False
        self._staleness.listen(set(leaves_of(self._figure)))  # so that the parts of artists tell the figure
        self._staleness.clear()
        self._silence.remember(self._figure)
