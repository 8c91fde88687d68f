"""V2: after `update`, and after any request from outside, the viewer redraws what changed."""

from __future__ import annotations

import numpy as np
import pytest

import asyncplot
import desktop
from conditions import wait_until
from viewer_plotters import Panel, TwoPanels

pytestmark = pytest.mark.contract

#: A window of 300 x 200 pixels has more of its background than this.
MUCH = 10_000


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_a_frame_is_on_the_screen_when_flush_returns(display: str, backend: str) -> None:
    """The pixels of the real screen show the frame that `flush` waited for."""
    with asyncplot.Server(Panel, backend=backend) as plot:
        plot.update("#10c020")
        assert plot.flush(20)
        # The window manager may still be placing a new window, so the first frame may take a moment.
        wait_until(lambda: desktop.area(0x10, 0xC0, 0x20) > MUCH, what="the first frame on the screen")
        for red in (0x30, 0x60, 0x90):
            plot.update(f"#{red:02x}1020")
            assert plot.flush(10)
            assert desktop.area(red, 0x10, 0x20) > MUCH


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_what_a_request_changed_is_redrawn(display: str, backend: str) -> None:
    """A title set through `Server.plotter` appears on the screen without another frame."""
    with asyncplot.Server(Panel, backend=backend) as plot:
        plot.update("#10c020")
        assert plot.flush(20)
        wait_until(lambda: desktop.area(0x10, 0xC0, 0x20) > MUCH)
        before = desktop.area(0x10, 0xC0, 0x20)
        plot.plotter.ax.set_title("MMMMMMMMMM")
        wait_until(lambda: desktop.area(0x10, 0xC0, 0x20) < before - 100, what="the title on the screen")
        plot.plotter.fig.set_facecolor("#2010c0")
        wait_until(lambda: desktop.area(0x20, 0x10, 0xC0) > MUCH, what="the new colour on the screen")


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_figures_that_did_not_change_are_not_drawn(display: str, backend: str) -> None:
    """Of two windows only the one that a frame changed is drawn again, and once a frame."""
    with asyncplot.Server(TwoPanels, backend=backend) as plot:
        plot.update("#10c020")
        assert plot.flush(20)
        plotter = plot.plotter
        settled = [-1, -1]

        def nothing_is_drawn() -> bool:
            """A new window is drawn again when the window manager has given it its size."""
            before, settled[:] = settled[:], [len(plotter.draws), len(plotter.still_draws)]
            desktop.window("still")
            return before == settled

        wait_until(nothing_is_drawn, 20)
        for number in range(10):
            plot.update(f"#1020{number:02x}")
            assert plot.flush(10)
        assert len(plotter.still_draws) == settled[1]
        assert len(plotter.draws) == settled[0] + 10


def test_a_frame_that_changes_nothing_costs_no_draw() -> None:
    """A frame after which no figure is stale counts as drawn, and nothing is drawn for it."""
    with asyncplot.Server(Panel, backend="offscreen") as plot:
        plot.update("#102030")
        assert plot.flush(20)
        plotter = plot.plotter
        plotter.update = np.shape  # any function that leaves the figure alone
        before = len(plotter.draws)
        for number in range(5):
            assert plot.update(number).value == []
        assert len(plotter.draws) == before
        assert plot.stats.drawn == 6
