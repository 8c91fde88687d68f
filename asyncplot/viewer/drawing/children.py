"""What a figure consists of: its axes, the artists that draw themselves, and the parts of these. GUI thread.

In: a figure or an artist. Out: artists. Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D


def axes_of(figure: Any) -> Iterator[Any]:
    """All axes, with insets."""
    for axes in figure.axes:
        yield axes
        yield from axes.child_axes


def leaves_of(figure: Any) -> Iterator[Any]:
    """All artists that draw themselves: the children of axes and of figures that are no axes or figures."""
    for artist in figure.get_children():
        if isinstance(artist, Axes | FigureBase):
            yield from leaves_of(artist)
        else:
            yield artist


def branches_of(figure: Any) -> Iterator[Any]:
    """The figure, and the axes and figures in it."""
    yield figure
    for artist in figure.get_children():
        if isinstance(artist, Axes | FigureBase):
            yield from branches_of(artist)


def parts_of(leaf: Any, others: set[Any]) -> Iterator[Any]:
    """The artists that a leaf consists of: the labels of an axis, the cells of a table, the arrow of a note.

    They are found among the attributes: ``get_children`` leaves out the arrows and boxes of texts, and computes ticks.

    Parameters
    ----------
    leaf : Artist
        An artist that draws itself.
    others : set of Artist
        All leaves of the figure; another leaf is never a part of this one.
    """
    seen = {leaf}
    waiting = [leaf]
    while waiting:
        for value in vars(waiting.pop()).values():
            kind = type(value)
            several = value if kind is list else value.values() if kind is dict else (value,)
            for part in several:
                if not isinstance(part, Artist):
                    break  # only the first item is looked at: a list may hold a million numbers
                if part in seen or part in others or isinstance(part, Axes | FigureBase):
                    continue
                seen.add(part)
                yield part
                if not isinstance(part, Line2D):  # which has no parts, and of which axes have a hundred
                    waiting.append(part)
