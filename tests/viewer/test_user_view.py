"""The user's view is the user's: a pan or zoom by a real mouse stays, until Home or a double click."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import asyncplot
import desktop
from conditions import wait_until

TITLE = "view"


class Zoomable:
    """Axes that fill the window, so that a test knows where to press; drawn anew in the way asked for."""

    def __init__(self, way: str = "set_data") -> None:
        self.way = way
        self.made = False
        self.frames = 0

    def make(self) -> None:
        """Make the figure."""
        from matplotlib import pyplot as plt

        self.figure = plt.figure(figsize=(5, 4))
        self.figure.canvas.manager.set_window_title(TITLE)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        (self.line,) = self.axes.plot([], [])
        self.made = True

    def update(self, x: Any, y: Any) -> None:
        """Show y over x."""
        if not self.made:
            self.make()
        self.frames += 1
        if self.way == "clf":
            self.figure.clf()
            self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
            self.axes.plot(x, y)
        elif self.way == "cla":
            self.axes.cla()
            self.axes.plot(x, y)
        else:
            self.line.set_data(x, y)
            self.axes.relim()
            self.axes.autoscale_view()

    def mode(self, name: str) -> str:
        """Switch the toolbar to pan or zoom."""
        toolbar = self.figure.canvas.manager.toolbar
        getattr(toolbar, name)()
        return str(toolbar.mode)

    def limits(self) -> list[float]:
        """The limits of both axes."""
        return [float(each) for each in (*self.axes.get_xlim(), *self.axes.get_ylim())]


def canvas_centre() -> tuple[int, int]:
    """Where the middle of the picture is on the screen."""
    shell = dict(
        line.split("=")
        for line in desktop.tool(
            "xdotool", "getwindowgeometry", "--shell", str(desktop.window(TITLE).id)
        ).splitlines()
    )
    return int(shell["X"]) + int(shell["WIDTH"]) // 2, int(shell["Y"]) + int(shell["HEIGHT"]) // 2


def drag(dx: int, dy: int, *, release: bool = True) -> None:
    """Press in the middle of the picture, and move the mouse."""
    x, y = canvas_centre()
    desktop.tool("xdotool", "mousemove", "--sync", str(x), str(y), "mousedown", "1")
    for step in range(1, 6):
        desktop.tool("xdotool", "mousemove", str(x + dx * step // 5), str(y + dy * step // 5))
    if release:
        desktop.tool("xdotool", "mouseup", "1")


X = np.linspace(0.0, 10.0, 50)


def show(plot: asyncplot.Server, number: int) -> None:
    """Send one frame, and wait until it is on the screen."""
    plot.update(X, np.sin(X) * (1 + number % 3))
    assert plot.flush(20)


@pytest.mark.parametrize("backend", ["qt", "tk"])
@pytest.mark.parametrize("way", ["set_data", "cla", "clf"])
def test_a_pan_survives_updates_until_home(display: str, backend: str, way: str) -> None:
    """What the user panned to stays through updates, and Home gives the plotter's limits back."""
    with asyncplot.Server(Zoomable(way), backend=backend) as plot:
        show(plot, 0)
        own = plot.plotter.limits()
        assert "pan" in plot.plotter.mode("pan")
        drag(60, 40)
        wait_until(lambda: list(plot.plotter.limits()) != list(own), 20)
        panned = wait_until(lambda: settled(plot), 20)
        for number in range(1, 4):
            show(plot, number)
            assert list(plot.plotter.limits()) == panned
        plot.plotter.figure.canvas.manager.toolbar.home()
        show(plot, 0)
        assert list(plot.plotter.limits()) == list(own)


class Turnable(Zoomable):
    """3-D axes that fill the window; drawn anew in the way asked for."""

    def make(self) -> None:
        """Make the figure, and no axes yet."""
        from matplotlib import pyplot as plt

        self.figure = plt.figure(figsize=(5, 4))
        self.figure.canvas.manager.set_window_title(TITLE)
        self.made = True

    def update(self, x: Any, y: Any) -> None:
        """Show a curve."""
        if not self.made:
            self.make()
        if not self.figure.axes or self.way == "clf":
            self.figure.clf()
            self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0), projection="3d")
        elif self.way == "cla":
            self.axes.cla()
        self.axes.plot(x, y, y)

    def limits(self) -> list[float]:
        """From where it is looked at."""
        return [float(each) for each in (self.axes.elev, self.axes.azim)]


@pytest.mark.parametrize(("backend", "way"), [("qt", "clf"), ("tk", "cla")])
def test_a_turn_of_3d_axes_survives_updates_until_home(display: str, backend: str, way: str) -> None:
    """3-D axes that the user turned stay so through updates, and Home turns them back."""
    with asyncplot.Server(Turnable(way), backend=backend) as plot:
        show(plot, 0)
        own = list(plot.plotter.limits())
        drag(60, 40)
        wait_until(lambda: list(plot.plotter.limits()) != own, 20)
        turned = wait_until(lambda: settled(plot), 20)
        for number in range(1, 3):
            show(plot, number)
            assert list(plot.plotter.limits()) == turned
        plot.plotter.figure.canvas.manager.toolbar.home()
        show(plot, 0)
        assert list(plot.plotter.limits()) == own


def settled(plot: asyncplot.Server) -> list[float] | None:
    """The limits, once two looks agree."""
    first = list(plot.plotter.limits())
    return first if first == list(plot.plotter.limits()) else None


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_a_double_click_gives_the_view_back(display: str, backend: str) -> None:
    """After a zoom by the toolbar's rectangle, a double click lets the plotter's autoscale act again."""
    with asyncplot.Server(Zoomable, backend=backend) as plot:
        show(plot, 0)
        own = list(plot.plotter.limits())
        plot.plotter.mode("zoom")
        drag(80, 60)
        zoomed = wait_until(lambda: (now := list(plot.plotter.limits())) != own and now, 20)
        show(plot, 1)
        assert list(plot.plotter.limits()) == zoomed
        plot.plotter.mode("zoom")  # off
        x, y = canvas_centre()
        desktop.tool(
            "xdotool", "mousemove", "--sync", str(x), str(y), "click", "--repeat", "2", "--delay", "40", "1"
        )
        wait_until(lambda: list(plot.plotter.limits()) != zoomed, 20)
        show(plot, 2)
        assert plot.plotter.limits()[3] > 2.5  # three times a sine: autoscale is the plotter's again


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_frames_wait_during_a_drag(display: str, backend: str) -> None:
    """While the mouse is down in a pan no frame is drawn; after it the newest one is."""
    with asyncplot.Server(Zoomable, backend=backend) as plot:
        show(plot, 0)
        plot.plotter.mode("pan")
        before = plot.plotter.limits()
        drag(50, 0, release=False)
        wait_until(lambda: list(plot.plotter.limits()) != list(before), 20)
        frames = plot.plotter.frames
        last = None
        for number in range(20):
            desktop.tool("xdotool", "mousemove_relative", "--", "1", "0")
            last = plot.update(X, np.sin(X) * number)
        assert not plot.flush(0.3)
        assert last is not None
        assert not last.ready
        desktop.tool("xdotool", "mouseup", "1")
        assert plot.flush(20)
        assert last.state == "drawn"
        assert plot.plotter.frames - frames <= 2
