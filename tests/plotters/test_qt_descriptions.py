"""`asyncplot.plotters.qt` without a window: what is sent, what is refused, and limits that stand still."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import asyncplot
from asyncplot.plotters.qt import Image, Lines
from asyncplot.plotters.qt.still import Still


@pytest.mark.parametrize("plotter", [Lines("a", "b", logy=True), Image("z", extent=(0, 1, 0, 1))])
def test_a_description_is_what_is_sent(plotter: Any) -> None:
    """A plotter pickles as what it was made with."""
    assert pickle.loads(pickle.dumps(plotter)).__getstate__() == plotter.__getstate__()


def test_what_cannot_be_is_refused_where_it_is_written() -> None:
    """Wrong options raise on the compute side, with what would do."""
    with pytest.raises(asyncplot.ConfigurationError, match="used twice"):
        Lines("a", "a")
    with pytest.raises(asyncplot.ConfigurationError, match="dark"):
        Lines(theme="grey")
    with pytest.raises(asyncplot.ConfigurationError, match="'lower' or 'upper'"):
        Image(origin="middle")


numbers = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(numbers, numbers).map(sorted), min_size=1, max_size=100))
def test_still_limits_hold_all_values(values: list[list[float]]) -> None:
    """Whatever came, the newest values are inside, and limits change only where the data demand it."""
    still = Still()
    for low, high in values:
        before = still.limits
        changed = still.follow(low, high)
        assert still.limits is not None
        assert still.limits[0] <= low <= high <= still.limits[1]
        assert changed == (still.limits != before)
        if changed and before is not None and before[0] <= low and high <= before[1]:
            assert 2.0 * (high - low) < before[1] - before[0]  # much too wide, for long
