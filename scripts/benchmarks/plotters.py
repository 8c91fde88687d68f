"""The plotters of the benchmarks. They are made and called in the viewer."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

#: The first this many numbers are drawn, as a line.
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
    """Draws nothing. What remains is the cost to bring a frame to the viewer."""

    def update(self, array: Any) -> float:
        """Touch the array."""
        return float(array[0] + array[-1])


class Arrival(Line):
    """Also returns how long a frame was under way, s. All processes read the same monotonic clock."""

    def arrive(self, array: Any, sent: float) -> float:
        """Show an array that was handed over at the time ``sent``."""
        arrived = time.monotonic()
        self.update(array)
        return arrived - sent


class SteadyLine(Line):
    """Draws at a steady rate. If frames come less often, it also draws between them.

    So segments of a loop without frames run beside the same drawing as segments with frames. Both compete
    with it for the machine's cores and memory in the same way.
    """

    #: The time between two tests whether a draw is due, s.
    LOOK = 0.004

    def __init__(self) -> None:
        super().__init__()
        self.period = 0.1
        self.due = 0.0
        self.looking = False

    def pace(self, period: float) -> None:
        """Draw every ``period`` seconds."""
        self.period = period

    def update(self, array: Any) -> None:
        """Show an array. The viewer draws it."""
        super().update(array)
        self._drawn()
        if not self.looking:
            self._look_later()

    def _drawn(self) -> None:
        """Put off the next draw. Missed draws are not made up for long, and draws do not get far ahead."""
        now = time.monotonic()
        self.due = min(max(self.due, now - self.period), now) + self.period

    def _look(self) -> None:
        # A quarter of a period late, so that a frame that is about to come is drawn first.
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
                return  # the first frame may come before the GUI's loop runs; the next update tries again
            loop.call_later(self.LOOK, self._look)
        else:
            qt: Any = importlib.import_module("matplotlib.backends.qt_compat")
            qt.QtCore.QTimer.singleShot(round(self.LOOK * 1000), self._look)
        self.looking = True
