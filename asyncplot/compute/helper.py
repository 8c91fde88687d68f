"""The helper: one thread that ticks while calls come, and ends when they stop.

It delivers the last frame of a burst and makes larger mailboxes. It runs only while there is something
to do, so that an idle computation has no thread of ours, and nothing at all is started for loops that
call less than 50 times a second.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ..log import logger

#: The first ticks of a burst, and the later ones, s. Each tick takes the GIL from the computation, which
#: costs it up to 0.1 ms on a busy machine: 0.5 % at 50 ticks a second. In a long burst the last frame may
#: be a little later.
TICK, LATER_TICK = 0.02, 0.05
FIRST_TICKS = 10

#: How long a start waits for a thread that is just ending, s.
_CHANGING = 0.05


class Ticked(Protocol):
    """What the helper serves: lanes."""

    def tick(self) -> bool:
        """Do what there is to do; whether there may soon be more."""
        ...

    def rest(self) -> bool:
        """Prepare for calls without a helper; False if a call came meanwhile."""
        ...


class Helper:
    """Starts and ends the thread.

    Parameters
    ----------
    lanes : callable
        Returns the lanes to be served, at each tick.
    notice : callable
        Called at each tick, to look for news of the viewers.
    """

    def __init__(self, lanes: Callable[[], Sequence[Ticked]], notice: Callable[[], None]) -> None:
        self._lanes = lanes
        self._notice = notice
        self._changing = threading.Lock()
        self._stop = threading.Event()
        # The last few threads: one that has said it ends may not be gone yet.
        self._threads: deque[threading.Thread] = deque(maxlen=4)
        self.running = False

    def start(self) -> bool:
        """Have the thread run. Any thread or signal handler.

        Returns False if no thread can be started (the interpreter is ending, or the system refuses).

        The lock is held for microseconds, by a thread that ends or starts; the time-out is for a signal
        handler that interrupted a start, which goes on afterwards.
        """
        if self.running or not self._changing.acquire(timeout=_CHANGING):
            return True
        try:
            if self.running:
                return True
            self._stop.clear()
            thread = threading.Thread(target=self._run, name="asyncplot-helper", daemon=True)
            self.running = True
            try:
                thread.start()
            except RuntimeError as error:
                self.running = False
                logger.debug("no helper thread: %s", error)
                return False
            self._threads.append(thread)
            return True
        finally:
            self._changing.release()

    def stop(self) -> None:
        """End the thread and wait until the system has forgotten it. Not from the thread itself."""
        self._stop.set()
        for thread in list(self._threads):
            wait_until_gone(thread)
        self._threads.clear()
        self.running = False

    def _run(self) -> None:
        ticks = 0
        while not self._stop.wait(TICK if ticks < FIRST_TICKS else LATER_TICK):
            ticks += 1
            self._notice()
            busy = [lane.tick() for lane in self._lanes()]  # all of them, before any is looked at
            if not any(busy) and self._ended():
                return
        self.running = False

    def _ended(self) -> bool:
        """Whether this thread may go: no call came while it said so.

        A call puts its frame into the box first, and looks at ``running`` then. One that sees True finds
        its frame seen by `rest` below; one that sees False waits for the lock, and starts another thread.
        """
        if not self._changing.acquire(blocking=False):
            return False  # at the next tick
        try:
            self.running = False
            resting = [lane.rest() for lane in self._lanes()]
            self.running = not all(resting)
            return not self.running
        finally:
            self._changing.release()


def wait_until_gone(thread: threading.Thread) -> None:
    """Join a thread, and wait until the kernel has no task of it any more.

    A thread that was joined can still be counted at a fork (32 of 2,000 times on CPython 3.12.1), which
    then warns that the process has threads.
    """
    if thread is threading.current_thread():
        return
    thread.join()
    if thread.native_id is None:
        return
    task = Path(f"/proc/self/task/{thread.native_id}")
    deadline = time.monotonic() + 1.0
    while os.path.exists(task) and time.monotonic() < deadline:
        time.sleep(0.0001)
