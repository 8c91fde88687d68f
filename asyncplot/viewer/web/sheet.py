"""One figure as pages see it: its pixels, and for each pixel the number of the picture in which it changed last. Pure.

In: the canvas's pixels after each draw, with the boxes that may have changed. Out: for a page that has picture ``base``, the
patches that make picture ``number`` of it. So a page may have missed any number of pictures, and nothing is kept for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..boxes import Box
from .encoding import Codec

#: For so many pictures the boxes are known. A page that is further behind gets what has changed anywhere.
_KEPT = 64

#: More boxes than this are sent as one around all of them.
_BOXES = 16

#: A box costs as much as so many pixels, to encode it, to send it and to decode it: in Chromium 16 boxes of 4x4 axes take 8 ms, and
#: one around them 3.5 ms.
_BOX = 20_000

#: Above this share of changed pixels a box is sent as it is.
_MOST = 0.5

#: A box of so many pixels may be sent as JPEG.
_LARGE = 64 * 64


class Spot(NamedTuple):
    """Whole pixels of a canvas: a corner, counted from the upper left, and a size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The rows and columns of an array."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


class Patch(NamedTuple):
    """Pixels for one spot.

    Attributes
    ----------
    spot : Spot
        Where they go.
    codec : Codec
        How they are sent.
    pixels : ndarray
        Shape (height, width, 4), uint8; a copy.
    changed : ndarray of bool or None
        With `Codec.OVER`: which pixels have changed, of shape (height, width). These are opaque.
    """

    spot: Spot
    codec: Codec
    pixels: Any
    changed: Any = None


class Sheet:
    """The pictures of one figure.

    Attributes
    ----------
    number : int
        Of the newest picture; 0: there is none yet.
    drawn_at : float
        When it was drawn, seconds since 1970.

    Examples
    --------
    >>> sheet, pixels = Sheet(), np.full((20, 30, 4), 255, np.uint8)
    >>> sheet.draw(pixels, None, 0.0)
    True
    >>> [patch.spot for patch in sheet.since(0)]
    [Spot(x=0, y=0, width=30, height=20)]
    >>> pixels[5, 7:9] = 0, 0, 0, 255
    >>> sheet.draw(pixels, None, 0.0), [(patch.spot, patch.codec.name) for patch in sheet.since(1)]
    (True, [(Spot(x=7, y=5, width=2, height=1), 'PNG')])
    >>> sheet.draw(pixels, None, 0.0)
    False
    """

    def __init__(self) -> None:
        self.number = 0
        self.drawn_at = 0.0
        self._first = 1  # the first picture of this size
        self._pixels = np.empty((0, 0), np.uint32)
        self._changed_in = np.empty((0, 0), np.uint32)
        self._recent: deque[tuple[int, list[Spot]]] = deque(maxlen=_KEPT)
        self._costly: list[Spot] = []

    @property
    def size(self) -> tuple[int, int]:
        """Its width and height, pixels."""
        height, width = self._pixels.shape
        return width, height

    def draw(self, pixels: Any, boxes: Sequence[Box] | None, now: float) -> bool:
        """Take the canvas's pixels; returns whether any has changed.

        Parameters
        ----------
        pixels : ndarray
            Shape (height, width, 4), uint8. They are copied.
        boxes : sequence of Box or None
            Outside of these no pixel has changed. None: anywhere.
        now : float
            Seconds since 1970.
        """
        words = pixels.view(np.uint32)[:, :, 0]
        if words.shape != self._pixels.shape:
            self.number += 1
            self._first = self.number
            self._pixels = words.copy()
            self._changed_in = np.full(words.shape, self.number, np.uint32)
            self._recent.clear()
            self._costly = []
            self.drawn_at = now
            return True
        height, width = words.shape
        everywhere = Spot(0, 0, width, height)
        spots = [everywhere] if boxes is None else merged([_spot(box, width, height) for box in boxes])
        changed = [spot for spot in spots if self._take(words, spot)]
        if changed:
            self.number += 1
            self._recent.append((self.number, changed))
            self.drawn_at = now
        return bool(changed)

    def _take(self, words: Any, spot: Spot) -> bool:
        """Copy the pixels that are new; returns whether there are any."""
        there = spot.slices
        new = words[there] != self._pixels[there]
        if not new.any():
            return False
        self._changed_in[there][new] = self.number + 1
        self._pixels[there] = words[there]
        return True

    def since(self, base: int) -> list[Patch]:
        """The patches that make the newest picture of picture ``base``. 0: of nothing."""
        if not self.is_known(base):
            width, height = self.size
            return [self._as_it_is(Spot(0, 0, width, height))]
        full: list[Spot] = []
        sparse: list[Spot] = []
        for spot in self._spots_since(base):
            inner, changed = self._changes(spot, base)
            if inner.width:
                (full if changed.mean() > _MOST else sparse).append(inner)
        return [*map(self._as_it_is, full), *(self._over(spot, base) for spot in _joined(sparse, full))]

    def is_known(self, base: int) -> bool:
        """Whether a page with that picture can get the differences."""
        return self._first <= base <= self.number

    def exactly(self, spots: Sequence[Spot]) -> list[Patch]:
        """Patches without loss."""
        return [Patch(spot, Codec.PNG, self._copy(spot)) for spot in spots]

    def learn(self, spot: Spot, *, costly: bool) -> None:
        """Note that PNG takes long for a spot, or no longer does: its later pictures are sent as JPEG, or not."""
        if spot.width * spot.height >= _LARGE:
            others = [each for each in self._costly if each != spot]
            self._costly = [*others, spot][-_KEPT:] if costly else others

    def _spots_since(self, base: int) -> list[Spot]:
        width, height = self.size
        if base < self.number and (not self._recent or self._recent[0][0] > base + 1):
            return [Spot(0, 0, width, height)]
        return merged([spot for number, spots in self._recent if number > base for spot in spots])

    def _changes(self, spot: Spot, base: int) -> tuple[Spot, Any]:
        """Where in a spot pixels have changed since a picture, and which; an empty spot if none has."""
        new = self._changed_in[spot.slices] > base
        rows, columns = np.flatnonzero(new.any(axis=1)), np.flatnonzero(new.any(axis=0))
        if not rows.size:
            return Spot(spot.x, spot.y, 0, 0), new
        top, left = int(rows[0]), int(columns[0])
        bottom, right = int(rows[-1]) + 1, int(columns[-1]) + 1
        inner = Spot(spot.x + left, spot.y + top, right - left, bottom - top)
        return inner, new[top:bottom, left:right]

    def _over(self, spot: Spot, base: int) -> Patch:
        """What has changed in a spot."""
        changed = self._changed_in[spot.slices] > base
        pixels = self._copy(spot)
        # Laid over the old pixels, a half transparent new one would mix with them.
        if (pixels[:, :, 3][changed] != 255).any():
            return self._as_it_is(spot)
        return Patch(spot, Codec.OVER, pixels, changed)

    def _as_it_is(self, spot: Spot) -> Patch:
        """All pixels of a spot: as JPEG if PNG is known to take long there."""
        pixels = self._copy(spot)
        lossy = any(_touch(spot, each, 0) for each in self._costly) and bool((pixels[:, :, 3] == 255).all())
        return Patch(spot, Codec.JPEG if lossy else Codec.PNG, pixels)

    def _copy(self, spot: Spot) -> Any:
        words = np.ascontiguousarray(self._pixels[spot.slices])
        if words.base is not None:
            words = words.copy()
        return words.view(np.uint8).reshape(spot.height, spot.width, 4)


def _spot(box: Box, width: int, height: int) -> Spot:
    """The whole pixels that a box touches."""
    x0, y0, x1, y1 = box.within(width, height)
    left, right = int(np.floor(x0)), int(np.ceil(x1))
    top, bottom = int(np.floor(height - y1)), int(np.ceil(height - y0))
    return Spot(left, top, max(right - left, 0), max(bottom - top, 0))


def merged(spots: Sequence[Spot]) -> list[Spot]:
    """The same pixels in few spots that do not overlap."""
    apart: list[Spot] = []
    for spot in dict.fromkeys(spots):
        if not spot.width or not spot.height:
            continue
        joined = spot
        while touching := [each for each in apart if _touch(each, joined, 0)]:
            apart = [each for each in apart if each not in touching]
            joined = _around([joined, *touching])
        apart.append(joined)
    return apart if len(apart) <= _BOXES else [_around(apart)]


def _joined(spots: Sequence[Spot], others: Sequence[Spot]) -> list[Spot]:
    """Fewer spots around the same pixels, where that costs less. None of them reaches into the others."""
    apart: list[Spot] = []
    for spot in spots:
        joined, old = spot, -1
        while old != len(apart):  # a larger one may reach more
            old = len(apart)
            for each in list(apart):
                both = _around([each, joined])
                if _area(both) <= _area(each) + _area(joined) + _BOX and not any(
                    _touch(both, other, 0) for other in others
                ):
                    apart.remove(each)
                    joined = both
        apart.append(joined)
    return apart


def _area(spot: Spot) -> int:
    return spot.width * spot.height


def _touch(one: Spot, other: Spot, gap: int) -> bool:
    """Whether two spots overlap, or lie closer than ``gap`` pixels."""
    return (
        one.x < other.x + other.width + gap
        and other.x < one.x + one.width + gap
        and one.y < other.y + other.height + gap
        and other.y < one.y + one.height + gap
    )


def _around(spots: Sequence[Spot]) -> Spot:
    """The smallest spot around all."""
    x, y = min(spot.x for spot in spots), min(spot.y for spot in spots)
    right = max(spot.x + spot.width for spot in spots)
    bottom = max(spot.y + spot.height for spot in spots)
    return Spot(x, y, right - x, bottom - y)
