"""Plotters for runs that are joined; made in the viewers."""

from __future__ import annotations

import numpy as np


class Trace:
    """A line; returns what it was given."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, self.axes = pyplot.subplots(num="trace")
        (self.line,) = self.axes.plot([], [])
        self.axes.set(xlim=(0, 10), ylim=(0.1, 10))
        self.seen: list[float] = []

    def update(self, number: float) -> float:
        """Draw a level line."""
        self.line.set_data([0, 10], np.full(2, 1.0 + number % 5))
        self.seen.append(number)
        return number


class Broken:
    """Its constructor raises."""

    def __init__(self) -> None:
        raise RuntimeError("no such instrument")

    def update(self, number: float) -> None:
        """Never called."""
