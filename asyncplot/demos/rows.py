"""`NewestRows`: a table that keeps its newest rows. Pure. In: rows, one after the other. Out: a view of the last ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class NewestRows:
    """A table of numbers that keeps its newest rows.

    Parameters
    ----------
    kept : int
        How many rows it keeps.
    columns : int
        How many numbers a row has.

    Examples
    --------
    >>> rows = NewestRows(2, 1)
    >>> for number in range(5):
    ...     rows.append(number)
    >>> rows.newest.tolist()
    [[3.0], [4.0]]
    """

    def __init__(self, kept: int, columns: int) -> None:
        self._kept = kept
        self._rows = np.empty((2 * kept, columns))
        self._count = 0

    @property
    def newest(self) -> npt.NDArray[np.float64]:
        """The newest rows, oldest first; shape (rows, columns). A view."""
        return self._rows[max(0, self._count - self._kept) : self._count]

    def append(self, *row: float) -> None:
        """Add a row. Rows move only when the array is full, so that `newest` can be a view."""
        if self._count == len(self._rows):
            self._rows[: self._kept] = self._rows[-self._kept :]
            self._count = self._kept
        self._rows[self._count] = row
        self._count += 1
