"""Where on the canvas an artist draws: boxes of whole pixels, rather too large than too small. GUI thread.

In: an artist, drawn before; out: a `Box`, `EVERYWHERE` where nothing better is known, or None where nothing is
drawn at all.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch, Rectangle, Wedge
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

#: How far antialiasing and the rounding of clip rectangles reach, and snapping and the width of thin lines
#: (of spines, ticks and frames) beyond what their extents say, pixels.
_EDGE, _LINE = 1, 2


#: Those that draw nothing outside of their clip box. (An axis has one, too, for its grid.)
_CLIPPED = (Line2D, Patch, Collection, AxesImage)

#: Those whose extent, with the width of their edge, says where they draw.
_FRAMES = (Rectangle, Ellipse, Wedge, Spine, Legend)


class Box(NamedTuple):
    """Pixels from ``x0`` to ``x1`` and ``y0`` to ``y1``, the ends excluded; from the lower left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: Box) -> bool:
        """Whether there are pixels in both."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def contains(self, other: Box) -> bool:
        """Whether all pixels of the other are in here."""
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def wider(self, pixels: float) -> Box:
        """With more room to the left and to the right."""
        return self._replace(x0=self.x0 - pixels, x1=self.x1 + pixels)

    def within(self, width: int, height: int) -> Box:
        """The part of it that is on the canvas."""
        return Box(max(self.x0, 0), max(self.y0, 0), min(self.x1, width), min(self.y1, height))

    def bbox(self) -> Bbox:
        """As matplotlib has it."""
        return Bbox.from_extents(*self)


EVERYWHERE = Box(-math.inf, -math.inf, math.inf, math.inf)


def around(bbox: Any, edge: float = _EDGE) -> Box | None:
    """The pixels that something in a bounding box of matplotlib can touch; None if it is empty."""
    x0, y0, x1, y1 = bbox.extents
    if not (math.isfinite(x0 + y0) and math.isfinite(x1 + y1)):
        return EVERYWHERE
    if x1 <= x0 and y1 <= y0:
        return None
    return Box(math.floor(x0 - edge), math.floor(y0 - edge), math.ceil(x1 + edge), math.ceil(y1 + edge))


def clipped_to(artist: Any) -> Box | None:
    """What an artist is clipped to, whatever it draws; None if it is not, or if a filter draws beyond that."""
    if not (isinstance(artist, _CLIPPED) and artist.get_clip_on() and artist.get_agg_filter() is None):
        return None
    if (box := artist.get_clip_box()) is not None:
        return around(box)
    path: Any = artist.get_clip_path()
    if path is not None:
        return around(path.get_fully_transformed_path().get_extents())
    return None


def is_plain_text(artist: Any) -> bool:
    """Whether an artist is text and nothing else, so that its extent says where it draws."""
    return (
        isinstance(artist, Text)
        and not isinstance(artist, Annotation)
        and artist.get_bbox_patch() is None
        and artist.get_agg_filter() is None
        and not artist.get_path_effects()
    )


def touched_by(artist: Any, renderer: Any) -> Box | None:
    """The pixels that an artist can touch when it is drawn as it is now; None for none at all."""
    if not artist.get_visible():
        return None
    if isinstance(artist, Text) and not artist.get_text() and is_plain_text(artist):
        return None
    if (box := clipped_to(artist)) is not None:
        return box
    if isinstance(artist, Axis):
        # Its tight box is that of the labels; the ticks lie between these and the axes, the grid in there.
        ticks = renderer.points_to_pixels(artist.get_tick_padding())
        box = around(artist.axes.bbox, ticks + _LINE)
        labels = artist.get_tightbbox(renderer)
        return box if labels is None or box is None else box.joined(around(labels, _LINE) or box)
    if is_plain_text(artist):
        return around(artist.get_window_extent(renderer))
    if isinstance(artist, _FRAMES) and not (artist.get_agg_filter() or artist.get_path_effects()):
        frame = artist.get_frame() if isinstance(artist, Legend) else artist
        width = renderer.points_to_pixels(frame.get_linewidth())
        return around(artist.get_window_extent(renderer), _LINE + width)
    return EVERYWHERE
