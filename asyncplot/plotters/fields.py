"""The geometry of 2-D fields: which cells are sent, where they are in the axes, which colours hold them. Pure.

In: a field, and which part of it is looked at. Out: the field reduced to the screen (`Prepared`), on the compute side; and its
pieces in the units of the axes, in the viewer. `asyncplot.plotters.Image` and `asyncplot.plotters.qt.Image` both use it.

A rectangle is written as matplotlib's ``extent``: left, right, bottom, top. In *cells*, the field reaches from 0 to columns, and
from 0 to rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import FrameError
from .arguments import NUMERIC, numbers
from .autoscale import StillLimits
from .reduction import part

#: A field of at most so many rows and columns is sent whole; of a larger one about so many are sent.
_SHIPPED = 1024

#: Four numbers around a rectangle: left, right, bottom, top.
Extent = tuple[float, float, float, float]


class Piece(NamedTuple):
    """A part of a field: its values, and its extent in cells."""

    values: Any
    cells: Extent

    @property
    def coarseness(self) -> float:
        """How many cells of the field one value stands for."""
        left, right, bottom, top = self.cells
        return (right - left) * (top - bottom) / float(self.values.size)


class Prepared(NamedTuple):
    """A field as `reduced_field` leaves it.

    Attributes
    ----------
    whole : array
        The whole field, coarsely.
    pieces : list of Piece
        What each viewer looks at, finely.
    shape : (rows, columns)
        Of the field.
    extremes : (low, high)
        The smallest and the largest finite value of ``whole``, of the density if it is complex.
    """

    whole: Any
    pieces: list[Piece]
    shape: tuple[int, int]
    extremes: tuple[float, float]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is shown of it: its value; or, if it is complex, its density and its phase."""
        return ("density", "phase") if np.iscomplexobj(self.whole) else ("value",)

    def layers(self) -> list[Piece]:
        """The whole field, and over it the pieces, the finest last."""
        down, across = _steps(self.shape)
        rows, columns = self.whole.shape
        # Each value is as wide as the cells that it stands for, so the last ones may reach beyond the field.
        whole = Piece(self.whole, (0.0, columns * across, 0.0, rows * down))
        return [whole, *sorted(self.pieces, key=lambda piece: piece.coarseness, reverse=True)]


def reduced_field(z: Any, views: Sequence[Any]) -> Prepared:
    """Reduce a large field to what the views show, by leaving out rows and columns.

    Parameters
    ----------
    z : array, shape (rows, columns)
        Real, bool or complex.
    views : sequence of dict
        What each viewer looks at, see `cells_in_view`.

    Raises
    ------
    FrameError
        If it is not two-dimensional and numeric, or empty.
    """
    field = numbers("the field", z, 2, NUMERIC)
    if not field.size:
        raise FrameError(f"the field has shape {field.shape}: there is nothing to show")
    down, across = _steps(field.shape)
    whole = np.ascontiguousarray(field[::down, ::across])
    pieces = [_piece(field, view) for view in views] if whole.size < field.size else []
    return Prepared(whole, pieces, field.shape, _extremes(whole))


def _piece(field: Any, view: Any) -> Piece:
    """The part of a field that is looked at, with about as many values as pixels."""
    rows, columns = field.shape
    down = part(rows, (0.0, rows), view["y"], view["height"])
    across = part(columns, (0.0, columns), view["x"], view["width"])
    values = np.ascontiguousarray(field[down, across])
    right = across.start + across.step * values.shape[1]
    top = down.start + down.step * values.shape[0]
    return Piece(values, (across.start, right, down.start, top))


def _steps(shape: tuple[int, int]) -> tuple[int, int]:
    """Every how many rows, and every how many columns, one is sent."""
    return max(math.ceil(shape[0] / _SHIPPED), 1), max(math.ceil(shape[1] / _SHIPPED), 1)


def _extremes(values: Any) -> tuple[float, float]:
    """The smallest and the largest finite value, of complex ones of the density; NaN if there is none."""
    if values.dtype.kind == "c":
        values = _density(values)
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = values[np.isfinite(values)]
        return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
    return low, high


def _density(values: Any) -> Any:
    return values.real**2 + values.imag**2


def _plain(values: Any) -> Any:
    return values.astype(np.uint8) if values.dtype.kind == "b" else values


#: Kind -> how it is computed from the values of a field.
CONVERSIONS: dict[str, Callable[[Any], Any]] = {"phase": np.angle, "density": _density, "value": _plain}


def titled(name: str, kind: str) -> str:
    """The title of the picture of one kind.

    >>> titled("psi", "phase"), titled("", "phase"), titled("psi", "value")
    ('psi phase', 'phase', 'psi')
    """
    return name if kind == "value" else f"{name} {kind}".strip()


def follow_colours(still: StillLimits, low: float, high: float) -> bool:
    """Have colour limits follow the extremes of a field; True if the limits have changed."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return False
    if 0.0 <= low < 0.2 * high:
        low = 0.0  # values above zero are shown from zero on
    return still.follow(low, high, margin=0.0)


def is_rectangle(extent: Sequence[float]) -> bool:
    """Whether these are four finite numbers around a rectangle with some area."""
    return (
        len(extent) == 4
        and all(map(math.isfinite, extent))
        and extent[0] != extent[1]
        and extent[2] != extent[3]
    )


def is_squarish(extent: Extent) -> bool:
    """Whether a picture with equal units in both directions is at most four times as long as wide."""
    return 0.25 <= abs((extent[1] - extent[0]) / (extent[3] - extent[2])) <= 4.0


def upright(piece: Piece, shape: tuple[int, int], extent: Extent, origin: str) -> tuple[Any, Extent]:
    """The values of a piece with the first row at the bottom, and its extent in the units of the axes.

    Parameters
    ----------
    piece : Piece
        A part of the field.
    shape : (rows, columns)
        Of the field.
    extent : Extent
        Of the field, in the units of the axes.
    origin : {"lower", "upper"}
        Where the first row of the field is.
    """
    rows, columns = shape
    left, right, bottom, top = piece.cells
    values = piece.values
    if origin == "upper":
        values, bottom, top = values[::-1], rows - top, rows - bottom
    x0, x1, y0, y1 = extent
    dx, dy = (x1 - x0) / columns, (y1 - y0) / rows
    return values, (x0 + dx * left, x0 + dx * right, y0 + dy * bottom, y0 + dy * top)


def cells_in_view(
    shown: Extent, size: tuple[float, float], shape: tuple[int, int], extent: Extent, origin: str
) -> dict[str, Any] | None:
    """Which cells are looked at, as `reduced_field` wants it; None for all of them.

    Parameters
    ----------
    shown : Extent
        The limits of the axes.
    size : (width, height)
        Of the axes, in pixels.
    shape, extent, origin
        Of the field, as in `upright`.

    Examples
    --------
    >>> whole = 0.0, 100.0, 0.0, 50.0
    >>> cells_in_view((-1.0, 101.0, 0.0, 50.0), (640.0, 480.0), (50, 100), whole, "lower")
    >>> cells_in_view((0.0, 10.0, 0.0, 20.0), (640.0, 480.0), (50, 100), whole, "upper")
    {'x': [0.0, 10.0], 'y': [30.0, 50.0], 'width': 640, 'height': 480}
    """
    rows, columns = shape
    x0, x1, y0, y1 = extent
    x = sorted((float(at) - x0) / (x1 - x0) * columns for at in shown[:2])
    y = sorted((float(at) - y0) / (y1 - y0) * rows for at in shown[2:])
    if x[0] <= 0.0 and x[1] >= columns and y[0] <= 0.0 and y[1] >= rows:
        return None
    if origin == "upper":
        y = [rows - y[1], rows - y[0]]
    return {"x": x, "y": y, "width": round(size[0]), "height": round(size[1])}
