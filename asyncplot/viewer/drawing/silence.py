"""Changes that matplotlib does not tell of, although its next full draw shows them. GUI thread.

``Artist.stale`` is not set by some setters (``mesh.set_array``); nor if an attribute is assigned (``note.xy = 1, 2``,
``points._offsets3d = x, y, z``); nor if something changes that the artist holds (``image.norm.gamma = 2``,
``image.cmap.set_bad("red")``), or a transform that it was given. In: the artists of a figure as they are drawn. Out: those
that have changed since in one of these ways. `compared` says what is compared of each artist, and why.

Something has changed if it is another object that is not equal to the one before. What is written *into* an array is not
found.

Cost: all values of one artist are read from its dictionary by one call, and compared by one call. For a blitted frame of ten
moving lines this takes 10.5 us; reading fewer things, each by its own call, took 6.0. For ten scatter plots it is 12.6
and 10.5 us, for ten bars 10.7 and 7.3 (fastest of interleaved runs on a loaded machine, CPython 3.11). An artist that is
known to have changed is only read again, not compared.
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

#: The artist, how to read a thing, the thing, and what was read when it was drawn. (A list, because the last one changes.)
_Entry = list[Any]


class Silence:
    """What the artists of one figure were like when they were drawn."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._of: dict[Any, list[_Entry]] = {}

    def remember(self, figure: Any) -> None:
        """Note what all artists are like: the whole figure has been drawn."""
        self._entries = []
        self._of = {}
        shared = shared_transforms(figure)
        leaves = set(leaves_of(figure))
        for axes in axes_of(figure):
            self._add(axes, reader_of_axes, axes)
            # The ticks of a colour bar depend on its norm.
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

    def changed(self, known: Container[Any] = ()) -> set[Any]:
        """The artists that have changed since they were drawn, without those that are ``known`` to have changed."""
        found: set[Any] = set()
        for artist, read, source, drawn in self._entries:
            if artist in known:
                continue
            try:
                if read(source) == drawn:
                    continue
            except Exception:  # noqa: BLE001 (the truth of an array is an error, and objects of users raise what they like)
                pass
            found.add(artist)
        return found

    def renew_all(self) -> None:
        """Note what all known artists are like: they have been drawn."""
        self.renew(self._of)

    def renew(self, artists: Iterable[Any]) -> None:
        """Note what some artists are like: they have been drawn."""
        for artist in artists:
            for entry in self._of.get(artist, ()):
                try:
                    entry[3] = entry[1](entry[2])
                except KeyError:  # an attribute was deleted: the artist counts as changed until `remember`
                    entry[3] = None
