"""C4: a picture is of one moment, because a waiting frame is copied only while its caller is in a call.

The loops here change their data in place, in two halves with a step of computation between them. A copy at
any other moment has one old and one new half.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.compute.rhythm import INTERVALS, LONGEST, SHORTEST
from conditions import wait_until_elsewhere


class Halves:
    """A plotter that counts the frames whose two halves are of different steps."""

    def __init__(self) -> None:
        self.seen = self.torn = 0

    def update(self, first: Any, second: Any) -> list[int]:
        """Takes two arrays with one value, or two lists or deques of one length."""
        one, other = (
            (np.unique(first), np.unique(second))
            if isinstance(first, np.ndarray)
            else (len(first), len(second))
        )
        self.seen += 1
        self.torn += not np.array_equal(one, other)
        return [self.seen, self.torn, int(np.max(other))]


def measure(seconds: float) -> None:
    """The step of computation or measurement between the two halves. It releases the GIL, as numpy does."""
    time.sleep(seconds)


def run(plot: asyncplot.Server, change: Callable[[int], Any], steps: int) -> tuple[Any, list[float]]:
    """Call ``update`` once a step. Returns the last pending result, and the intervals between the calls, s."""
    times = []
    for number in range(1, steps + 1):
        pending = change(number)
        times.append(time.monotonic())
    return pending, [float(each) for each in np.diff(times)]


def held_up(intervals: list[float]) -> int:
    """How often the machine delayed the loop so long that its calls seemed to have stopped."""
    pause = min(max(INTERVALS * statistics.median(intervals), SHORTEST), LONGEST)
    return sum(interval > pause for interval in intervals)


@pytest.mark.timeout(90)  # up to 10 steps of 0.4 s, three times, beside other tests
@pytest.mark.parametrize("megabytes", [0.1, 8, 32])
@pytest.mark.parametrize("milliseconds", [1, 10, 50, 100, 400])
def test_an_in_place_solver_is_never_shown_torn(megabytes: float, milliseconds: float) -> None:
    """For every length of a step and size of a frame, each picture is of one call, and the last one arrives."""
    half = np.zeros(int(megabytes * 1e6 / 16))
    whole = np.concatenate([half, half])
    first, second = np.split(whole, 2)

    def change(number: int) -> asyncplot.PendingResult:
        first[:] = number
        measure(milliseconds / 1000)
        second[:] = number
        return plot.update(first, second)

    with asyncplot.Server(Halves, backend="offscreen") as plot:
        assert plot.ready(20)
        last, intervals = run(plot, change, max(10, round(800 / milliseconds)))
        wait_until_elsewhere(lambda: last.ready, 30)  # without another call, flush or close
        seen, torn, value = last.value
        assert value == first[0]
        assert seen >= 2
        assert torn <= held_up(intervals)


@pytest.mark.parametrize("kind", [list, deque])
@pytest.mark.parametrize("overhead", [0.01, 0.0005])
def test_lists_that_grow_in_steps_have_one_length(kind: type, overhead: float) -> None:
    """Two lists or deques, with a measurement between their appends, arrive as they were in one call."""
    times, values = kind(), kind()

    def change(number: int) -> asyncplot.PendingResult:
        times.append(number)
        measure(0.03)
        values.append(number)
        return plot.update(times, values)

    with asyncplot.Server(Halves, backend="offscreen", max_overhead=overhead) as plot:
        assert plot.ready(20)
        last, intervals = run(plot, change, 40)
        wait_until_elsewhere(lambda: last.ready, 20)
        seen, torn, length = last.value
        assert length == 40
        assert seen >= 2
        assert torn <= held_up(intervals)


def test_who_waits_for_a_frame_before_the_next_step_sees_it_whole() -> None:
    """The thread that called reads the pending result: this is a safe moment, too, and takes the frame."""
    first, second = np.zeros(500_000), np.zeros(500_000)
    pending = None
    with asyncplot.Server(Halves, backend="offscreen") as plot:
        assert plot.ready(20)
        for number in range(1, 60):
            first[:] = number
            measure(0.02)
            second[:] = number
            if pending is None or pending.ready:  # at a safe moment of the loop, for the older frame
                pending = plot.update(first, second)
        assert plot.flush(20)
        seen, torn, _ = pending.value
        assert seen >= 2
        assert torn == 0
        assert plot.stats.trailing <= 1  # the last one
