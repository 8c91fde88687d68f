"""A region of a canvas in layers: the pixels below, the artists that move, and what stands above them. GUI thread.

In: boxes and artists, in the order in which they draw, and the canvas's pixels without them. Out: the region's pixels
with the moving artists as they are now, equal to what drawing all of it in order would give.

What stands above (spines, a legend, the tick labels of the axes beside) is not drawn again as long as no moving artist
touches a pixel of it: these pixels are known then. Which pixels it touches is found out by drawing it over black and
over white, once; whatever covers a pixel by more than 0/255 changes one of them. (A legend takes 2.4 ms to draw, to
compare its pixels takes 0.006.) Where a moving artist does touch one, those that own the pixel are drawn; over an image
they are blended (`_blended`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.image import AxesImage

from .regions import Box

#: The canvas as one number a pixel, row by row from the top: a view of Agg's own memory.
Pixels = npt.NDArray[np.uint32]
Indices = npt.NDArray[np.intp]

_BLACK, _WHITE = np.uint32(0xFF000000), np.uint32(0xFFFFFFFF)


def pixels_of(canvas: Any) -> Pixels:
    """The pixels of an Agg canvas, not copied: shape (height, width)."""
    view: Pixels = np.asarray(canvas.buffer_rgba()).view(np.uint32)[..., 0]
    return view


@dataclasses.dataclass
class Above:
    """An artist that does not move, above one that does.

    Attributes
    ----------
    box : Box
        Where it can draw.
    outside : array of int
        The pixels that it touches outside of the region, once that is known.
    inside : array of bool
        Which of the region's ``_Known`` pixels it touches.
    """

    artist: Any
    box: Box
    outside: Indices = dataclasses.field(default_factory=lambda: np.empty(0, np.intp))
    inside: npt.NDArray[np.bool_] = dataclasses.field(default_factory=lambda: np.empty(0, np.bool_))


class _Known(NamedTuple):
    """The pixels of a region that something above touches.

    Their indices on the flattened canvas; how they look below it; and with it, and nothing moving in between. For
    images also how they look with it over black, and over white.
    """

    indices: Indices
    below: Pixels
    covered: Pixels
    on_papers: tuple[Pixels, Pixels] | None = None


@dataclasses.dataclass
class Region:
    """A box, and who draws in there.

    Attributes
    ----------
    box : Box
        Around all moving artists; they draw nowhere else.
    moving : list of Artist
        In the order in which they draw.
    above : list of Above
        Likewise; each of them draws over some moving artist.
    woven : bool
        Whether a moving artist draws over one of ``above``: then all are drawn, in their order.
    """

    box: Box
    moving: list[Any]
    above: list[Above] = dataclasses.field(default_factory=list)
    woven: bool = False
    order: list[Any] = dataclasses.field(default_factory=list)
    _below: Pixels | None = None
    _known: _Known | None = None

    def keep(self, pixels: Pixels) -> None:
        """Keep the pixels of the box, which are without the moving artists and those above."""
        self._below = pixels[self._rows(pixels)].copy()

    def draw(self, pixels: Pixels, renderer: Any) -> None:
        """Draw the moving artists as they are now, and put what stands above them in its place."""
        assert self._below is not None  # `keep` comes first
        known = self._known = self._known or self._learn(pixels, renderer)
        flat = pixels.reshape(-1)
        pixels[self._rows(pixels)] = self._below
        if self.woven:
            _confined(flat, renderer, self.order, self.above)
            return
        for artist in self.moving:
            artist.draw(renderer)
        free = flat[known.indices] == known.below
        if free.all():
            flat[known.indices] = known.covered
            return
        if known.on_papers is not None:
            crossed = known.indices[~free]
            flat[crossed] = _blended(flat[crossed], known.on_papers[0][~free], known.on_papers[1][~free])
            flat[known.indices[free]] = known.covered[free]
            return
        owners = [above for above in self.above if not free[above.inside].all()]
        _confined(flat, renderer, [above.artist for above in owners], owners)
        flat[known.indices[free]] = known.covered[free]

    def _learn(self, pixels: Pixels, renderer: Any) -> _Known:
        """Find out which pixels those above touch, and what these look like with nothing moving below them.

        Draws on the canvas, and puts its pixels back.
        """
        assert self._below is not None  # `keep` comes first
        before = pixels.copy()
        touched = [_touched(pixels, above, renderer) for above in self.above]
        inside = np.zeros(pixels.shape, bool)
        inside[self._rows(pixels)] = True
        flat, flat_inside = pixels.reshape(-1), inside.reshape(-1)
        union = np.zeros(flat.shape, bool)
        for indices in touched:
            union[indices] = True
        (indices,) = np.nonzero(union & flat_inside)
        for above, its in zip(self.above, touched, strict=True):
            above.outside = its[~flat_inside[its]]
            above.inside = np.isin(indices, its)
        pixels[self._rows(pixels)] = self._below
        below = flat[indices]
        for above in self.above:
            above.artist.draw(renderer)
        covered = flat[indices]
        on_papers = (self._on(_BLACK, pixels, renderer, indices), self._on(_WHITE, pixels, renderer, indices))
        pixels[:] = before
        only_images = all(isinstance(artist, AxesImage) for artist in self.moving)
        return _Known(indices, below, covered, on_papers if only_images else None)

    def _on(self, paper: np.uint32, pixels: Pixels, renderer: Any, indices: Indices) -> Pixels:
        """How pixels look with those above drawn over paper."""
        pixels[self._rows(pixels)] = paper
        for above in self.above:
            above.artist.draw(renderer)
        found: Pixels = pixels.reshape(-1)[indices]
        return found

    def _rows(self, pixels: Pixels) -> tuple[slice, slice]:
        return _rows(self.box, pixels)


def _blended(below: Pixels, on_black: Pixels, on_white: Pixels) -> Pixels:
    """What covers black and white so, over something else: right to a grey level, as blending is linear.

    For images, which fill their axes and so touch the ticks beside them in each frame: to draw ticks and their labels
    again would take 8 ms. Nobody sees a grey level there; for lines and text nothing is guessed.
    """
    parts = [each.view(np.uint8).reshape(-1, 4).astype(np.float32) for each in (below, on_black, on_white)]
    mixed = parts[1] + parts[0] * (parts[2] - parts[1]) / 255.0
    bytes_: npt.NDArray[np.uint8] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(bytes_).view(np.uint32)[:, 0]


def _touched(pixels: Pixels, above: Above, renderer: Any) -> Indices:
    """The pixels that an artist touches, as indices of the flattened canvas."""
    rows = _rows(above.box, pixels)
    part = pixels[rows]
    changed = np.zeros(part.shape, bool)
    for paper in (_BLACK, _WHITE):
        part[:] = paper
        above.artist.draw(renderer)
        changed |= part != paper
    y, x = np.nonzero(changed)
    indices: Indices = (y + rows[0].start) * pixels.shape[1] + x + rows[1].start
    return indices


def _rows(box: Box, pixels: Pixels) -> tuple[slice, slice]:
    """A box on the canvas as slices of its pixels, which begin at the top."""
    height = pixels.shape[0]
    return slice(height - int(box.y1), height - int(box.y0)), slice(int(box.x0), int(box.x1))


def _confined(flat: Pixels, renderer: Any, artists: list[Any], owners: list[Above]) -> None:
    """Draw artists; what those above draw outside of the region is there already, and stays."""
    outside = np.concatenate([above.outside for above in owners]) if owners else np.empty(0, np.intp)
    before = flat[outside]
    for artist in artists:
        artist.draw(renderer)
    flat[outside] = before


def merged(regions: list[Region]) -> list[Region]:
    """Regions of which no two touch."""
    result: list[Region] = []
    for region in regions:
        joined = region
        while touching := [other for other in result if other.box.overlaps(joined.box)]:
            for other in touching:
                result.remove(other)
                joined = Region(joined.box.joined(other.box), [*joined.moving, *other.moving])
        result.append(joined)
    return result


def put_above(
    regions: list[Region],
    order: list[Any],
    box_of: Callable[[Any], Box | None],
    moving_box: Callable[[Any], Box],
) -> None:
    """Find who stands above the moving artists of each region.

    Parameters
    ----------
    regions : list of Region
        Get their ``above``, ``order`` and ``woven``.
    order : list of Artist
        All that draw, in that order.
    box_of, moving_box : callable
        Where an artist can draw (None: nowhere), and where a moving one can.
    """
    ranks = {artist: rank for rank, artist in enumerate(order)}
    moving = {artist for region in regions for artist in region.moving}
    first = min((ranks[artist] for artist in moving), default=len(order))
    for artist in order[first + 1 :]:
        if artist in moving or (box := box_of(artist)) is None:
            continue
        for region in regions:
            if not region.box.overlaps(box):
                continue
            if any(ranks[each] < ranks[artist] for each in region.moving):
                region.above.append(Above(artist, box))
    for region in regions:
        region.moving.sort(key=ranks.__getitem__)
        region.order = sorted(
            [*region.moving, *(above.artist for above in region.above)], key=ranks.__getitem__
        )
        region.woven = any(
            ranks[each] > ranks[above.artist] and moving_box(each).overlaps(above.box)
            for above in region.above
            for each in region.moving
        )
