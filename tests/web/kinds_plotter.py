"""The plotter of test_pixels_on_the_page: the figures and the changes of the table in tests/viewer/test_pixel_equality.py."""

from __future__ import annotations

import importlib
import sys
from typing import Any


class Kinds:
    """Shows a figure of the table, and applies changes of the table to it.

    Parameters
    ----------
    folder : str
        Where the module with the table lies.
    """

    def __init__(self, folder: str) -> None:
        sys.path.insert(0, folder)
        self._table = importlib.import_module("test_pixel_equality")
        self._figure: Any = None

    def update(self, builder: int | None, changes: list[tuple[int, int]]) -> None:
        """Make the figure of that number, or keep the one that is there; then change it."""
        from matplotlib import pyplot

        if builder is not None:
            pyplot.close("all")
            self._figure = pyplot.figure(figsize=self._table.SIZE)
            self._table.BUILDERS[builder](self._figure)
        every = [*self._table.OFTEN, *self._table.RARELY]
        for number, value in changes:
            every[number % len(every)](self._figure, value)
