"""Reduces data to what a screen shows: the minimum and the maximum of each pixel column, by tsdownsample. Pure.

In: arrays, and which part is looked at. Out: the few points that make the same picture. Used on the compute side before a
frame is copied, and in the viewer when a line is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

#: A line with at most so many points is not reduced.
FEW = 10_000

#: How many columns are kept of the whole range.
COLUMNS = 4000

Array = npt.NDArray[Any]


def extremes(y: Array, columns: int, x: Array | None = None) -> npt.NDArray[np.intp]:
    """The indices of the minimum and the maximum in each column, ascending, and of both ends.

    Parameters
    ----------
    y : array, shape (n,)
        Real values. Those that are not numbers are ignored.
    columns : int
        The number of columns. They have equal width in x, if its ends are finite and differ; else equally many points.
    x : array, shape (n,), optional
        Ascending.

    Examples
    --------
    >>> extremes(np.array([0.0, 5.0, 1.0, 1.0, -3.0, 2.0, 2.0, 2.0]), 2).tolist()
    [0, 1, 4, 5, 7]
    """
    columns = max(columns, 2)  # tsdownsample panics with fewer, and with columns of zero or infinite width
    if y.size <= 2 * columns:
        return np.arange(y.size)
    downsample: Any = _downsampler()
    values = np.ascontiguousarray(y)
    if values.dtype.kind not in "fiub" or values.dtype.itemsize > 8 or not values.dtype.isnative:
        values = values.astype(float)
    values = values.view(np.uint8) if values.dtype.kind == "b" else values
    if x is None or not 0.0 < float(x[-1]) - float(x[0]) < math.inf:
        found = downsample(values, n_out=2 * columns)
    else:
        # As floats: for integers tsdownsample rounds the edges of columns to integers, and loses extremes.
        places = np.ascontiguousarray(x, dtype=float)
        found = downsample(places, values, n_out=2 * columns)
    return np.unique(np.concatenate([[0], found.astype(np.intp), [y.size - 1]]))


def window(size: int, x: Array | None, low: float, high: float) -> slice:
    """The part of a curve between two abscissas, and one more point on each side. ``x`` must ascend."""
    low, high = min(low, high), max(low, high)
    if x is None:
        first = math.ceil(min(max(low, 0.0), size)) - 1
        last = math.floor(min(max(high, -1.0), size)) + 1
    else:
        first, last = int(np.searchsorted(x, low, "left")) - 1, int(np.searchsorted(x, high, "right"))
    return slice(max(first, 0), max(min(last + 1, size), 0))


def ascends(x: Array) -> bool:
    """Whether abscissas ascend. Only then a curve can be divided into columns.

    >>> ascends(np.array([0, 1, 1, 2])), ascends(np.array([0.0, np.nan, 2.0]))
    (True, False)
    """
    return bool((x[1:] >= x[:-1]).all())


def reduced(x: Array | None, y: Array, views: Sequence[Any]) -> tuple[Array | None, Array]:
    """The points of a curve that all views need: the whole range coarsely, and each view finely.

    Parameters
    ----------
    x : array or None
        Abscissas; None: 0, 1, 2, ...
    y : array
        Real or complex.
    views : sequence of dict
        ``x``: the first and the last abscissa that are looked at; ``width``: how many pixels that is.
    """
    if y.size <= FEW or y.dtype.hasobject or (x is not None and not ascends(x)):
        return x, y
    parts = (y.real, y.imag) if y.dtype.kind == "c" else (y,)
    found = [extremes(part, COLUMNS, x) for part in parts]
    for view in views:
        shown = window(y.size, x, *view["x"])
        # The columns divide the part that is shown, without the points on each side, which may be far away.
        inside = slice(shown.start + 1, max(shown.stop - 1, shown.start + 1))
        columns = max(int(view["width"]), 1)
        places = None if x is None else x[inside]
        found += [extremes(part[inside], columns, places) + inside.start for part in parts]
        if shown.stop > shown.start:
            found.append(np.array([shown.start, shown.stop - 1]))
    indices = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
    return (indices if x is None else x[indices]), y[indices]


def part(size: int, place: tuple[float, float], shown: tuple[float, float], pixels: int) -> slice:
    """Which cells to draw. The cells are between ``place``; the part between ``shown`` has so many pixels.

    >>> part(1000, (0.0, 1000.0), (0.0, 1000.0), 100)
    slice(0, 1000, 10)
    >>> part(1000, (0.0, 1000.0), (200.0, 250.0), 100)
    slice(199, 252, 1)
    """
    cell = (place[1] - place[0]) / size
    first = math.floor((min(shown) - place[0]) / cell) - 1
    last = math.ceil((max(shown) - place[0]) / cell) + 2
    first, last = min(max(first, 0), size - 1), max(min(last, size), 1)
    step = max((last - first) // max(pixels, 1), 1)
    first -= first % step  # the same cells in each step of a pan, so that it does not flicker
    return slice(first, last, step)


def nearest(at: Array, place: tuple[float, float], size: int) -> npt.NDArray[np.intp]:
    """In which of the cells between ``place`` each coordinate is; -1 if in none.

    >>> nearest(np.array([-0.1, 0.0, 1.9, 2.0]), (0.0, 2.0), 4).tolist()
    [-1, 0, 3, -1]
    """
    cells = np.floor((at - place[0]) * (size / (place[1] - place[0]))).astype(np.intp)
    cells[(cells < 0) | (cells >= size)] = -1
    return cells


def _downsampler() -> Any:
    """The function of tsdownsample. It is imported when the first long line comes, which takes 20 ms."""
    import tsdownsample

    kind: Any = tsdownsample.MinMaxDownsampler
    return kind().downsample
