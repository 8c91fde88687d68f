"""Threads that a Ctrl-C during their start cannot break, and whose end a fork can rely on. Any process.

In: a function. Out: a daemon thread that runs it, and `Worker.wait_until_gone`, which returns when the kernel
has no task of that thread any more.
"""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

#: How long to wait, s: for the start of a thread; and for the kernel to remove the task of an ended one.
_BEGINNING, _FORGETTING = 1.0, 1.0

_PAUSE = 0.0001


class Worker:
    """A daemon thread.

    `threading.Thread.start` waits until the new thread runs. A Ctrl-C in that wait can leave a lock held, and
    the new thread then waits for it for ever. Signal handlers run in the main thread only. So another thread
    calls ``start`` here. That other thread is started without such a wait.

    Parameters
    ----------
    target : callable
        The function that it runs.
    name : str
        The thread's name.
    failed : callable, optional
        Called on another thread, if the system cannot make a thread.
    """

    def __init__(
        self, target: Callable[[], None], name: str, failed: Callable[[], None] | None = None
    ) -> None:
        self._when_failed = failed
        self._thread = threading.Thread(target=target, name=name, daemon=True)
        self._starter = 0  # the kernel's number of the thread that starts this one
        self._started = self._failed = False

    def start(self) -> None:
        """Start the thread, and return before it runs. Raises RuntimeError if the interpreter is ending."""
        _thread.start_new_thread(self._start, ())

    @property
    def starting(self) -> bool:
        """Whether the thread is being started, or runs, or has run."""
        return self._starter > 0 and not self._failed

    @property
    def gone(self) -> bool:
        """Whether the thread has ended, or could not be started."""
        return self._failed or (self._started and not self._thread.is_alive())

    def wait_until_gone(self) -> None:
        """Wait until the thread has ended, and the kernel has no task of it any more.

        A joined thread can still be counted at a fork (32 of 2,000 times on CPython 3.12.1). CPython then
        warns that the process has threads. Does nothing if the calling thread is this thread.
        """
        if threading.current_thread() is self._thread:
            return
        deadline = time.monotonic() + _BEGINNING
        while not self._started:
            if self._failed or time.monotonic() > deadline:  # an interrupted start made no thread
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
