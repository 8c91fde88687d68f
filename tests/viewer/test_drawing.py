"""What a viewer says of how it drew, and the knobs: `blit`, and a plotter's `fps`."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import asyncplot
import desktop
from conditions import wait_until

X = np.linspace(0.0, 6.0, 100)


class Curve:
    """A line and a title; limits that stay."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        self.figure, self.axes = plt.subplots()
        self.figure.canvas.manager.set_window_title("curve")
        (self.line,) = self.axes.plot(X, np.zeros_like(X), "r", lw=3)
        self.axes.set_ylim(-1, 1)

    def update(self, y: Any) -> None:
        """Show y."""
        self.line.set_ydata(y)


class Fast(Curve):
    """Asks for more frames than a screen shows."""

    fps = 500


class Nonsense(Curve):
    """Asks for what cannot be."""

    fps = "fast"


@pytest.mark.parametrize("backend", ["offscreen", "qt", "tk"])
def test_a_line_is_blitted(display: str, backend: str) -> None:
    """After the line has been seen to change, only it is drawn; the statistics say so, also after the end."""
    with asyncplot.Server(Curve, backend=backend) as plot:
        for number in range(20):
            plot.update(np.sin(X + number)).wait(20)
    because = dict(plot.stats.full_because)
    assert because.pop("the first picture") == 1
    # Qt draws a window of its own accord when it appears.
    assert set(because) <= {"a Line2D began to change", "the window or its toolbar drew it"}
    assert plot.stats.blitted == 20 - plot.stats.full >= 17


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_the_screen_shows_what_was_blitted(display: str, backend: str) -> None:
    """What stands on the screen after blitted frames is the picture that the canvas has."""
    with asyncplot.Server(Curve, backend=backend) as plot:
        for number in range(6):
            plot.update(np.full_like(X, -0.9 + 0.3 * number)).wait(20)
        red = wait_until(rows_of_red, 20)
        plot.plotter.axes.set_xlabel("drawn in full")
        assert plot.flush(20)
        wait_until(lambda: abs(rows_of_red() - red) <= 30, 20)
    assert plot.stats.blitted >= 3


def rows_of_red() -> float:
    """The mean row of the red line on the screen; 0 without one."""
    rows, _ = np.nonzero(np.abs(desktop.pixels() - (255, 0, 0)).max(axis=-1) <= 2)
    return float(rows.mean()) if len(rows) > 300 else 0.0


def test_blit_off() -> None:
    """With blit=False each picture is drawn in full."""
    with asyncplot.Server(Curve, backend="offscreen", blit=False) as plot:
        for number in range(5):
            plot.update(np.sin(X + number)).wait(20)
    assert plot.stats.blitted == 0
    assert dict(plot.stats.full_because) == {"blit=False": 5}


def test_a_plotter_may_ask_for_more_frames() -> None:
    """A plotter with fps is called more often than a screen shows frames; so its frames are not the limit."""
    with asyncplot.Server(Fast, backend="offscreen", max_overhead=1.0) as plot:
        assert plot.ready(20)
        wait_until(lambda: [plot.update(np.sin(X)) for _ in range(100)] and plot.stats.fps > 80, 40)


def test_a_rate_that_cannot_be_is_refused() -> None:
    """An fps that is no rate is an error that says so."""
    with asyncplot.Server(Nonsense, backend="offscreen") as plot:
        wait_until(lambda: not plot.is_alive, 20)
        with pytest.raises(asyncplot.AsyncplotError, match="fps is 'fast'; it is a number above 0"):
            plot.check()


class Opening:
    """Opens a figure for each frame, and closes the one before."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def update(self, number: int) -> int:
        """How many of the figures there have been are still in memory."""
        from matplotlib import pyplot as plt

        plt.close("all")
        figure, axes = plt.subplots()
        axes.plot([0, number])
        self.seen.append(weakref.ref(figure))
        del figure, axes
        gc.collect()
        return sum(each() is not None for each in self.seen)


# Not Qt: there matplotlib 3.11.2 by itself keeps each figure whose window was closed.
@pytest.mark.parametrize("backend", ["offscreen", "tk"])
def test_closed_figures_are_forgotten(display: str, backend: str) -> None:
    """Nothing of the viewer's keeps a figure that the plotter has closed."""
    with asyncplot.Server(Opening, backend=backend) as plot:
        alive = []
        for number in range(8):
            pending = plot.update(number)
            pending.wait(20)
            alive.append(pending.value)
        plot.check()
    assert alive[-1] <= 3, alive


class Solid:
    """Points in 3-D axes that are written to in place, which cannot be seen from outside; and a figure beside."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        self.beside, axes = plt.subplots()
        (self.line,) = axes.plot(X, X)
        axes.set_ylim(-6, 6)
        self.figure = plt.figure(figsize=(3, 2))
        self.axes = self.figure.add_subplot(projection="3d")
        self.points = self.axes.scatter(X, X, X)

    def update(self, z: float) -> None:
        """Write into the array that the artist holds."""
        self.points._offsets3d[2][:] = z
        self.line.set_ydata(X - z)

    def picture(self) -> bytes:
        """The pixels of the picture."""
        return bytes(self.figure.canvas.buffer_rgba())  # type: ignore[attr-defined]


def test_solid_axes_are_drawn_after_each_update() -> None:
    """What is written into the arrays of 3-D artists is seen with the same frame; other figures are still blitted."""
    with asyncplot.Server(Solid, backend="offscreen") as plot:
        pictures = []
        for number in range(5):
            plot.update(float(number)).wait(20)
            pictures.append(bytes(plot.plotter.picture()))
        assert len(set(pictures)) == 5
        assert plot.stats.full_because["3-D axes are drawn after each update"] >= 4
        assert plot.stats.blitted >= 3


class Still(Curve):
    """Has a clock that does nothing, and counts how often its figure was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.draws = self.ticks = 0
        self.figure.canvas.mpl_connect("draw_event", self.drawn)
        self.timer = self.figure.canvas.new_timer(20, [(self.tick, (), {})])
        self.timer.start()

    def drawn(self, _: Any) -> None:
        """The figure was drawn."""
        self.draws += 1

    def tick(self) -> None:
        """Nothing has happened."""
        self.ticks += 1

    def count(self) -> tuple[int, int]:
        """How many ticks, and draws, there have been."""
        return self.ticks, self.draws


@pytest.mark.parametrize("backend", ["offscreen", "qt", "tk"])
def test_what_stays_is_not_drawn_again(display: str, backend: str) -> None:
    """While nothing changes nothing is drawn, neither by a tick of the viewer nor by a request from outside."""
    with asyncplot.Server(Still, backend=backend) as plot:
        plot.update(np.sin(X)).wait(20)
        wait_until(lambda: plot.plotter.count()[0] > 5, 20)  # a window has settled, too
        ticks, draws = plot.plotter.count()
        wait_until(lambda: plot.plotter.count()[0] > ticks + 20, 20)
        assert plot.plotter.count()[1] == draws
