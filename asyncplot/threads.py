"""Threads whose start no Ctrl-C can break, and whose end a fork can rely on. Any process."""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

#: How long a thread that was asked for may take to begin, and the kernel to forget one that has ended, s.
_BEGINNING, _FORGETTING = 1.0, 1.0

_PAUSE = 0.0001


class Worker:
    """A daemon thread.

    `threading.Thread.start` waits until the new thread says that it runs. A Ctrl-C in that wait can leave a
    lock taken for which the new thread then waits for ever. Signal handlers run in the main thread only, so
    another thread, which needs no such wait to be started, does it here.

    Parameters
    ----------
    target : callable
        What it runs.
    name : str
        Its name.
    failed : callable, optional
        Called, on another thread, if the system gives no more threads.
    """

    def __init__(
        self, target: Callable[[], None], name: str, failed: Callable[[], None] | None = None
    ) -> None:
        self._when_failed = failed
        self._thread = threading.Thread(target=target, name=name, daemon=True)
        self._starter = 0  # the kernel's number of the thread that starts it
        self._started = self._failed = False

    def start(self) -> None:
        """Have it run, soon. Raises RuntimeError if the interpreter is ending."""
        _thread.start_new_thread(self._start, ())

    @property
    def starting(self) -> bool:
        """Whether it is on its way: somebody starts it, or it runs."""
        return self._starter > 0 and not self._failed

    @property
    def gone(self) -> bool:
        """Whether it has run, and ended."""
        return self._failed or (self._started and not self._thread.is_alive())

    def wait_until_gone(self) -> None:
        """Wait until it has ended, and the kernel has no task of it any more.

        A thread that was joined can still be counted at a fork (32 of 2,000 times on CPython 3.12.1), which
        then warns that the process has threads. Does nothing for the calling thread itself.
        """
        if threading.current_thread() is self._thread:
            return
        deadline = time.monotonic() + _BEGINNING
        while not self._started:
            if self._failed or time.monotonic() > deadline:  # a start that was interrupted made none
                return
            time.sleep(_PAUSE)
        self._thread.join()
        deadline = time.monotonic() + _FORGETTING
        for task in (self._thread.native_id, self._starter):
            while os.path.exists(Path(f"/proc/self/task/{task}")) and time.monotonic() < deadline:
                time.sleep(_PAUSE)

    def _start(self) -> None:
        self._starter = threading.get_native_id()
        try:
            self._thread.start()
        except RuntimeError:
            self._failed = True
            if self._when_failed is not None:
                self._when_failed()
        else:
            self._started = True
