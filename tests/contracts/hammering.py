"""A computation that calls `update` without a pause, and notes how long the calls took, and how long they slept.

A call *slept* if its thread gave its processor back to the system: it waited for a lock, for a file, or for a time. A busy
machine takes the processor away from a thread as well. The kernel counts that separately, so it is no sleep.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

import asyncplot


class Hammered(NamedTuple):
    """The calls of a loop: their number, the longest of them, the time of those that slept, and the time of all, s."""

    calls: int
    longest: float
    slept: float
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
    longest = slept = 0.0
    number = 0
    start = clock = time.monotonic()
    while True:
        for _ in range(250):
            number += 1
            array += 1.0
            sleeps, before = sleeps_of_this_thread(), time.monotonic()
            call(*first, number, array)
            clock = time.monotonic()
            longest = max(longest, clock - before)
            if sleeps_of_this_thread() > sleeps:
                slept += clock - before
        if number >= at_least and until():
            return Hammered(number, longest, slept, clock - start)
        if clock - start > timeout:
            pytest.fail(f"{number} calls in {timeout:g} s, and {until} does not hold")


def sleeps_of_this_thread() -> int:
    """How often this thread has slept so far; always 0 where the system does not count that for a thread."""
    if sys.platform != "linux":
        return 0
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def assert_never_waited(hammered: Hammered, *, others: bool = False) -> None:
    """The calls slept for hardly any of the time. (Of 320,000 calls beside a viewer that draws, none slept.)

    The bar is below the budget of 1 %, which would hide a sleep in each take: it makes takes rare.
    With ``others``, threads of the test compute meanwhile, and the calls sleep until those give the GIL back.
    """
    assert hammered.slept < (0.5 if others else 0.003) * hammered.elapsed, hammered
    assert hammered.longest < 0.5 * hammered.elapsed, hammered
