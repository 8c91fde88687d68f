"""Automatic blitting: of a figure only the artists that changed are drawn, over a picture of all others.

GUI thread, one `Blitter` a figure. In: which artists changed (`Staleness`); out: the canvas, equal to the pixel to
what a full draw would give, and the `Drawn` that says how that was done.

A full draw is recorded: in which order the artists draw. Those that change from frame to frame are *moving*. Boxes of
moving artists that touch are one *region*. The next full draw keeps the pixels of each region as they are just before
the first of its moving artists draws; from then on a frame is these pixels, the moving artists, and what stands
above them (`Region`), in the regions in which something changed.

What cannot be exact this way is drawn in full, and `Drawn.reason` tells why: limits, ticks, layout, children, size,
and whatever is not clipped to its axes.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from matplotlib.legend import Legend

from . import privates
from .children import axes_of, leaves_of
from .layers import Pixels, Region, merged, pixels_of, put_above
from .obstacles import hangs_on_another, is_blank, name_of, why_not
from .overlay import Overlay
from .regions import EVERYWHERE, Box, clipped_to, is_plain_text, touched_by
from .silence import Silence
from .staleness import Staleness

#: A moving artist that did not move in this many frames is left to the full draw again.
_PATIENCE = 30

#: Room to both sides of a moving text, for longer ones, in pixels.
_ROOM = 40.0


class Drawn(NamedTuple):
    """How a figure was drawn: ``reason`` is why in full, or empty if it was blitted; ``box`` holds what changed."""

    reason: str
    box: Box | None = None


@dataclasses.dataclass
class _Moving:
    """A moving artist: its box, what it was clipped to (texts: nothing), where it stood, and whether on top of all."""

    box: Box
    clip: Box | None
    zorder: float
    animated: bool


class Blitter:
    """Draws one figure.

    Parameters
    ----------
    canvas : FigureCanvasAgg
        Of the figure.

    Attributes
    ----------
    redrawn : bool
        Whether the toolkit has drawn it since somebody set this to False.
    """

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._figure = canvas.figure
        self._staleness = Staleness(self._figure)
        self._silence = Silence()
        self._overlay = Overlay(canvas, self._staleness, self._drawn_in_full)
        self._frames = 0
        self._moved: dict[Any, int] = {}
        self._order: list[Any] = []
        self._leaves: set[Any] = set()
        self._regions: list[Region] = []
        self._moving: dict[Any, _Moving] = {}
        self._blank: set[Any] = set()
        self._searching: dict[Any, Box | None] = {}
        self._limits: list[bytes] = []
        self._sizes: dict[Any, tuple[float, float]] = {}
        self._renderer: Any = None
        self._pixels: Pixels
        self._drawing = False
        self._spoilt = ""
        self.redrawn = False
        self._hanging = False
        canvas.mpl_connect(
            "draw_event", self._drawn_in_full
        )  # by `savefig`, too, which comes not by the canvas

    @property
    def told(self) -> bool:
        """Whether the figure is known to have changed since it was drawn. Costs nothing."""
        heard = self._figure.stale or self._staleness.heard or self._overlay.written
        return bool(heard or not self._order)

    @property
    def stale(self) -> bool:
        """Whether the figure has changed since it was drawn, be it in silence."""
        return self.told or bool(self._silence.broken_by())

    def spoil(self, reason: str) -> None:
        """Have the next picture drawn in full; ``reason`` says why."""
        self._spoilt = self._spoilt or reason

    def draw(self) -> Drawn:
        """Draw the figure into its canvas, by the cheapest way that is exact."""
        try:
            return self._draw()
        except BaseException:
            self._order = []  # the picture is half a one: begin anew
            raise

    def _draw(self) -> Drawn:
        self._frames += 1
        written = self._overlay.put_back()
        limits = _limits(self._figure)  # may carry out an autoscale put off, which the staleness hears
        stale = self._staleness.settle()
        # (New limits change transforms, and are drawn in full anyway.)
        if limits == self._limits:
            stale |= self._silence.broken_by(stale)
        changed = {artist for artist in stale if not (artist in self._blank and is_blank(artist))}
        for artist in changed:
            self._moved[artist] = self._frames
        reason = self._why_in_full(changed, limits)
        if not reason and not stale and not self._staleness.heard and not written:
            reason = "not known"
        regions = [] if reason else self._regions_of(changed)
        if not reason:
            reason = self._why_text_in_full(changed) or self._why_legend_in_full(stale)
        if reason:
            self._draw_in_full()
            return Drawn(reason)
        for region in regions:
            region.draw(self._pixels, self._renderer)
            self._overlay.changed()
        self._silence.renew({*stale, *(artist for region in regions for artist in region.moving)})
        self._all_is_drawn()
        boxes = [Box(0, 0, *self._extent)] if written else [region.box for region in regions]
        return Drawn("", functools.reduce(Box.joined, boxes) if boxes else None)

    # --- what can be exact -------------------------------------------------------------------------

    def _why_in_full(self, changed: set[Any], limits: list[bytes]) -> str:
        """Why the figure must be drawn in full; empty if it need not."""
        if not self._order:
            return "the first picture"
        # To ask for the renderer takes 11 us: where the size has changed, the figure has.
        resized = self._figure in changed and self._canvas.get_renderer() is not self._renderer
        if resized or self._canvas.renderer is not self._renderer:
            return "the size of the canvas"
        if self._spoilt:
            return self._spoilt
        if len(self._canvas.callbacks.callbacks.get("draw_event", ())) > 1:
            return "somebody listens to draw_event"
        if limits != self._limits:
            return "limits"
        if self._hanging:
            return "an annotation that hangs on another artist"
        for artist in changed:
            if artist not in self._moving:
                return why_not(artist) or f"{name_of(artist)} began to change"
            moving = self._moving[artist]
            if (artist.zorder, artist.get_animated()) != (moving.zorder, moving.animated):
                return "the order of artists"
            if not is_plain_text(artist) and clipped_to(artist) != moving.clip:
                return why_not(artist) or f"{name_of(artist)} is clipped to another box"
        return ""

    def _why_text_in_full(self, changed: set[Any]) -> str:
        """Titles are placed, and a layout may depend on the size of a text."""
        for artist in changed:
            if not is_plain_text(artist):
                continue
            axes = artist.axes
            if axes is not None and artist is axes.title:
                privates.place_titles(axes, self._renderer)
            laid_out = self._figure.get_layout_engine() is not None and artist.get_in_layout()
            if laid_out and self._sizes.get(artist) != _size(artist, self._renderer):
                return f"{name_of(artist)} changed its size, and so the layout"
            box = self._on_canvas(touched_by(artist, self._renderer))
            if box is not None and not self._moving[artist].box.contains(box):
                return f"{name_of(artist)} has outgrown its box"
        return ""

    def _why_legend_in_full(self, stale: set[Any]) -> str:
        """A legend at ``loc="best"`` goes where the data are not, those of invisible lines included."""
        if not self._searching:
            return ""
        axes = {getattr(artist, "axes", None) for artist in stale}
        for legend, box in self._searching.items():
            if legend.axes in axes and self._on_canvas(touched_by(legend, self._renderer)) != box:
                return "a legend at loc='best' has moved; give it a place"
        return ""

    def _on_canvas(self, box: Box | None) -> Box | None:
        return None if box is None else box.within(*self._extent)

    @property
    def _extent(self) -> tuple[int, int]:
        width, height = self._canvas.get_width_height(physical=True)
        return width, height

    def _regions_of(self, changed: set[Any]) -> list[Region]:
        return [region for region in self._regions if not changed.isdisjoint(region.moving)]

    # --- full draws --------------------------------------------------------------------------------

    def _draw_in_full(self) -> None:
        """Draw everything; where artists are known to move, keep what is below them on the way."""
        renderer = self._canvas.get_renderer()
        leaves, before = set(leaves_of(self._figure)), self._order
        regions = self._plan(renderer) if leaves == self._leaves else []
        self._full_draw(regions)
        if regions and (self._order != before or not _same(regions, self._plan(renderer))):
            regions = []  # positions are others now than those that the plan was made with
        if not regions:
            self._moving = {}
        self._leaves = leaves
        self._regions = regions
        self._renderer, self._pixels = renderer, pixels_of(self._canvas)
        self._sizes = {artist: _size(artist, renderer) for artist in self._moving if is_plain_text(artist)}
        self._searching = {
            artist: self._on_canvas(touched_by(artist, renderer))
            for artist in self._order
            if isinstance(artist, Legend) and privates.is_placed_by_data(artist)
        }
        self._hanging = any(hangs_on_another(artist) for artist in self._order)
        self._blank = {artist for artist in self._order if is_blank(artist)}
        self._limits = _limits(self._figure)
        self._staleness.listen(leaves)
        self._silence.remember(self._figure)
        self._all_is_drawn()

    def _full_draw(self, regions: list[Region]) -> None:
        """Draw the figure, and record in which order the artists come.

        The pixels below the moving artists of a region are those before the first of them draws.
        """
        self._order = order = []
        lowest = {region.moving[0]: region for region in regions}

        def about_to_draw(artist: Any) -> None:
            order.append(artist)
            if artist in lowest:
                lowest[artist].keep(pixels_of(self._canvas))

        self._drawing = True
        try:
            with _recorded(leaves_of(self._figure), about_to_draw):
                self._canvas.draw()
        finally:
            self._drawing = False

    def _drawn_in_full(self, _: Any = None) -> None:
        """Somebody drew the figure: we, a toolbar, or the window that was resized."""
        if not self._drawing:
            self._spoilt = "the window or its toolbar drew it"
            self.redrawn = True
            self._staleness.clear()
            self._silence.renew_all()

    def _all_is_drawn(self) -> None:
        self._spoilt = ""
        self._staleness.clear()
        for axes in axes_of(self._figure):
            axes.stale = False
        self._figure.stale = False

    # --- the plan ----------------------------------------------------------------------------------

    def _plan(self, renderer: Any) -> list[Region]:
        """The regions, for the artists that move and the order as it was last."""
        ranks = {artist: rank for rank, artist in enumerate(self._order)}
        self._moved = {
            artist: frame
            for artist, frame in self._moved.items()
            if frame > self._frames - _PATIENCE and artist in ranks
        }
        self._moving = {}
        regions: list[Region] = []
        for artist in self._moved:
            box = self._on_canvas(_own_box(artist, renderer, room=_ROOM))
            if box is None or why_not(artist):
                continue
            clip = EVERYWHERE if is_plain_text(artist) else clipped_to(artist)
            self._moving[artist] = _Moving(box, clip, artist.zorder, artist.get_animated())
            regions.append(Region(box, [artist]))

        def box_of(artist: Any) -> Box | None:
            return self._on_canvas(touched_by(artist, renderer))

        regions = merged(regions)
        put_above(regions, self._order, box_of, lambda artist: self._moving[artist].box)
        return regions


def _same(planned: list[Region], found: list[Region]) -> bool:
    """Whether two plans are the same."""
    return [(region.box, region.order) for region in planned] == [
        (region.box, region.order) for region in found
    ]


def _size(text: Any, renderer: Any) -> tuple[float, float]:
    extent = text.get_window_extent(renderer)
    return extent.width, extent.height


def _own_box(artist: Any, renderer: Any, room: float = 0.0) -> Box | None:
    """The box of a moving artist; None if it cannot be told."""
    if is_plain_text(artist):
        box = touched_by(artist, renderer)
        return None if box is None else box.wider(room)
    return clipped_to(artist)


def _limits(figure: Any) -> list[bytes]:
    """All limits, to be compared."""
    return [axes.viewLim.get_points().tobytes() for axes in axes_of(figure)]


@contextmanager
def _recorded(artists: Iterator[Any], about_to_draw: Callable[[Any], None]) -> Iterator[None]:
    """Have each artist say that it is about to be drawn, by an attribute that shadows `Artist.draw`."""
    shadowed: list[tuple[Any, Any]] = []

    def shadow(artist: Any) -> None:
        own = vars(artist).get("draw")
        draw = artist.draw

        def recording(renderer: Any, *arguments: Any, **options: Any) -> None:
            about_to_draw(artist)
            draw(renderer, *arguments, **options)

        shadowed.append((artist, own))
        artist.draw = recording

    try:
        for artist in artists:
            shadow(artist)
        yield
    finally:
        for artist, own in shadowed:
            if own is None:
                del artist.draw
            else:
                artist.draw = own
