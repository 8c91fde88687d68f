"""Automatic blitting: only the artists that changed are drawn, over a picture of all others. GUI thread.

One `Blitter` draws one figure. In: which artists changed (`Staleness`, `Silence`). Out: the canvas, equal to a full draw in
each pixel, and a `Drawn` that says how it was drawn.

A full draw records in which order the artists draw. Artists that change from frame to frame are *moving*. The boxes of
moving artists that touch each other form one *region*. The next full draw keeps the pixels of each region as they are just
before the first of its moving artists draws. From then on a frame puts these pixels back in the regions where something
changed, and draws the moving artists and what is above them (`Region`).

If this cannot be exact, the figure is drawn in full, and `Drawn.reason` says why (`Reasons`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..boxes import Box
from .children import axes_of, leaves_of
from .layers import Pixels, Region, pixels_of
from .obstacles import is_blank
from .overlay import Overlay
from .plan import Plan, planned
from .reasons import Reasons, limits_of
from .recording import recorded
from .silence import Silence
from .staleness import Staleness

#: A moving artist that has not changed for this many frames is no longer treated as moving.
_PATIENCE = 30


class Drawn(NamedTuple):
    """How a figure was drawn: ``reason`` is why in full, empty if it was blitted; ``boxes`` hold what was blitted."""

    reason: str
    boxes: tuple[Box, ...] = ()


class Blitter:
    """Draws one figure.

    Parameters
    ----------
    canvas : FigureCanvasAgg
        Of the figure.

    Attributes
    ----------
    redrawn_by_toolkit : bool
        Whether the toolkit has drawn the figure since this was last set to False.
    """

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._figure = canvas.figure
        self._staleness = Staleness(self._figure)
        self._silence = Silence()
        self._overlay = Overlay(canvas, self._staleness, self._drawn_by_others)
        self._reasons = Reasons(canvas)
        self._frames = 0
        self._moved: dict[Any, int] = {}  # artist -> the frame in which it changed last
        self._order: list[Any] = []
        self._leaves: set[Any] = set()
        self._regions: list[Region] = []
        self._blank: set[Any] = set()
        self._renderer: Any = None
        self._pixels: Pixels
        self._drawing = False
        self.redrawn_by_toolkit = False
        # `savefig` draws the figure, too, and does not call the canvas.
        canvas.mpl_connect("draw_event", self._drawn_by_others)

    @property
    def known_stale(self) -> bool:
        """Whether matplotlib has told of a change since the figure was drawn. Costs nothing."""
        heard = self._figure.stale or self._staleness.heard or self._overlay.written
        return bool(heard or not self._order)

    @property
    def stale(self) -> bool:
        """Whether the figure has changed since it was drawn; finds changes that nobody told of, too."""
        return self.known_stale or bool(self._silence.changed())

    def spoil(self, reason: str) -> None:
        """Have the next picture drawn in full; ``reason`` says why."""
        self._reasons.spoilt = self._reasons.spoilt or reason

    def draw(self) -> Drawn:
        """Draw the figure into its canvas, by the cheapest way that is exact."""
        try:
            return self._draw()
        except BaseException:
            self._order = []  # the picture is incomplete: the next one is drawn in full
            raise

    def _draw(self) -> Drawn:
        self._frames += 1
        written = self._overlay.put_back()
        limits = limits_of(
            self._figure
        )  # this may do an autoscale that was put off, which the staleness hears
        stale = self._staleness.changed()
        # (New limits change transforms. The figure is drawn in full then, whatever else changed.)
        if limits == self._reasons.limits:
            stale |= self._silence.changed(stale)
        changed = {artist for artist in stale if not (artist in self._blank and is_blank(artist))}
        for artist in changed:
            self._moved[artist] = self._frames
        reason = self._reasons.in_figure(changed, limits) if self._order else "the first picture"
        if not reason and not stale and not self._staleness.heard and not written:
            reason = "not known"
        regions = [] if reason else self._regions_of(changed)
        reason = reason or self._reasons.in_texts(changed) or self._reasons.in_legends(stale)
        if reason:
            self._draw_in_full()
            return Drawn(reason)
        for region in regions:
            region.draw(self._pixels, self._renderer)
            self._overlay.forget_background()
        self._silence.renew({*stale, *(artist for region in regions for artist in region.moving)})
        self._all_is_drawn()
        whole = Box(0, 0, *self._canvas.get_width_height(physical=True)) if written else None
        return Drawn("", (whole,) if whole else tuple(region.box for region in regions))

    def _regions_of(self, changed: set[Any]) -> list[Region]:
        return [region for region in self._regions if not changed.isdisjoint(region.moving)]

    # --- full draws --------------------------------------------------------------------------------

    def _draw_in_full(self) -> None:
        """Draw everything. If moving artists are known, keep the pixels below them on the way."""
        renderer = self._canvas.get_renderer()
        leaves, before = set(leaves_of(self._figure)), self._order
        plan = self._plan(renderer) if leaves == self._leaves else Plan([], {})
        self._full_draw(plan.regions)
        if plan.regions:
            # The plan was made with the positions before this draw. It can be used if they are the same after it.
            after = self._plan(renderer)
            same = self._order == before and plan.has_regions_of(after)
            plan = Plan(plan.regions, after.moving) if same else Plan([], {})
        self._leaves = leaves
        self._regions = plan.regions
        self._renderer, self._pixels = renderer, pixels_of(self._canvas)
        self._reasons.remember(self._order, plan.moving, renderer)
        self._blank = {artist for artist in self._order if is_blank(artist)}
        self._staleness.listen(leaves)
        self._silence.remember(self._figure)
        self._all_is_drawn()

    def _full_draw(self, regions: list[Region]) -> None:
        """Draw the figure, and record in which order the artists draw.

        Each region keeps its pixels as they are before the first of its moving artists draws.
        """
        self._order = order = []
        lowest = {region.moving[0]: region for region in regions}

        def about_to_draw(artist: Any) -> None:
            order.append(artist)
            if artist in lowest:
                lowest[artist].keep(pixels_of(self._canvas))

        self._drawing = True
        try:
            with recorded(leaves_of(self._figure), about_to_draw):
                self._canvas.draw()
        finally:
            self._drawing = False

    def _plan(self, renderer: Any) -> Plan:
        """The plan for the artists that moved lately, with the order of the last full draw."""
        drawn = set(self._order)
        self._moved = {
            artist: frame
            for artist, frame in self._moved.items()
            if frame > self._frames - _PATIENCE and artist in drawn
        }
        return planned(self._moved, self._order, self._canvas, renderer)

    def _drawn_by_others(self, _: Any = None) -> None:
        """The canvas was drawn. If not by this object, then by a toolbar or a window that was resized."""
        if not self._drawing:
            self._reasons.spoilt = "the window or its toolbar drew it"
            self.redrawn_by_toolkit = True
            self._staleness.clear()
            self._silence.renew_all()

    def _all_is_drawn(self) -> None:
        self._reasons.spoilt = ""
        self._staleness.clear()
        for axes in axes_of(self._figure):
            axes.stale = False
        self._figure.stale = False
