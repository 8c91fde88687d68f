"""`Still`: limits of pyqtgraph's plotters that follow the data, and stand still most of the time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asyncplot.plotters.qt.still import Still

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
