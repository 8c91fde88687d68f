"""A computation that calls `update` without a pause, and notes the duration of the longest call."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

import asyncplot


class Hammered(NamedTuple):
    """The calls of a loop: their number, the longest of them, and the time of all, s."""

    calls: int
    longest: float
    elapsed: float


def hammer(
    call: Callable[..., asyncplot.PendingResult],
    until: Callable[[], object],
    *,
    at_least: int = 2000,
    first: tuple[object, ...] = (),
    timeout: float = 30.0,
) -> Hammered:
    """Call ``call(*first, number, array)`` until the condition holds. The condition is tested now and then."""
    array = np.zeros(10_000)
    longest, number = 0.0, 0
    start = clock = time.monotonic()
    while True:
        for _ in range(250):
            number += 1
            array += 1.0
            call(*first, number, array)
            before, clock = clock, time.monotonic()
            longest = max(longest, clock - before)
        if number >= at_least and until():
            return Hammered(number, longest, clock - start)
        if clock - start > timeout:
            pytest.fail(f"{number} calls in {timeout:g} s, and {until} does not hold")
        clock = time.monotonic()  # the time of the condition does not count as that of a call


def assert_never_waited(hammered: Hammered) -> None:
    """No call lasted as long as the event that it must not wait for."""
    assert hammered.longest < 0.5 * hammered.elapsed, hammered
