"""Which attributes of an artist, and of the things it holds, are compared to find silent changes. GUI thread.

In: an artist, or a thing that artists hold (a norm, a colour map, a font, a path). Out: a function that reads everything
that a draw depends on. Nothing is kept. All attributes count, public and private, except those in which matplotlib keeps
results for itself. These were found by drawing each kind of artist twice, by asking for its extent, and by asking whether
it contains the mouse.

Of an `Axis` and of a spine only public attributes count. Of the parts of artists (the cells of a table, the texts of a
legend) only those of texts count: there are hundreds of parts, their setters tell of changes, and nobody sets their private
attributes.
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

#: Attributes that are not seen in the picture, or that hold results which matplotlib has computed.
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

#: Attributes that are computed from others, and that a draw does not use.
_COMPUTED: tuple[tuple[type, frozenset[str]], ...] = (
    (Ellipse, frozenset({"_patch_transform"})),
    (Line2D, frozenset({"_x", "_y", "_xy", "_linestyles", "_unscaled_dash_pattern"})),
)

#: Attributes of an empty text. (Axes have three empty titles.)
_OF_BLANKS = ("_text", "_visible", "_animated", "zorder")

#: Things that artists hold and that can be changed by themselves. (Styles of boxes and arrows: see `_is_style`.)
_HELD = (Normalize, Colormap, FontProperties, Path)

#: The items of a list are looked at if it has at most so many. (A scatter plot has one path, a box plot may have 1,000.)
_FEW = 8

_Read = Callable[[Any], Any]

#: Attributes of axes; all others are matplotlib's own notes.
reader_of_axes: _Read = attrgetter("zorder", "axison")


def reader_of(artist: Any) -> _Read:
    """The function that reads, from an artist's dictionary, what its picture depends on."""
    values = vars(artist)
    values.setdefault("zorder", artist.zorder)  # an attribute of the class until it is assigned
    if isinstance(artist, Axis | Spine):
        return _reader(name for name in values if name[0] != "_" and isinstance(values[name], _DATA))
    if isinstance(artist, Text) and not artist.get_text():
        return _reader(_OF_BLANKS)
    computed = {name for kind, names in _COMPUTED if isinstance(artist, kind) for name in names}
    # When an animated artist becomes stale, matplotlib sets this attribute and calls nobody.
    return _reader(values.keys() - computed, also=("_stale",) if artist.get_animated() else ())


def reader_of_held(thing: Any) -> _Read:
    """The function that reads, from its dictionary, a thing that artists hold."""
    return _reader(vars(thing))


def _reader(names: Iterable[str], also: Iterable[str] = ()) -> _Read:
    kept = [*(name for name in names if name not in _NOTES), *also]
    # A single name is read twice, because `itemgetter` returns a tuple for two names. Tuples are compared by identity
    # first, so an array that is the same object needs no comparison.
    return itemgetter(*kept) if len(kept) > 1 else itemgetter(*kept, *kept) if kept else len


def held_by(artist: Any) -> Iterator[Any]:
    """The things that an artist holds (norm, colour map, font, path), and the things that its norm and colour map hold."""
    if isinstance(artist, Line2D):  # its path is made from its data
        return
    if getattr(artist, "get_array", lambda: None)() is not None:  # otherwise no colours are mapped
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
        if deep:  # a norm may hold others
            for each in vars(value).values():
                yield from _things(each)


def _is_style(value: Any) -> bool:
    """Whether a value is the style of a box, an arrow or a connection."""
    return type(value).__module__ == Patch.__module__ and not isinstance(value, Artist | type)


def parts_of_texts(leaf: Any, others: set[Any]) -> Iterator[Any]:
    """The box and the arrow of a text."""
    if isinstance(leaf, Text):
        yield from parts_of(leaf, others)


def shared_transforms(figure: Any) -> set[int]:
    """The identities of the transforms that follow limits, layout and size. Of their changes matplotlib tells."""
    return {
        id(transform)
        for branch in branches_of(figure)
        for transform in (
            (branch.transData, branch.transAxes) if isinstance(branch, Axes) else (branch.transSubfigure,)
        )
    }


def given_transforms(artist: Any, shared: set[int]) -> Iterator[Any]:
    """The transforms that were given to an artist. Somebody may change them in place."""
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
    """What a transform does, as bytes that can be compared."""
    found: bytes = transform.get_affine().get_matrix().tobytes()
    return found
