"""The plotters of the benchmarks; they are made and called in the viewer."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

#: What is drawn: the first of the numbers, as a line.
POINTS = 1000


class Line:
    """Draws the first numbers of an array."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        self.figure, axes = plt.subplots()
        (self.line,) = axes.plot(np.zeros(POINTS))
        axes.set_ylim(-2.0, 2.0)

    def update(self, array: Any) -> None:
        """Show an array."""
        shown = np.abs(np.ravel(array)[:POINTS])
        self.line.set_data(np.arange(len(shown)), shown)


class Counting:
    """Draws nothing: what it takes to get a frame here is all there is."""

    def update(self, array: Any) -> float:
        """Touch the array."""
        return float(array[0] + array[-1])


class Arrival(Line):
    """Also says how long a frame was under way, s. One monotonic clock serves all processes."""

    def arrive(self, array: Any, sent: float) -> float:
        """Show an array that was handed over at time ``sent``."""
        arrived = time.monotonic()
        self.update(array)
        return arrived - sent


class SteadyLine(Line):
    """Draws at a steady rate: in between the frames, too, as often as is missing from that rate.

    So that segments of a loop without frames run beside the same drawing as those with frames, and the
    contention for the machine's cores and memory is in both.
    """

    #: How often to look whether a draw is due, s.
    LOOK = 0.004

    def __init__(self) -> None:
        super().__init__()
        self.period = 0.1
        self.due = 0.0
        self.looking = False

    def pace(self, period: float) -> None:
        """Draw each ``period`` seconds."""
        self.period = period

    def update(self, array: Any) -> None:
        """Show an array; the viewer draws it."""
        super().update(array)
        self._drawn()
        if not self.looking:
            self._look_later()

    def _drawn(self) -> None:
        """Put off the next draw; neither catch up for long, nor get far ahead."""
        now = time.monotonic()
        self.due = min(max(self.due, now - self.period), now) + self.period

    def _look(self) -> None:
        # Late by a quarter of a period: a frame that is about to come goes first.
        if time.monotonic() >= self.due + self.period / 4:
            self._drawn()
            self.figure.canvas.draw()
            self.figure.canvas.flush_events()
        self._look_later()

    def _look_later(self) -> None:
        import matplotlib as mpl

        if mpl.get_backend().lower() == "agg":
            import asyncio

            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return  # the first frame may come before the loop runs; the next update tries again
            loop.call_later(self.LOOK, self._look)
        else:
            qt: Any = importlib.import_module("matplotlib.backends.qt_compat")
            qt.QtCore.QTimer.singleShot(round(self.LOOK * 1000), self._look)
        self.looking = True
