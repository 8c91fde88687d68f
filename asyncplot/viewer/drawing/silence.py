"""Changes of which matplotlib gives no notice, though its next full draw shows them. GUI thread.

``Artist.stale`` is not set by some setters (``mesh.set_array``), where an attribute is assigned to (``note.xy = 1, 2``,
``points._offsets3d = x, y, z``), where something is changed that the artist holds (``image.norm.gamma = 2``,
``image.cmap.set_bad("red")``), or a transform that it was given. In: the artists of a figure as they are drawn; out:
those that have changed so since. What is compared of each artist, and why, stands in `compared`.

A thing has changed when it is another object, and not equal to the one before. What is written *into* an array is not
seen.

What it costs: all values of one artist are taken out of its dictionary by one call, and compared by one. A blitted frame of
ten moving lines takes 10.5 us for that, where reading a few things, each by a call of its own, took 6.0; ten scatter plots
12.6 and 10.5, ten bars 10.7 and 7.3 (the fastest of interleaved runs on a loaded machine, CPython 3.11). An artist that is
known to have changed is not compared, only read again.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

from . import privates
from .children import axes_of, leaves_of
from .compared import (
    given_transforms,
    held_by,
    matrix,
    parts_of_texts,
    reader_of,
    reader_of_axes,
    reader_of_held,
    shared_transforms,
)

_Read = Callable[[Any], Any]

#: Whose it is, how it is read, from what, and how it was when it was drawn. (A list, as the last one changes.)
_Entry = list[Any]


class Silence:
    """What the artists of one figure were drawn with."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._of: dict[Any, list[_Entry]] = {}

    def remember(self, figure: Any) -> None:
        """All of the figure has been drawn, as it is."""
        self._entries = []
        self._of = {}
        shared = shared_transforms(figure)
        leaves = set(leaves_of(figure))
        for axes in axes_of(figure):
            self._add(axes, reader_of_axes, axes)
            # The ticks of a colour bar go by its norm.
            if (norm := privates.norm_of_colorbar(axes)) is not None:
                self._add(axes, reader_of_held(norm), vars(norm))
        for leaf in leaves:
            for artist in (leaf, *parts_of_texts(leaf, leaves)):
                self._add(leaf, reader_of(artist), vars(artist))
                for thing in held_by(artist):
                    self._add(leaf, reader_of_held(thing), vars(thing))
            for transform in given_transforms(leaf, shared):
                self._add(leaf, matrix, transform)

    def _add(self, artist: Any, read: _Read, source: Any) -> None:
        entry = [artist, read, source, read(source)]
        self._entries.append(entry)
        self._of.setdefault(artist, []).append(entry)

    def broken_by(self, known: Container[Any] = ()) -> set[Any]:
        """Those that have changed since, but for those that are known to."""
        found: set[Any] = set()
        for artist, read, source, drawn in self._entries:
            if artist in known:
                continue
            try:
                if read(source) == drawn:
                    continue
            except Exception:  # noqa: BLE001 (arrays say neither yes nor no, and objects of users what they like)
                pass
            found.add(artist)
        return found

    def renew_all(self) -> None:
        """All have been drawn, as they are."""
        self.renew(self._of)

    def renew(self, artists: Iterable[Any]) -> None:
        """Those have been drawn, as they are."""
        for artist in artists:
            for entry in self._of.get(artist, ()):
                try:
                    entry[3] = entry[1](entry[2])
                except KeyError:  # somebody has deleted an attribute: it stays changed until `remember`
                    entry[3] = None
