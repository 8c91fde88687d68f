"""An alarm clock: one thread sleeps until a time that any other thread can change without waking it.

In: calls of `Alarm.set`, in any thread or signal handler. Out: `Alarm.sleep` returns, in the helper's thread.

Without an alarm, a thread of ours would have to wake up at each tick to see whether calls still come. It
takes the GIL each time, and the computation waits until the system has scheduled that thread. This costs 0.05
ms on an idle machine, and up to a time slice on a busy one, such as a node of a cluster: 50 ticks a second
slowed a pure Python loop by 12 %. With an alarm the thread sleeps in the kernel, without the GIL. To set the
alarm is one system call (0.5 us).
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from abc import ABC, abstractmethod

from ..descriptors import Descriptors, above_standard, noted

#: The tick of `TickingAlarm`, s.
TICK = 0.02


class Alarm(ABC):
    """What both kinds of alarm can do."""

    @abstractmethod
    def set(self, seconds: float) -> None:
        """Have `sleep` return in ``seconds`` s, and not before. Any thread or signal handler. Never waits."""

    @abstractmethod
    def sleep(self) -> None:
        """Sleep until the time that was set last. Only one thread calls this."""

    @abstractmethod
    def close(self) -> None:
        """Close the descriptor, if there is one. Nobody sleeps then."""


class TimerAlarm(Alarm):
    """Uses a timer descriptor of Linux.

    CPython has functions for timer descriptors from 3.13 on. This calls the C library instead, by ``PyDLL``,
    which keeps the GIL. If it released the GIL for half a microsecond, another thread could take it.

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
    """Ticks, for systems without timer descriptors. For a time less than a tick away it ticks at once."""

    def __init__(self) -> None:
        self._soon = threading.Event()

    def set(self, seconds: float) -> None:
        if seconds < TICK:
            self._soon.set()

    def sleep(self) -> None:
        self._soon.wait(TICK)
        self._soon.clear()

    def close(self) -> None:
        """Do nothing: it has no descriptor."""


class _Times(ctypes.Structure):
    """``struct itimerspec``: interval and first expiry, in s and ns each."""

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
            pass  # no descriptors are left, or the C library has no timer descriptors
    return TickingAlarm()
