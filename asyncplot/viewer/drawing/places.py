"""Where axes stand in a figure, so that those which are made anew in each frame are known again. GUI thread.

In: a figure; out: a `Place` for each of its axes, equal for axes that were made in the same way. Nothing is kept. A cell
of a grid is known by its number, as a layout engine moves the axes in it; other axes are known by where they were put.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from .aspects import aspects_of


class Place(NamedTuple):
    """A place in a figure.

    Attributes
    ----------
    kind : tuple
        What the axes are, by what a user can change about them.
    spot : tuple
        The cell of a grid, or the rectangle in the figure.
    rank : int
        Of several axes of a kind at one spot (twins) the how many-th they are.
    """

    kind: tuple[str, ...]
    spot: tuple[Any, ...]
    rank: int


def places_of(figure: Any) -> Iterator[tuple[Any, Place]]:
    """The axes of a figure, and the place of each."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for axes in figure.axes:
        kind = tuple(aspect.name for aspect in aspects_of(axes))
        spot = _spot(axes)
        yield axes, Place(kind, spot, seen[kind, spot])
        seen[kind, spot] += 1


def _spot(axes: Any) -> tuple[Any, ...]:
    cell = axes.get_subplotspec()
    if cell is not None:  # of a grid, which may stand in a cell of another one
        return cell.get_geometry(), cell.get_topmost_subplotspec().get_geometry()
    return tuple(round(float(edge), 3) for edge in axes.get_position(original=True).bounds)
