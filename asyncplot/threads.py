"""`Worker`: a thread that a Ctrl-C cannot break while it starts, and that is really gone before a fork. Any process."""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

#: How long a thread may take to start, and the kernel to remove one that has ended, s.
_BEGINNING, _FORGETTING = 1.0, 1.0

_PAUSE = 0.0001


class Worker:
    """A daemon thread.

    `threading.Thread.start` waits until the new thread says that it runs. A Ctrl-C in that wait can leave a
    lock taken, and the new thread then waits for the lock for ever. Signal handlers run in the main thread only. So
    here another thread calls it, one that is started without such a wait.

    Parameters
    ----------
    target : callable
        What it runs.
    name : str
        Its name.
    failed : callable, optional
        Called on another thread, if the system cannot make a thread.
    """

    def __init__(
        self, target: Callable[[], None], name: str, failed: Callable[[], None] | None = None
    ) -> None:
        self._when_failed = failed
        self._thread = threading.Thread(target=target, name=name, daemon=True)
        self._starter = 0  # the kernel's number of the thread that calls `Thread.start`
        self._started = self._failed = False

    def start(self) -> None:
        """Have it run soon; does not wait. Raises RuntimeError if the interpreter is ending."""
        _thread.start_new_thread(self._start, ())

    @property
    def starting(self) -> bool:
        """Whether it is about to run, or runs, or has run."""
        return self._starter > 0 and not self._failed

    @property
    def gone(self) -> bool:
        """Whether it has ended, or could not be started."""
        return self._failed or (self._started and not self._thread.is_alive())

    def wait_until_gone(self) -> None:
        """Wait until it has ended, and the kernel has removed its task. Does nothing in the thread itself.

        A fork still counted a thread that was joined 32 of 2,000 times (CPython 3.12.1). It then warns that the
        process has threads.
        """
        if threading.current_thread() is self._thread:
            return
        deadline = time.monotonic() + _BEGINNING
        while not self._started:
            if self._failed or time.monotonic() > deadline:  # a start that was interrupted made no thread
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
