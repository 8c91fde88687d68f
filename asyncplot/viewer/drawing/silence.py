"""Changes of which matplotlib gives no notice, though its next full draw shows them. GUI thread.

``Artist.stale`` is not set by some setters (``mesh.set_array``, the way to change a `pcolormesh`, and the colours of
points), where an attribute is assigned to (``note.xy = 1, 2``, ``line.zorder = 3``), or a transform changed that the
artist was given. In: the artists of a figure as they are drawn; out: those that have changed so since. It costs 60 ns
for each thing compared, some 3 us for axes with lines.

What is written *into* an array or another object that an artist holds is not seen.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.image import AxesImage
from matplotlib.lines import AxLine
from matplotlib.patches import Arrow, Patch, PathPatch
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from matplotlib.transforms import IdentityTransform

from .children import axes_of, branches_of, leaves_of

#: What a plotter may assign to an attribute; and of which of these it is told whether they are still equal.
_DATA = (bool, int, float, complex, str, tuple, list, dict, np.ndarray, np.generic)
_COMPARED = (bool, int, float, complex, str)

#: matplotlib's own notes on each axis, spine and line, which nobody assigns to: a third of all there is to compare.
_NOTES = {
    "ind_offset",
    "isDefault_label",
    "label_position",
    "majorTicks",
    "minorTicks",
    "offset_text_position",
    "spine_type",
}

#: What is set without notice, by what it is read with. Found by calling each setter of each artist of matplotlib 3.11
#: with values that change the picture.
_SET_SILENTLY: tuple[tuple[type, tuple[str, ...]], ...] = (
    (AxesImage, ("get_array",)),
    (AxLine, ("get_slope", "get_xy1", "get_xy2")),
    (
        Collection,
        (
            "get_array",
            "get_capstyle",
            "get_hatch_linewidth",
            "get_joinstyle",
            "get_linestyle",
            "get_offset_transform",
        ),
    ),
    (Patch, ("get_hatch_linewidth",)),
    (Arrow, ("get_patch_transform",)),
    (PathPatch, ("get_path",)),
    (Text, ("get_bbox_patch", "get_wrap")),
    (Annotation, ("get_anncoords", "get_annotation_clip")),
    (Artist, ("get_animated",)),
)

#: Those of axes; all others are matplotlib's own notes.
_OF_AXES = ("zorder", "axison")

_Read = Callable[[], Any]


class Silence:
    """What the artists of one figure were drawn with."""

    def __init__(self) -> None:
        self._objects: list[tuple[Any, _Read, Any]] = []
        self._matrices: list[tuple[Any, _Read, Any]] = []

    def remember(self, figure: Any) -> None:
        """All of the figure has been drawn, as it is."""
        reads = [(axes, read) for axes in axes_of(figure) for read in _attributes(axes, _OF_AXES)]
        leaves = list(leaves_of(figure))
        for leaf in leaves:
            reads += [(leaf, read) for read in _attributes(leaf, _assignable(leaf))]
            if not isinstance(leaf, Axis | Spine):
                reads += [(leaf, read) for read in _readers(leaf)]
        self._objects = [(artist, read, read()) for artist, read in reads]
        shared = {id(transform) for transform in _shared_transforms(figure)}
        self._matrices = [
            (leaf, functools.partial(_matrix, transform), _matrix(transform))
            for leaf in leaves
            for transform in _transforms(leaf)
            if id(transform) not in shared and not isinstance(transform, IdentityTransform)
        ]

    def broken_by(self) -> set[Any]:
        """Those that have changed since."""
        found = {
            artist
            for artist, read, drawn in self._objects
            if (now := read()) is not drawn and not (isinstance(now, _COMPARED) and now == drawn)
        }
        found.update(artist for artist, read, drawn in self._matrices if read() != drawn)
        return found

    def renew(self) -> None:
        """Those have been drawn, as they are."""
        self._objects = [(artist, read, read()) for artist, read, _ in self._objects]
        self._matrices = [(artist, read, read()) for artist, read, _ in self._matrices]


def _assignable(artist: Any) -> set[str]:
    """The attributes of an artist that a plotter may assign to; ``zorder`` is one of its class until then."""
    names = {name for name, value in vars(artist).items() if name[0] != "_" and isinstance(value, _DATA)}
    return names - _NOTES | {"zorder"}


def _attributes(artist: Any, names: Iterable[str]) -> list[_Read]:
    return [functools.partial(vars(artist).get, name) for name in names]


def _readers(artist: Any) -> list[_Read]:
    """Those that this version of matplotlib has, and that do not make what they return anew each time."""
    names = [name for kind, names in _SET_SILENTLY if isinstance(artist, kind) for name in names]
    found = [getattr(artist, name) for name in names if hasattr(artist, name)]
    return [read for read in found if read() is read() or isinstance(read(), _COMPARED)]


def _shared_transforms(figure: Any) -> Iterator[Any]:
    """Those that move with limits, layout and size, of which there is notice."""
    for branch in branches_of(figure):
        yield from (
            (branch.transData, branch.transAxes) if isinstance(branch, Axes) else (branch.transSubfigure,)
        )


def _transforms(artist: Any) -> list[Any]:
    """The transforms that were given to an artist: it uses them, and they may be changed in place."""
    if isinstance(artist, Axis | Spine) or (isinstance(artist, Text) and not artist.get_text()):
        return []
    if isinstance(artist, Patch):
        return [artist.get_data_transform()]
    if isinstance(artist, Collection):
        return [artist.get_transform(), artist.get_offset_transform()]
    return [artist.get_transform()]


def _matrix(transform: Any) -> bytes:
    matrix: bytes = transform.get_affine().get_matrix().tobytes()
    return matrix
