"""What keeps a single artist from being drawn over the others. GUI thread.

In: an artist as it is now. Out: a reason in words, for ``plot.stats.full_because``, or yes or no. Nothing is kept.
"""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.legend import Legend
from matplotlib.offsetbox import AnnotationBbox
from matplotlib.text import Annotation

from ..boxes import EVERYWHERE
from .regions import clipped_to, is_plain_text


def why_not(artist: Any) -> str:
    """Why an artist cannot be drawn over the others; empty if it can."""
    axes = getattr(artist, "axes", None)
    if isinstance(artist, Axes):
        return "axes or their children"
    if isinstance(artist, FigureBase):
        return "the figure or its children"
    if hasattr(artist, "axis_name"):
        return "ticks or axis labels"
    if isinstance(artist, Legend):
        return "a legend"
    if axes is not None and getattr(axes, "name", "") == "3d":
        return "3-D axes sort their artists anew"
    if is_plain_text(artist):
        return ""
    box = clipped_to(artist)
    if box is None or box is EVERYWHERE:
        return f"{name_of(artist)} is not clipped to its axes"
    return ""


def name_of(artist: Any) -> str:
    """The kind of an artist, in words."""
    return f"a {type(artist).__name__}"


def is_blank(artist: Any) -> bool:
    """Whether an artist draws nothing, such as an empty title of axes."""
    return not artist.get_visible() or (is_plain_text(artist) and not artist.get_text())


def hangs_on_another(artist: Any) -> bool:
    """Whether an artist is an annotation whose place depends on another artist, or on a function."""
    if not isinstance(artist, Annotation | AnnotationBbox):
        return False
    return any(
        isinstance(each, Artist) or callable(each)
        for coordinates in (artist.xycoords, artist.anncoords)
        for each in (coordinates if isinstance(coordinates, tuple) else (coordinates,))
    )
