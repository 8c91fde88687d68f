"""`update` from many threads and from signal handlers: counts are right, no deadlock, no frame is lost."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import asyncplot
from conditions import wait_until
from contract_plotters import Echo

pytestmark = pytest.mark.contract


@contextmanager
def alarms(handler: Any, seconds: float) -> Iterator[None]:
    """Call ``handler`` in the main thread at short intervals, wherever that thread is."""
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.timeout(60, method="thread")  # SIGALRM is the test's own in this file
@pytest.mark.parametrize("copy", ["auto", "always"])
@pytest.mark.parametrize("lanes", [1, 2])
def test_update_from_8_threads(copy: str, lanes: int) -> None:
    """Eight threads call one lane, or two lanes. Every call is counted, and the last frame arrives."""
    calls = 3000
    with asyncplot.Server(Echo, backend="offscreen", copy=copy, max_overhead=0.5) as plot:
        assert plot.ready(20)
        start = threading.Barrier(8)
        last: list[asyncplot.PendingResult] = []

        def work(index: int) -> None:
            call = plot.lane("second" if index % lanes else "update")
            array = np.zeros(1000)
            start.wait()
            for number in range(calls):
                pending = call([index, number], array)
            last.append(pending)

        threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert plot.stats.called == 8 * calls
        wait_until(lambda: all(pending.ready for pending in last), 20)
        assert any(pending.state == "drawn" for pending in last)
        assert plot.flush(20)
        stats = plot.stats
        assert stats.called == stats.drawn + stats.superseded
        assert stats.failed == 0
        after = plot.update("after")
        wait_until(lambda: after.ready)
        assert after.value == "after"


@pytest.mark.timeout(60, method="thread")
@pytest.mark.parametrize("copy", ["auto", "always"])
def test_update_from_a_signal_handler(copy: str) -> None:
    """A handler interrupts calls, takes and flushes, and calls `update` itself: no deadlock, no lost frame."""
    array = np.zeros(20_000)
    handled = called = 0
    with asyncplot.Server(Echo, backend="offscreen", copy=copy, max_overhead=0.5) as plot:
        assert plot.ready(20)

        def handler(*_: object) -> None:
            nonlocal handled
            handled += 1
            plot.update(["handler", handled], array)

        with alarms(handler, 0.0003):
            end = time.monotonic() + 3.0
            while time.monotonic() < end:
                for _ in range(100):
                    called += 1
                    plot.update(["loop", called], array)
                assert plot.flush(20)
        assert handled > 100
        assert plot.stats.called == called + handled
        last = plot.update("last", array)
        wait_until(lambda: last.ready)
        assert last.value == "last"
        stats = plot.stats
        assert stats.called == stats.drawn + stats.superseded == called + handled + 1


class Interrupted(BaseException):
    """The handler below raises it, as Ctrl-C raises KeyboardInterrupt."""


# Python swallows an exception in a callback of its garbage collector (hypothesis has one) or in a destructor, and
# says so. Then another interrupt is needed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(90, method="thread")
@pytest.mark.parametrize("copy", ["auto", "always"])
@pytest.mark.parametrize("slow_loop", [False, True])
def test_an_exception_out_of_a_signal_handler_loses_nothing(
    capsys: pytest.CaptureFixture[str], copy: str, slow_loop: bool
) -> None:
    """Thousands of calls are interrupted by an exception at random times. Frames still arrive after each."""
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        print(f"[seed {seed}]", end=" ")
    chance = random.Random(seed)
    array = np.zeros(5000)
    interrupts = 0

    def handler(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with asyncplot.Server(Echo, backend="offscreen", copy=copy, max_overhead=1.0) as plot:
            assert plot.ready(20)

            # In a separate function: an interrupt at the jump of a loop within `try` is not always caught
            # there.
            def calls(until: float) -> None:
                while time.monotonic() < until:
                    plot.update(interrupts, array)
                    if slow_loop:
                        plot.flush(0)  # takes each of them

            end = time.monotonic() + 5.0
            while time.monotonic() < end:
                try:
                    signal.setitimer(signal.ITIMER_REAL, chance.uniform(20e-6, 400e-6))
                    calls(time.monotonic() + 0.002)
                    # An interrupt at the end of that time must be caught here, too.
                    signal.setitimer(signal.ITIMER_REAL, 0.0)
                    calls(0.0)
                except Interrupted:
                    interrupts += 1
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            for _ in range(50):
                last = plot.update("last", array)
            wait_until(lambda: last.ready, what="the last frame after all interrupts")
            assert last.value == "last"
            assert plot.flush(20)
            assert interrupts > 1000
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_threads_that_ask_and_close() -> None:
    """Some threads read statistics, flush and close while others call: nothing raises or hangs."""
    plot = asyncplot.Server(Echo, backend="offscreen")
    assert plot.ready(20)
    done = threading.Event()
    raised: list[BaseException] = []

    def work(action: Any) -> None:
        try:
            while not done.is_set():
                action()
        except BaseException as error:  # noqa: BLE001 (told below)
            raised.append(error)

    actions = [
        lambda: plot.update(1, np.zeros(10_000)),
        lambda: plot.lane("second")(2),
        lambda: plot.stats,
        lambda: plot.viewers,
        lambda: plot.flush(0.01),
        lambda: plot.update(3).state,
        lambda: plot.is_alive,
    ]
    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    wait_until(lambda: plot.stats.drawn > 5, 20)
    plot.close()
    called = plot.stats.called
    assert called > 100
    wait_until(lambda: plot.update(4).state == "lost")
    done.set()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert raised == []
