"""The GUI binding keeps the interpreter sound over many draws."""

from __future__ import annotations

import pytest

import asyncplot
from viewer_plotters import Counted


@pytest.mark.contract
def test_none_keeps_its_references(display: str) -> None:
    """Over 300 draws on Qt the reference count of None does not fall: a binding that drops one aborts later."""
    with asyncplot.Server(Counted, backend="qt") as plot:
        counts = [plot.update(number / 320).value for number in range(320)]
        assert plot.stats.drawn == 320
        assert counts[-1] > counts[20] - 100, (counts[20], counts[-1])
