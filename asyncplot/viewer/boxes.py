"""A box of whole pixels on a canvas. Pure, so that drawing and backends can share it."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """The pixels from ``x0`` to ``x1`` and from ``y0`` to ``y1``, counted from the lower left; the ends are excluded."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: Box) -> bool:
        """Whether some pixels are in both boxes."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def contains(self, other: Box) -> bool:
        """Whether all pixels of the other box are in this one."""
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def wider(self, pixels: float) -> Box:
        """The box with more room on the left and on the right."""
        return self._replace(x0=self.x0 - pixels, x1=self.x1 + pixels)

    def within(self, width: int, height: int) -> Box:
        """The part of the box that is on a canvas of this size."""
        return Box(max(self.x0, 0), max(self.y0, 0), min(self.x1, width), min(self.y1, height))


EVERYWHERE = Box(-math.inf, -math.inf, math.inf, math.inf)


def around_all(boxes: Sequence[Box]) -> Box:
    """The smallest box around at least one box.

    >>> around_all([Box(0, 0, 2, 2), Box(5, 1, 6, 3)])
    Box(x0=0, y0=0, x1=6, y1=3)
    """
    return functools.reduce(Box.joined, boxes)
