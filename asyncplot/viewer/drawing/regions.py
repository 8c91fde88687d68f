"""The box of pixels in which an artist draws. It may be too large, and is never too small. GUI thread.

In: an artist that was drawn before. Out: a `Box`; `EVERYWHERE` if nothing better is known; None if the artist draws
nothing.
"""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch, Rectangle, Wedge
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text

from ..boxes import EVERYWHERE, Box

#: How far artists draw beyond their extent, pixels: by antialiasing and by rounded clip rectangles; and by snapping
#: and the width of thin lines (spines, ticks, frames).
_EDGE, _LINE = 1, 2

#: Artists that draw nothing outside their clip box. (An axis also has a clip box, but only for its grid.)
_CLIPPED = (Line2D, Patch, Collection, AxesImage)

#: Artists that draw within their extent and the width of their edge.
_FRAMES = (Rectangle, Ellipse, Wedge, Spine, Legend)


def around(bbox: Any, edge: float = _EDGE) -> Box | None:
    """The pixels that something in one of matplotlib's bounding boxes can touch; None if that is empty."""
    x0, y0, x1, y1 = bbox.extents
    if not (math.isfinite(x0 + y0) and math.isfinite(x1 + y1)):
        return EVERYWHERE
    if x1 <= x0 and y1 <= y0:
        return None
    return Box(math.floor(x0 - edge), math.floor(y0 - edge), math.ceil(x1 + edge), math.ceil(y1 + edge))


def clipped_to(artist: Any) -> Box | None:
    """The box that an artist is clipped to; None if it is not clipped, or if a filter draws beyond the clip box."""
    if not (isinstance(artist, _CLIPPED) and artist.get_clip_on() and artist.get_agg_filter() is None):
        return None
    if (box := artist.get_clip_box()) is not None:
        return around(box)
    path: Any = artist.get_clip_path()
    if path is not None:
        return around(path.get_fully_transformed_path().get_extents())
    return None


def is_plain_text(artist: Any) -> bool:
    """Whether an artist is text without box, arrow or effects. It draws within its extent then."""
    return (
        isinstance(artist, Text)
        and not isinstance(artist, Annotation)
        and artist.get_bbox_patch() is None
        and artist.get_agg_filter() is None
        and not artist.get_path_effects()
    )


def touched_by(artist: Any, renderer: Any) -> Box | None:
    """The pixels that an artist can touch when it is drawn as it is now; None if there are none."""
    if not artist.get_visible():
        return None
    if isinstance(artist, Text) and not artist.get_text() and is_plain_text(artist):
        return None
    if (box := clipped_to(artist)) is not None:
        return box
    if isinstance(artist, Axis):
        # The tight box of an axis holds its labels. The ticks are between labels and axes, the grid is inside the axes.
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


def on_canvas(box: Box | None, canvas: Any) -> Box | None:
    """The part of a box that is on a canvas."""
    return None if box is None else box.within(*canvas.get_width_height(physical=True))
