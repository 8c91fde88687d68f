"""The GUI binding keeps the interpreter sound over many draws, and nothing of them."""

from __future__ import annotations

import pytest

import asyncplot
from viewer_plotters import Counted, Held


@pytest.mark.contract
def test_none_keeps_its_references(display: str) -> None:
    """Over 300 draws on Qt the reference count of None does not fall: a binding that drops one aborts later."""
    with asyncplot.Server(Counted, backend="qt") as plot:
        counts = [plot.update(number / 320).value for number in range(320)]
        assert plot.stats.drawn == 320
        assert counts[-1] > counts[20] - 100, (counts[20], counts[-1])


@pytest.mark.contract
@pytest.mark.parametrize("backend", ["qt", "tk", "offscreen"])
def test_ticks_leave_nothing_behind(display: str, backend: str) -> None:
    """After 120 frames the viewer holds no more callbacks than after 20: each tick's timer has let go of its own."""
    with asyncplot.Server(Held, backend=backend) as plot:
        counts = [plot.update(number / 120).value for number in range(120)]
        assert counts[-1] < counts[20] + 20, (counts[20], counts[-1])
