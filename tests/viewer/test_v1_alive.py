"""V1: the window stays alive (pan, zoom, close) while frames come, whatever their rate."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

import asyncplot
import desktop
from conditions import wait_until
from viewer_plotters import Pulse, SlowPulse

pytestmark = pytest.mark.contract

x = np.linspace(0.0, 1.0, 1000)


def flood(plot: asyncplot.Server, until: Callable[[], object], timeout: float = 20.0) -> None:
    """Call `update` without a pause until the condition holds, which is looked at now and then."""
    deadline = time.monotonic() + timeout
    number = 0
    while not until():
        assert time.monotonic() < deadline, f"in vain after {number} calls: {plot.stats}"
        for _ in range(2000):
            number += 1
            plot.update(x, np.sin(20.0 * x + number))


def flooded(backend: str, plotter: type = Pulse) -> asyncplot.Server:
    """A plot that every call may reach: the budget is switched off."""
    return asyncplot.Server(plotter, backend=backend, max_overhead=1.0)


@pytest.mark.parametrize("plotter", [Pulse, SlowPulse])
@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_the_gui_gets_its_turn_between_draws(display: str, backend: str, plotter: type) -> None:
    """Flooded, the GUI handles its events after each draw: gaps (p95) are those of one draw."""
    with flooded(backend, plotter) as plot:
        assert plot.ready(20)
        flood(plot, lambda: plot.stats.drawn >= 5)
        begin, drawn = time.monotonic(), plot.stats.drawn
        flood(plot, lambda: plot.stats.drawn >= drawn + 20 and time.monotonic() > begin + 1.0)
        end = time.monotonic()
        plotter = plot.plotter
        turns = np.asarray(plotter.turns)
        draw = np.percentile(np.asarray(plotter.frames), 95)
        gaps = np.diff(turns[(turns > begin) & (turns < end)])
        assert len(gaps) > 10
        assert np.percentile(gaps, 95) < 2.0 * draw + 0.03, (np.percentile(gaps, [50, 95, 100]), draw)


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_clicks_arrive_while_frames_come(display: str, backend: str) -> None:
    """A click into a flooded window reaches the figure's own handler within a few draws."""
    with flooded(backend) as plot:
        assert plot.ready(20)
        desktop.window("pulse")
        clicks = []
        for _ in range(5):
            flood(plot, lambda seen=plot.stats.drawn: plot.stats.drawn > seen)
            clicks.append(time.monotonic())
            desktop.click("pulse")
            flood(plot, lambda seen=plot.stats.drawn: plot.stats.drawn > seen + 5)
        arrived = plot.plotter.clicks
        assert len(arrived) == 5
        assert max(np.asarray(arrived) - clicks) < 2.0  # most of it is the tool that clicks


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_the_window_can_be_closed_while_frames_come(display: str, backend: str) -> None:
    """Closing a flooded window ends its viewer, without an error, and the calls go on."""
    with flooded(backend) as plot:
        assert plot.ready(20)
        flood(plot, lambda: plot.stats.drawn >= 3)
        desktop.close("pulse")
        flood(plot, lambda: not plot.is_alive)
        wait_until(lambda: plot.viewers[0].ended)
        plot.check()
        assert plot.update(x, x).state == "lost"
