"""C2: the cost of taken frames stays within the budget."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asyncplot
from asyncplot.compute.pacing import BUCKET, CALL_SECONDS, CALLS_PART, DEBT, SECONDS_PER_FRAME, Pacing
from contract_plotters import Echo

pytestmark = pytest.mark.contract

#: Pure and quick. Hypothesis writes no files beside the tests.
PURE = settings(database=None, deadline=None, max_examples=300)

budgets = st.sampled_from([1e-4, 0.01, 0.1, 0.5, 0.9])
#: A part of a computation: its length (s), its number of calls, and the cost of a take in it (s).
stretches = st.tuples(
    st.floats(1e-6, 5.0), st.integers(0, 100_000), st.floats(1e-6, 0.05), st.integers(0, 10_000_000)
)


def takes(budget: float, computation: list[tuple[float, int, float, int]]) -> list[tuple[float, float]]:
    """When frames are taken in this computation, and the charge of each, s."""
    pacing, now, calls, taken = Pacing(budget, 0.0), 0.0, 0, []
    for elapsed, more_calls, seconds, nbytes in computation:
        now += elapsed
        calls += more_calls
        if pacing.wait(now, calls) == 0.0:
            before = pacing.spent
            pacing.charge(seconds, nbytes)
            taken.append((now, pacing.spent - before))
    return taken


@PURE
@given(budgets, st.lists(stretches, max_size=60))
def test_no_window_costs_more_than_the_budget(
    budget: float, computation: list[tuple[float, int, float, int]]
) -> None:
    """In every time window, takes cost at most the budget, plus one bucket and the frame that emptied it."""
    taken = takes(budget, computation)
    for first in range(len(taken)):
        cost = 0.0
        for last in range(first, len(taken)):
            earned = budget * (taken[last][0] - taken[first][0] + BUCKET)
            if cost < DEBT * budget:  # a greater debt is forgiven, see the next test but one
                assert cost <= earned * (1 + 1e-9) + 1e-12
            cost += taken[last][1]


@PURE
@given(budgets, st.lists(stretches, min_size=1, max_size=60))
def test_a_short_run_keeps_to_the_budget_too(
    budget: float, computation: list[tuple[float, int, float, int]]
) -> None:
    """The bucket starts empty: from the start on, the budget has paid for all takes but the last one."""
    taken = takes(budget, computation)
    if taken and sum(cost for _, cost in taken) < DEBT * budget:
        assert sum(cost for _, cost in taken[:-1]) <= budget * taken[-1][0] * (1 + 1e-9) + 1e-12


@PURE
@given(budgets, st.floats(1e-5, 1e6), st.integers(0, 10_000_000))
def test_an_expensive_frame_does_not_starve_the_next(budget: float, seconds: float, calls: int) -> None:
    """After a frame of any cost, the next one is taken when the budget has paid for it, within two minutes."""
    pacing = Pacing(budget, 0.0)
    pacing.charge(seconds, 0)
    wait = pacing.wait(1e-6, calls)
    at_worst = min(1.01 * (seconds + SECONDS_PER_FRAME) / budget, DEBT * 1.01) / (1.0 - CALLS_PART)
    assert wait <= at_worst
    assert pacing.wait(1e-6 + at_worst * 1.01, calls) == 0.0


@PURE
@given(budgets, st.floats(2 * BUCKET, 1e5))
def test_a_full_bucket_pays_for_an_expensive_frame(budget: float, quiet: float) -> None:
    """A frame that costs less than the bucket holds does not delay the next one."""
    pacing = Pacing(budget, 0.0)
    assert pacing.wait(quiet, 0) == 0.0
    pacing.charge(0.5 * budget * BUCKET, 0)
    if 0.5 * budget * BUCKET > 1e-4:  # each frame has a fixed charge, too
        assert pacing.wait(quiet, 0) == 0.0


@PURE
@given(budgets, st.floats(1e-5, 10.0), st.floats(1e-6, 1.0))
def test_the_wait_is_as_long_as_it_says(budget: float, seconds: float, elapsed: float) -> None:
    """A frame may be taken when the returned wait is over, and not after half of it."""
    pacing = Pacing(budget, 0.0)
    pacing.charge(seconds, 0)
    wait = pacing.wait(elapsed, 0)
    if wait > 1e-6:
        assert pacing.wait(elapsed + 0.5 * wait, 0) > 0.0
        assert pacing.wait(elapsed + wait * (1 + 1e-6) + 1e-9, 0) == 0.0


@PURE
@given(budgets, st.integers(0, 10**9), st.lists(st.floats(1e-6, 1e-3), max_size=20))
def test_the_share_is_what_was_charged(budget: float, calls: int, costs: list[float]) -> None:
    """The reported share is all charges and all calls, divided by the time since the start."""
    pacing = Pacing(budget, 10.0)
    for cost in costs:
        pacing.charge(cost, 0)
    assert pacing.share(30.0, calls) == pytest.approx((pacing.spent + calls * CALL_SECONDS) / 20.0)
    assert pacing.spent >= math.fsum(costs)
    assert pacing.share(10.0, calls) == 0.0


@PURE
@given(st.lists(st.floats(0.0, 0.02), min_size=10, max_size=200))
def test_a_clock_read_late_earns_nothing_twice(lateness: list[float]) -> None:
    """Threads read the clock before they use the bucket, so times may come out of order. No time counts twice."""
    pacing, taken = Pacing(0.01, 0.0), 0
    for number, late in enumerate(lateness, start=1):
        now = 0.005 * number
        if pacing.wait(max(now - late, 0.0), 0) == 0.0:
            taken += 1
            pacing.charge(1e-3, 0)
    assert (taken - 1) * 1e-3 <= 0.01 * 0.005 * len(lateness) + 1e-9


def test_without_a_limit_each_frame_may_be_taken() -> None:
    """`max_overhead=1` and more means no limit."""
    pacing = Pacing(1.0, 0.0)
    for _ in range(100):
        pacing.charge(10.0, 10**9)
        assert pacing.wait(1e-9, 10**9) == 0.0


@pytest.mark.parametrize("budget", [0.01, 0.1])
def test_a_real_loop_keeps_to_its_budget(budget: float) -> None:
    """A loop that hands over 0.8 MB in each iteration is charged its budget, and hardly more."""
    frame = np.random.default_rng(1).random(100_000)
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=budget) as plot:
        assert plot.ready(20)
        start, stats, calls = time.monotonic(), plot.stats, 0
        while time.monotonic() < start + 3.0:
            for _ in range(10):
                frame.sort()  # something to compute
                frame[::7] += 0.1
            plot.update(calls, frame)
            calls += 1
        after = plot.stats
        assert after.called == calls
        assert after.taken > 5
        assert after.taken > stats.taken
        assert 0.0 < after.overhead < 1.5 * budget
        assert after.update_us[0] > 0.0
        assert after.update_us[1] >= after.update_us[0]


def test_calls_that_take_nothing_are_counted_as_a_cost() -> None:
    """A loop of calls alone is reported with its share of the time, whatever the budget."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        start = time.monotonic()
        while time.monotonic() < start + 0.5:
            plot.update(1)
        stats = plot.stats
        assert stats.overhead >= 0.9 * stats.called * CALL_SECONDS / (time.monotonic() - start + 1.0)
