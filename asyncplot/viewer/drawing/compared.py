"""What is compared of an artist to find silent changes: which of its attributes, and of the things that it holds.

GUI thread. In: an artist, or a thing that artists hold (a norm, a colour map, a font, a path); out: how to read what a
draw goes by. Nothing is kept. All attributes count, public and private, but for those that matplotlib writes for itself:
found by drawing each kind of artist twice, and by asking it for its extent, and whether it contains the mouse.

Of an `Axis` and of a spine only public attributes count, of the parts of artists (the cells of a table, the texts of a
legend) only those of texts: there are hundreds, which tell of their setters, and whose private attributes nobody sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.colors import Colormap, Normalize
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch
from matplotlib.path import Path
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

from .children import branches_of, parts_of

#: What a plotter may assign to a public attribute of an axis.
_DATA = (bool, int, float, complex, str, tuple, list, dict, np.ndarray, np.generic)

#: What is no part of the picture, and what matplotlib keeps so that it need not compute it again.
_NOTES = frozenset(
    [
        "N",
        "_axes",
        "_callbacks",
        "_gid",
        "_i_bad",
        "_i_over",
        "_i_under",
        "_id_colorizer",
        "_imcache",
        "_in_autoscale",
        "_in_layout",
        "_invalidx",
        "_invalidy",
        "_isinit",
        "_label",
        "_mapped_colors",
        "_mouseover",
        "_parent_figure",
        "_picker",
        "_pickradius",
        "_rasterized",
        "_remove_method",
        "_renderer",
        "_stale",
        "_sticky_edges",
        "_subslice",
        "_transformed_path",
        "_transformSet",
        "_url",
        "_urls",
        "_us_linestyles",
        "_us_lw",
        "_x_filled",
        "callbacks",
        "colorbar_extend",
        "draw",
        "ind_offset",
        "isDefault_label",
        "label_position",
        "majorTicks",
        "minorTicks",
        "n_variates",
        "name",
        "offset_text_position",
        "spine_type",
        "stale_callback",
    ]
)

#: Those that are computed from others, and that a draw does not go by.
_COMPUTED: tuple[tuple[type, frozenset[str]], ...] = (
    (Ellipse, frozenset({"_patch_transform"})),
    (Line2D, frozenset({"_x", "_y", "_xy", "_linestyles", "_unscaled_dash_pattern"})),
)

#: Of a text that says nothing, which axes have by threes.
_OF_BLANKS = ("_text", "_visible", "_animated", "zorder")

#: What artists hold that can be changed by itself. (The styles of boxes and arrows are told by their module.)
_HELD = (Normalize, Colormap, FontProperties, Path)

#: Of so many things in a list each is looked at. (A scatter plot has one path, a box plot may have a thousand.)
_FEW = 8

_Read = Callable[[Any], Any]

#: Those of axes; all others are matplotlib's own notes.
reader_of_axes: _Read = attrgetter("zorder", "axison")


def reader_of(artist: Any) -> _Read:
    """How to read what the picture of an artist goes by, out of its dictionary."""
    values = vars(artist)
    values.setdefault("zorder", artist.zorder)  # an attribute of the class until somebody assigns it
    if isinstance(artist, Axis | Spine):
        return _reader(name for name in values if name[0] != "_" and isinstance(values[name], _DATA))
    if isinstance(artist, Text) and not artist.get_text():
        return _reader(_OF_BLANKS)
    computed = {name for kind, names in _COMPUTED if isinstance(artist, kind) for name in names}
    # Of an animated artist matplotlib notes that it is stale, and tells nobody.
    return _reader(values.keys() - computed, also=("_stale",) if artist.get_animated() else ())


def reader_of_held(thing: Any) -> _Read:
    """How to read what a thing that artists hold consists of, out of its dictionary."""
    return _reader(vars(thing))


def _reader(names: Iterable[str], also: Iterable[str] = ()) -> _Read:
    kept = [*(name for name in names if name not in _NOTES), *also]
    # A single one twice: `itemgetter` gives a tuple then, too, and tuples are equal where they hold the same objects, arrays included.
    return itemgetter(*kept) if len(kept) > 1 else itemgetter(*kept, *kept) if kept else len


def held_by(artist: Any) -> Iterator[Any]:
    """The things that an artist holds, and those that these hold: the norm, the colour map, the font, a path."""
    if isinstance(artist, Line2D):  # its path is made from its data
        return
    if getattr(artist, "get_array", lambda: None)() is not None:  # else no colours are mapped
        for name in ("norm", "cmap"):
            yield from _things(getattr(artist, name, None), deep=True)
    for value in vars(artist).values():
        yield from _things(value)


def _things(value: Any, *, deep: bool = False) -> Iterator[Any]:
    if isinstance(value, list | tuple) and len(value) <= _FEW:
        for each in value:
            yield from _things(each)
    elif isinstance(value, _HELD) or _is_style(value):
        yield value
        if deep:  # several norms in one
            for each in vars(value).values():
                yield from _things(each)


def _is_style(value: Any) -> bool:
    """Whether it is the shape of a box, an arrow or a connection."""
    return type(value).__module__ == Patch.__module__ and not isinstance(value, Artist | type)


def parts_of_texts(leaf: Any, others: set[Any]) -> Iterator[Any]:
    """The box and the arrow of a text."""
    if isinstance(leaf, Text):
        yield from parts_of(leaf, others)


def shared_transforms(figure: Any) -> set[int]:
    """Those that move with limits, layout and size, of which there is notice, by their identity."""
    return {
        id(transform)
        for branch in branches_of(figure)
        for transform in (
            (branch.transData, branch.transAxes) if isinstance(branch, Axes) else (branch.transSubfigure,)
        )
    }


def given_transforms(artist: Any, shared: set[int]) -> Iterator[Any]:
    """The transforms that were given to an artist: it uses them, and they may be changed in place."""
    if isinstance(artist, Axis | Spine) or (isinstance(artist, Text) and not artist.get_text()):
        return
    if isinstance(artist, Patch):
        found = [artist.get_data_transform()]
    elif isinstance(artist, Collection):
        found = [artist.get_transform(), artist.get_offset_transform()]
    else:
        found = [artist.get_transform()]
    for transform in found:
        if id(transform) not in shared and not isinstance(transform, IdentityTransform):
            yield transform


def matrix(transform: Any) -> bytes:
    """What a transform does, to be compared."""
    found: bytes = transform.get_affine().get_matrix().tobytes()
    return found
