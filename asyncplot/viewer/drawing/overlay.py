"""Draws the animated artists of one canvas over all others, and serves plotters that blit by themselves. GUI thread.

matplotlib leaves artists with ``animated=True`` out of its draws. It expects the plotter to draw them over a background
that the plotter keeps (``copy_from_bbox``, ``restore_region``, ``draw_artist``, ``blit``). Here each draw of the canvas,
by asyncplot or by the toolkit, also draws them, after all others. So they are seen without any of these calls. A plotter
that does make these calls gets what it expects: a background without the animated artists.

In: calls of the canvas's methods, which are replaced by attributes of the canvas. Out: the canvas with the animated
artists on top; and `put_back`, which removes what the plotter has drawn by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backend_bases import DrawEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import FigureBase

from .layers import Pixels, pixels_of
from .staleness import Staleness


class Overlay:
    """The animated artists of one canvas, and what its plotter draws by itself.

    Parameters
    ----------
    canvas : FigureCanvasBase
        Its ``draw``, ``copy_from_bbox`` and ``restore_region`` are replaced.
    staleness : Staleness
        Of the figure. It does not hear of draws that nobody sees.
    drawn : callable
        Called after each draw of the canvas, whoever asked for it.
    """

    def __init__(self, canvas: Any, staleness: Staleness, drawn: Callable[[], None]) -> None:
        self._canvas = canvas
        self._drawn = drawn
        self._staleness = staleness
        self._canvas_draw = canvas.draw
        self._on_top = False
        self._without: Pixels | None = None
        self._shown: Pixels | None = None
        vars(canvas)["draw"] = self._draw
        self._has_pixels = issubclass(type(canvas), FigureCanvasAgg)
        if self._has_pixels:
            self._copy, self._restore = canvas.copy_from_bbox, canvas.restore_region
            vars(canvas).update(copy_from_bbox=self._copy_from_bbox, restore_region=self._restore_region)

    @property
    def written(self) -> bool:
        """Whether the plotter has drawn on the canvas by itself since the last picture."""
        return self._shown is not None

    def put_back(self) -> bool:
        """Put back what the canvas showed before the plotter drew on it; False if it did not."""
        shown, self._shown = self._shown, None
        if shown is None:
            return False
        self._set_pixels(shown)
        return True

    def forget_background(self) -> None:
        """Artists were blitted, so the picture without the animated ones is no longer known."""
        self._without = None

    # --- what the plotter and the toolkit call ---------------------------------------------------------

    def _draw(self, *arguments: Any, **options: Any) -> None:
        """Have the toolkit draw; the animated artists are drawn after all others, before the picture is shown."""
        figure = self._canvas.figure
        own, draw = vars(figure).get("draw"), figure.draw

        def draw_all(renderer: Any) -> None:
            above = [] if self._canvas.is_saving() else list(animated_in(figure))
            draw(renderer) if not above else self._draw_in_layers(draw, renderer, above)

        self._on_top = False
        self._without = None
        figure.draw = draw_all
        try:
            self._canvas_draw(*arguments, **options)
        finally:
            if own is None:
                del figure.draw
            else:
                figure.draw = own
        self._shown = None
        self._drawn()

    def _draw_in_layers(self, draw: Callable[[Any], None], renderer: Any, above: list[Any]) -> None:
        """Draw a figure, then the animated artists. Listeners to ``draw_event`` find the picture without these.

        What listeners draw is removed again. As a rule it is the animated artists, which would be there twice.
        """
        callbacks = self._canvas.callbacks
        event: Any = DrawEvent  # it has no annotations
        with callbacks.blocked(signal="draw_event"):
            draw(renderer)
        self._without = self._pixels()
        callbacks.process("draw_event", event("draw_event", self._canvas, renderer))
        self._set_pixels(self._without)
        for artist in above:
            artist.draw(renderer)
        self._on_top = True

    def _copy_from_bbox(self, bbox: Any) -> Any:
        """The background that the plotter asks for, without the animated artists."""
        if not self._on_top or self.written:
            return self._copy(bbox)
        shown = self._pixels()
        if self._without is None:
            renderer = self._canvas.get_renderer()
            renderer.clear()
            with self._canvas.callbacks.blocked(signal="draw_event"), self._staleness.deaf():
                self._canvas.figure.draw(renderer)
            self._without = self._pixels()
        self._set_pixels(self._without)
        region = self._copy(bbox)
        self._set_pixels(shown)
        return region

    def _restore_region(self, *arguments: Any, **options: Any) -> None:
        """Called when the plotter begins to draw by itself: keep what the canvas shows now."""
        if self._shown is None:
            self._shown = self._pixels()
        self._restore(*arguments, **options)

    # --- pixels ----------------------------------------------------------------------------------------

    def _pixels(self) -> Pixels | None:
        """A copy of the canvas's pixels; None if it has none."""
        return pixels_of(self._canvas).copy() if self._has_pixels else None

    def _set_pixels(self, pixels: Pixels | None) -> None:
        if pixels is None:
            return
        now = pixels_of(self._canvas)
        if now.shape == pixels.shape:  # otherwise the window was resized since, and is drawn in full
            now[:] = pixels


def animated_in(branch: Any) -> Iterator[Any]:
    """The visible animated artists of a figure, in the order in which they draw.

    Without the backgrounds of figures and axes, which matplotlib always draws.
    """
    for artist in sorted(branch.get_children(), key=lambda artist: float(artist.get_zorder())):
        if not artist.get_visible() or artist is branch.patch:
            continue
        if artist.get_animated():
            yield artist
        elif isinstance(artist, Axes | FigureBase):
            yield from animated_in(artist)
