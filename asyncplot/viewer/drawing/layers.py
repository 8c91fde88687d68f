"""One region of a canvas in layers: the pixels below, the moving artists, and the artists above them. GUI thread.

In: boxes and artists, in the order in which they draw, and the canvas's pixels without them. Out: the region's pixels
with the moving artists as they are now, equal to what drawing everything in order would give.

The artists above (spines, a legend, the tick labels of the axes beside) are not drawn again while no moving artist
touches one of their pixels: how these pixels look is known then. To learn which pixels an artist touches, it is drawn
once over black and once over white: if it covers a pixel by more than 0/255, one of the two changes. (Drawing a legend
takes 2.4 ms, comparing its pixels 0.006 ms.) If a moving artist touches such a pixel, the artists that own the pixel are
drawn again. Over an image they are blended instead (`_blended`).
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.image import AxesImage

from ..boxes import Box

#: The canvas as one number for each pixel, row by row from the top. A view of Agg's own memory.
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
        The pixels that it touches outside the region; empty until the region has learnt that.
    inside : array of bool
        Which of the region's ``_Known`` pixels it touches.
    """

    artist: Any
    box: Box
    outside: Indices = dataclasses.field(default_factory=lambda: np.empty(0, np.intp))
    inside: npt.NDArray[np.bool_] = dataclasses.field(default_factory=lambda: np.empty(0, np.bool_))


class _Known(NamedTuple):
    """The pixels of a region that the artists above touch.

    ``indices`` on the flattened canvas; ``below``: how the pixels look without the artists above; ``covered``: how they look
    with these and without moving artists; ``on_papers``, only for images: how they look over black, and over white.
    """

    indices: Indices
    below: Pixels
    covered: Pixels
    on_papers: tuple[Pixels, Pixels] | None = None


@dataclasses.dataclass
class Region:
    """A box, and the artists that draw in it.

    Attributes
    ----------
    box : Box
        Around all moving artists; they draw nowhere else.
    moving : list of Artist
        The moving artists, in the order in which they draw.
    above : list of Above
        The artists that draw over a moving artist, in the order in which they draw.
    interleaved : bool
        Whether a moving artist draws over one of ``above``. All of them are drawn in each frame then.
    order : list of Artist
        ``moving`` and ``above`` together, in the order in which they draw.
    """

    box: Box
    moving: list[Any]
    above: list[Above] = dataclasses.field(default_factory=list)
    interleaved: bool = False
    order: list[Any] = dataclasses.field(default_factory=list)
    _below: Pixels | None = None
    _known: _Known | None = None

    def keep(self, pixels: Pixels) -> None:
        """Keep the pixels of the box. At this moment they are without the moving artists and without those above."""
        self._below = pixels[self._rows(pixels)].copy()

    def draw(self, pixels: Pixels, renderer: Any) -> None:
        """Draw the moving artists as they are now, below the artists above them."""
        assert self._below is not None  # `keep` comes first
        known = self._known = self._known or self._learn(pixels, renderer)
        flat = pixels.reshape(-1)
        pixels[self._rows(pixels)] = self._below
        if self.interleaved:
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
        """Learn which pixels the artists above touch, and how these look without moving artists.

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
        """How pixels look when the artists above are drawn over paper of one colour."""
        pixels[self._rows(pixels)] = paper
        for above in self.above:
            above.artist.draw(renderer)
        found: Pixels = pixels.reshape(-1)[indices]
        return found

    def _rows(self, pixels: Pixels) -> tuple[slice, slice]:
        return _rows(self.box, pixels)


def _blended(below: Pixels, on_black: Pixels, on_white: Pixels) -> Pixels:
    """How pixels look that are drawn over ``below``, computed from how they look over black and over white.

    Blending is linear, so the result is right to one grey level. This is for images only: they fill their axes, and so touch
    the ticks beside them in each frame. Drawing ticks and their labels again would take 8 ms, and nobody sees one grey level
    there. Lines and texts are always drawn.
    """
    parts = [each.view(np.uint8).reshape(-1, 4).astype(np.float32) for each in (below, on_black, on_white)]
    mixed = parts[1] + parts[0] * (parts[2] - parts[1]) / 255.0
    bytes_: npt.NDArray[np.uint8] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(bytes_).view(np.uint32)[:, 0]


def _touched(pixels: Pixels, above: Above, renderer: Any) -> Indices:
    """The pixels that an artist touches, as indices on the flattened canvas."""
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
    """A box as slices of the canvas's pixels, whose rows begin at the top."""
    height = pixels.shape[0]
    return slice(height - int(box.y1), height - int(box.y0)), slice(int(box.x0), int(box.x1))


def _confined(flat: Pixels, renderer: Any, artists: list[Any], owners: list[Above]) -> None:
    """Draw artists within the region only. What the artists above draw outside it is on the canvas already, and stays."""
    outside = np.concatenate([above.outside for above in owners]) if owners else np.empty(0, np.intp)
    before = flat[outside]
    for artist in artists:
        artist.draw(renderer)
    flat[outside] = before
