"""Why a figure has to be drawn in full: it is compared with the last full draw. GUI thread.

In: what `Reasons.remember` noted after the last full draw, and the artists that changed since. Out: the reason in words, which
``plot.stats.full_because`` counts; empty if drawing the changed artists is enough.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from matplotlib.legend import Legend

from ..boxes import EVERYWHERE, Box
from . import privates
from .children import axes_of
from .obstacles import hangs_on_another, name_of, why_not
from .regions import clipped_to, is_plain_text, on_canvas, touched_by


@dataclasses.dataclass
class Moving:
    """A moving artist, as it was in the last full draw.

    Attributes
    ----------
    box : Box
        It draws nothing outside this box.
    clip : Box or None
        What it was clipped to; `EVERYWHERE` for texts.
    zorder : float
        Where it was in the order of artists.
    animated : bool
        Whether it was drawn above all others.
    """

    box: Box
    clip: Box | None
    zorder: float
    animated: bool

    @classmethod
    def of(cls, artist: Any, box: Box) -> Moving:
        """An artist as it is now."""
        clip = EVERYWHERE if is_plain_text(artist) else clipped_to(artist)
        return cls(box, clip, artist.zorder, artist.get_animated())


class Reasons:
    """What one figure was like in its last full draw.

    Parameters
    ----------
    canvas : FigureCanvasAgg
        It draws the figure.

    Attributes
    ----------
    limits : list of bytes
        The limits of all axes.
    spoilt : str
        Why the picture cannot be used any more, whatever changes; empty if it can.
    """

    def __init__(self, canvas: Any) -> None:
        self.limits: list[bytes] = []
        self.spoilt = ""
        self._canvas = canvas
        self._figure = canvas.figure
        self._renderer: Any = None
        self._moving: dict[Any, Moving] = {}
        self._text_sizes: dict[Any, tuple[float, float]] = {}
        self._best_legends: dict[Any, Box | None] = {}
        self._has_hanging = False

    def remember(self, order: list[Any], moving: dict[Any, Moving], renderer: Any) -> None:
        """Note what the figure is like after a full draw.

        Parameters
        ----------
        order : list of Artist
            All artists that were drawn.
        moving : dict
            Those of them that move.
        renderer : RendererAgg
            It drew them.
        """
        self.limits = limits_of(self._figure)
        self._renderer = renderer
        self._moving = moving
        self._text_sizes = {artist: _size(artist, renderer) for artist in moving if is_plain_text(artist)}
        self._best_legends = {
            artist: on_canvas(touched_by(artist, renderer), self._canvas)
            for artist in order
            if isinstance(artist, Legend) and privates.is_placed_by_data(artist)
        }
        self._has_hanging = any(hangs_on_another(artist) for artist in order)

    def in_figure(self, changed: set[Any], limits: list[bytes]) -> str:
        """The reason, as far as it can be told without computing where artists are now.

        Parameters
        ----------
        changed : set of Artist
            The artists that have changed.
        limits : list of bytes
            The limits of all axes now.
        """
        # Asking for the renderer takes 11 us. If the size has changed, the figure has changed, too.
        resized = self._figure in changed and self._canvas.get_renderer() is not self._renderer
        if resized or self._canvas.renderer is not self._renderer:
            return "the size of the canvas"
        if self.spoilt:
            return self.spoilt
        if len(self._canvas.callbacks.callbacks.get("draw_event", ())) > 1:
            return "somebody listens to draw_event"
        if limits != self.limits:
            return "limits"
        if self._has_hanging:
            return "an annotation that hangs on another artist"
        return next(filter(None, map(self._in_artist, changed)), "")

    def _in_artist(self, artist: Any) -> str:
        moving = self._moving.get(artist)
        if moving is None:
            return why_not(artist) or f"{name_of(artist)} began to change"
        if (artist.zorder, artist.get_animated()) != (moving.zorder, moving.animated):
            return "the order of artists"
        if not is_plain_text(artist) and clipped_to(artist) != moving.clip:
            return why_not(artist) or f"{name_of(artist)} is clipped to another box"
        return ""

    def in_texts(self, changed: set[Any]) -> str:
        """The reason in the size of texts: a layout may depend on it. Places titles on the way."""
        for artist in changed:
            if not is_plain_text(artist):
                continue
            axes = artist.axes
            if axes is not None and artist is axes.title:
                privates.place_titles(axes, self._renderer)
            laid_out = self._figure.get_layout_engine() is not None and artist.get_in_layout()
            if laid_out and self._text_sizes.get(artist) != _size(artist, self._renderer):
                return f"{name_of(artist)} changed its size, and so the layout"
            box = on_canvas(touched_by(artist, self._renderer), self._canvas)
            if box is not None and not self._moving[artist].box.contains(box):
                return f"{name_of(artist)} has outgrown its box"
        return ""

    def in_legends(self, stale: set[Any]) -> str:
        """The reason in legends at ``loc="best"``: they go where no data are, and count invisible lines as data."""
        if not self._best_legends:
            return ""
        axes = {getattr(artist, "axes", None) for artist in stale}
        for legend, box in self._best_legends.items():
            if legend.axes in axes and on_canvas(touched_by(legend, self._renderer), self._canvas) != box:
                return "a legend at loc='best' has moved; give it a place"
        return ""


def limits_of(figure: Any) -> list[bytes]:
    """The limits of all axes, as bytes that can be compared."""
    return [axes.viewLim.get_points().tobytes() for axes in axes_of(figure)]


def _size(text: Any, renderer: Any) -> tuple[float, float]:
    extent = text.get_window_extent(renderer)
    return extent.width, extent.height
