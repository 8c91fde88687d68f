"""The table at the end of a demo says what was."""

from __future__ import annotations

import random
from time import perf_counter

import pytest

from asyncplot.demos.measure import Segments, slowdown_percent
from asyncplot.demos.report import Report


def segments(rows: list[tuple[float, int, float]]) -> Segments:
    """Segments that were measured already."""
    made = Segments(lambda: None, 0.0, lambda: 0.0)
    made.rows = rows
    return made


def test_the_slowdown_is_the_ratio_of_times_per_iteration() -> None:
    """A loop that takes 5 % longer has a slowdown of 5 %, within its interval, whatever the drift."""
    noise = random.Random(1)
    drift = [1.0 + 0.5 * noise.random() for _ in range(100)]
    bare = segments([(0.05 * speed, 100, 0.0) for speed in drift])
    shown = segments([(0.105 * speed, 200, 0.0) for speed in drift])
    percent, (low, high) = slowdown_percent(shown, bare) or pytest.fail("nothing was measured")
    assert percent == pytest.approx(5.0)
    assert low <= percent <= high
    assert high - low < 0.1  # the drift is in both


def test_a_run_too_short_has_no_slowdown() -> None:
    """Less than two segments of each kind say nothing, and so does the table."""
    assert slowdown_percent(segments([(0.1, 3, 0.0)]), segments([])) is None
    assert "too short" in str(Report(0.1, 3, 3, 1, 2, 1, 1.0, 0.1, 9.0, None, None))


def test_a_segment_counts_what_comes_after_the_change() -> None:
    """The first 20 ms are not counted, neither their time nor their iterations nor what they spent."""
    spent = 0

    def step() -> None:
        nonlocal spent
        spent += 1
        start = perf_counter()
        while perf_counter() - start < 0.001:
            pass

    measured = Segments(step, 0.05, lambda: float(spent))
    iterations = measured.run()
    ((seconds, counted, spending),) = measured.rows
    assert counted == spending < iterations == spent
    assert 0.001 * counted <= seconds < 0.5  # 0.03 s, and on a busy machine one long iteration more
