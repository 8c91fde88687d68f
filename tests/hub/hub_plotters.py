"""A plotter for runs that the hub lists; made in the viewers."""

from __future__ import annotations


class Trace:
    """A level line."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, axes = pyplot.subplots(num="trace")
        (self.line,) = axes.plot([0, 1], [0, 0])

    def update(self, number: float) -> None:
        """Draw it."""
        self.line.set_ydata([number % 2 - 1] * 2)
