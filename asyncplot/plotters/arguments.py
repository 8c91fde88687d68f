"""Turns what users hand to a plotter into arrays of numbers. Compute side, in `prepare`. In: array-likes. Out: arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import FrameError

#: Kinds of dtypes: floats, integers and bools; the second also has complex numbers.
REAL, NUMERIC = "fiub", "fiubc"

_WORDS = {1: "one-dimensional and ", 2: "two-dimensional and "}


def numbers(what: str, values: Any, dimensions: int | None, kinds: str = REAL) -> Any:
    """An array of numbers. Masked values become NaN.

    Parameters
    ----------
    what : str
        The name of the values, for the error.
    values : array-like
        What the user gave. A `numpy.ma.MaskedArray` becomes floats, or complex numbers.
    dimensions : int or None
        How many the array must have; None: any number.
    kinds : str
        The kinds of dtypes that are allowed.

    Raises
    ------
    FrameError
        If the values are something else.

    Examples
    --------
    >>> numbers("x", np.ma.masked_greater([1, 2, 3], 2), 1).tolist()
    [1.0, 2.0, nan]
    """
    words = f"{_WORDS.get(dimensions or 0, '')}{'numeric' if kinds == NUMERIC else 'real'}"
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:  # a ragged list
        raise FrameError(f"{what} cannot be an array ({error}); it is {words}") from error
    if array.dtype.kind not in kinds or (dimensions is not None and array.ndim != dimensions):
        raise FrameError(f"{what} has shape {array.shape} and dtype {array.dtype}; it is {words}")
    if hasattr(values, "filled"):  # a masked array: `asarray` forgets the mask
        array = values.astype(complex if array.dtype.kind == "c" else float).filled(np.nan)
    return array
