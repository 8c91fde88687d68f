"""An alarm clock: one thread sleeps on it, and any other sets it anew, without waking the sleeper.

So that a running computation is not interrupted by a thread of ours that only looks whether calls still
come: each such look takes the GIL, for which the computation waits until the system has scheduled the
other thread. On an idle machine that costs 0.05 ms, on a busy one (the nodes of a cluster are) up to a
time slice: 50 ticks a second slowed a pure Python loop by 12 %. The sleeper waits in the kernel without
the GIL, and setting the alarm is one system call (0.5 us).
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from abc import ABC, abstractmethod

from ..descriptors import Descriptors, above_standard, noted

#: The tick of the alarm that cannot be set anew, s.
TICK = 0.02


class Alarm(ABC):
    """What both kinds can do."""

    @abstractmethod
    def set(self, seconds: float) -> None:
        """Have `sleep` return in so long, and not before. Any thread or signal handler; never waits."""

    @abstractmethod
    def sleep(self) -> None:
        """Sleep until the time that was set last. One thread."""

    @abstractmethod
    def close(self) -> None:
        """Give back what it holds; nobody sleeps."""


class TimerAlarm(Alarm):
    """By a timer descriptor of Linux.

    CPython has functions for it from 3.13 on; before, the C library is called, by ``PyDLL``, which keeps
    the GIL: giving it up for half a microsecond would let another thread take it.

    Raises
    ------
    OSError
        If the system gives no descriptor.
    """

    def __init__(self) -> None:
        self._held = Descriptors()
        self._library = ctypes.PyDLL(None, use_errno=True)
        with above_standard():
            noted(self._held, self._library.timerfd_create, _CLOCK_MONOTONIC, os.O_CLOEXEC)
        self._descriptor = self._held[0]
        if self._descriptor < 0:
            self._held.clear()
            raise OSError(ctypes.get_errno(), "no timer descriptor")

    def set(self, seconds: float) -> None:
        nanoseconds = max(int(seconds * 1e9), 1)  # 0 would switch it off
        time = _Times(0, 0, *divmod(nanoseconds, 1_000_000_000))
        self._library.timerfd_settime(self._descriptor, 0, ctypes.byref(time), None)

    def sleep(self) -> None:
        os.read(self._descriptor, 8)

    def close(self) -> None:
        self._descriptor = -1
        self._held.close()


class TickingAlarm(Alarm):
    """Where there are no timer descriptors: `sleep` returns at each tick, and once at once when woken."""

    def __init__(self) -> None:
        self._soon = threading.Event()

    def set(self, seconds: float) -> None:
        if seconds < TICK:
            self._soon.set()

    def sleep(self) -> None:
        self._soon.wait(TICK)
        self._soon.clear()

    def close(self) -> None:
        """It holds nothing."""


class _Times(ctypes.Structure):
    """``struct itimerspec``: interval and first expiry, s and ns each."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


_CLOCK_MONOTONIC = 1


def make_alarm() -> Alarm:
    """The best alarm of this system."""
    if sys.platform == "linux":
        try:
            return TimerAlarm()
        except (OSError, AttributeError):
            pass  # no descriptors left, or a C library without it
    return TickingAlarm()
