"""A plotter need not use matplotlib: one with pyqtgraph lives in the same GUI loop."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

import asyncplot
import desktop
from conditions import wait_until
from viewer_plotters import Graph

x = np.linspace(0.0, 1.0, 20)


@pytest.fixture
def plot(display: str) -> Iterator[asyncplot.Server]:
    """A server whose plotter is pyqtgraph's."""
    pytest.importorskip("pyqtgraph")
    with asyncplot.Server(Graph, backend="qt") as server:
        assert server.ready(20), server.viewers
        yield server


def test_its_frames_are_on_the_screen(plot: asyncplot.Server) -> None:
    """Frames are drawn by pyqtgraph's own window, and what a request changes is, too."""
    assert plot.viewers[0].windows == 1
    desktop.window("graph")
    assert plot.update(x, x**2).value == 20
    wait_until(lambda: desktop.area(0x20, 0xC0, 0x10) > 2000, what="the points on the screen")
    plot.update(x[:1], x[:1])
    assert plot.flush(10)
    wait_until(lambda: 0 < desktop.area(0x20, 0xC0, 0x10) < 1000, what="one point on the screen")
    plot.plotter.window.setBackground("#c02010")
    wait_until(lambda: desktop.area(0xC0, 0x20, 0x10) > 10_000, what="the new background on the screen")


def test_the_last_of_many_frames_arrives(plot: asyncplot.Server) -> None:
    """After a flood pyqtgraph shows the newest frame."""
    numbers = itertools.count()
    while plot.stats.drawn < 10:
        for number in itertools.islice(numbers, 1000):
            plot.update(x, x + number)
    assert plot.flush(10)
    assert list(plot.plotter.points()) == list(x + next(numbers) - 1)
    assert plot.stats.superseded > 100


def test_the_user_closes_its_window(plot: asyncplot.Server) -> None:
    """`wait` returns when pyqtgraph's window is closed, as with matplotlib's."""
    desktop.close("graph")
    plot.wait()
    wait_until(lambda: not plot.is_alive)
    plot.check()


def test_its_window_does_not_take_the_focus(display: str) -> None:
    """A window that is not matplotlib's leaves the focus where it is, too."""
    pytest.importorskip("pyqtgraph")
    with desktop.other_program() as work, asyncplot.Server(Graph, backend="qt") as plot:
        assert plot.update(x, x).value == 20
        desktop.window("graph")
        assert desktop.focus() == work
