"""The position of axes in a figure, by which axes are recognised that a plotter makes anew in each frame. GUI thread.

In: a figure. Out: a `Position` for each of its axes, equal for axes that were made in the same way. Nothing is kept. Axes in
a grid are recognised by their cell, because a layout engine moves them; other axes by their rectangle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from .aspects import aspects_of


class Position(NamedTuple):
    """The position of axes in a figure.

    Attributes
    ----------
    kind : tuple
        The kind of the axes: the names of what a user can change about them.
    spot : tuple
        The cell of a grid, or the rectangle in the figure.
    rank : int
        0 for the first axes of this kind at this spot, 1 for the second (a twin), and so on.
    """

    kind: tuple[str, ...]
    spot: tuple[Any, ...]
    rank: int


def positions_of(figure: Any) -> Iterator[tuple[Any, Position]]:
    """The axes of a figure, each with its position."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for axes in figure.axes:
        kind = tuple(aspect.name for aspect in aspects_of(axes))
        spot = _spot(axes)
        yield axes, Position(kind, spot, seen[kind, spot])
        seen[kind, spot] += 1


def _spot(axes: Any) -> tuple[Any, ...]:
    cell = axes.get_subplotspec()
    if cell is not None:  # of a grid, which may be in a cell of another grid
        return cell.get_geometry(), cell.get_topmost_subplotspec().get_geometry()
    return tuple(round(float(edge), 3) for edge in axes.get_position(original=True).bounds)
