"""The helper: one thread that delivers waiting frames when the calls have stopped, and ends then.

In: lanes, each with the time of its next look. Out: calls of their `tick`, on the helper's thread. The thread
also makes larger mailboxes, and logs what happened to a viewer.

It sleeps on an `Alarm`. Each call that looks puts the alarm off, so the thread takes no time from a
computation that goes on calling. An idle computation has no thread of ours. A loop with fewer than 50 calls a
second never starts one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from ..log import logger
from ..threads import Worker
from .alarm import Alarm, make_alarm
from .locking import wait_until_free

#: How long a start waits for a thread that is ending, s. On a busy machine that one may get no processor for longer.
_CHANGING = 0.05

#: How long to wait for the end of the thread, s: it may be copying a frame of some GB.
_ENDING = 5.0

#: The thread may look this much later than necessary, s.
SPARE = 0.01

#: The longest sleep, s.
_LONGEST = 1.0

NEVER = float("inf")


class Ticked(Protocol):
    """What the helper needs of a lane."""

    @property
    def quiet_at(self) -> float:
        """When the helper looks at the lane, on the clock of `time.monotonic`, s."""
        ...

    def tick(self, now: float) -> None:
        """Do what is due now, and set ``quiet_at`` to the time of the next look."""
        ...

    def rest(self) -> bool:
        """Prepare for calls without a helper. False if a call came meanwhile."""
        ...


class Helper:
    """Starts and ends the thread.

    Parameters
    ----------
    lanes : callable
        Returns the lanes.
    notice : callable
        Called at each wake-up, to look for news of the viewers.
    """

    def __init__(self, lanes: Callable[[], Sequence[Ticked]], notice: Callable[[], None]) -> None:
        self._lanes = lanes
        self._notice = notice
        self._alarm: Alarm | None = make_alarm()
        self._changing = threading.Lock()
        self._closed = False
        self._set_to = NEVER  # not set
        self._stopping = False
        self._held_off = self._missed = False  # see `hold_off`
        self._overlooked = False  # see `start`
        # The last few threads. A thread that has cleared `running` may still exist.
        self._workers: deque[Worker] = deque(maxlen=4)
        self.running = False

    def start(self) -> bool:
        """Have the thread run. Any thread or signal handler.

        Returns False if no thread can be started (the interpreter is ending, or the system refuses).

        A thread that starts or ends holds the lock, for microseconds. The time-out is for two cases. A signal
        handler interrupted a start: that start goes on after the handler. Or the thread that ends has lost its
        processor: when it has it again, it sees ``_overlooked``, and starts the next one. (Otherwise the last
        frame of a burst would wait until the next call.)
        """
        if self.running:
            return True
        if self._held_off:
            self._missed = True
            return True
        deadline = time.monotonic() + _CHANGING
        while self._changing.locked():
            if time.monotonic() > deadline:
                self._overlooked = True
                if self._changing.locked():  # asked again: who holds it reads the word after the release
                    return True
            time.sleep(0.0005)
        with self._changing:  # not `acquire` and `try`, see `locking`
            self._overlooked = False
            if self.running or self._closed:
                return True
            if self._held_off:  # it was set after the test above
                self._missed = True
                return True
            self._stopping = False
            worker = Worker(partial(self._run, self._lanes()), "asyncplot-helper", self._failed)
            self._workers.append(worker)  # before it runs: after a Ctrl-C in between, `stop` knows it
            self.running = True
            try:
                worker.start()
            except RuntimeError as error:
                self.running = False
                self._workers.pop()  # there is nobody to wait for
                logger.debug("no helper thread: %s", error)
                return False
            except BaseException:
                # A Ctrl-C came in the middle: the thread may be starting, or may not exist.
                while not worker.starting and time.monotonic() < deadline + _CHANGING:
                    time.sleep(0.0005)
                self.running = worker.starting
                raise
            return True

    def put_off(self, now: float, until: float) -> None:
        """Have the thread look when the first lane is quiet. Any thread or signal handler.

        Most calls find that the alarm is late enough already. It is set ``SPARE`` s later than necessary, so
        it is set once in ``SPARE`` s, and not at each look of a lane.
        """
        if self._alarm is not None and not until <= self._set_to <= until + 2 * SPARE:
            self._set(self._first() + SPARE, now)

    def look_now(self) -> None:
        """Have the thread look at once, if it runs."""
        if self._alarm is not None:
            self._alarm.set(0.0)

    def hold_off(self) -> None:
        """End the thread before a fork. Until `resume`, no other one starts.

        Otherwise, a computation that calls on another thread would start the next helper as fast as this one
        ends.
        """
        self._held_off = True
        wait_until_free(self._changing, _CHANGING)  # a start that goes on now has not seen the line above
        self.stop()

    def resume(self) -> None:
        """After the fork: start the thread if a call has asked for it meanwhile.

        It starts only if another thread called. Otherwise the process must have one thread after its fork.
        """
        self._held_off = False
        if self._missed:
            self._missed = False
            self.start()

    def stop(self) -> None:
        """End the thread, and wait until the kernel has no task of it, at most some seconds. Not from itself."""
        self._stopping = True
        deadline = time.monotonic() + _ENDING
        for worker in list(self._workers):
            while worker.starting and not worker.gone and time.monotonic() < deadline:
                self.look_now()  # again and again: a call on another thread may have put it off
                time.sleep(0.0005)
            if worker.gone or not worker.starting:
                worker.wait_until_gone()
        self._workers.clear()
        self.running = False

    def close(self) -> None:
        """End the thread for good, and close the alarm."""
        self._closed = True
        self.stop()
        self.abandon()

    def abandon(self) -> None:
        """Close the alarm: in a forked child, which has no such thread."""
        self._closed = True
        if self._alarm is not None:
            self._alarm.close()
            self._alarm = None

    def _failed(self) -> None:
        """Note that the system gave no thread. The next look tries again."""
        self.running = False

    def _run(self, lanes: Sequence[Ticked]) -> None:
        # `lanes` holds the lanes while this thread sleeps: nobody else may hold a lane whose frame waits.
        alarm = self._alarm
        while alarm is not None and not self._stopping:
            alarm.sleep()
            self._notice()
            now = time.monotonic()
            lanes = self._lanes()
            for lane in lanes:
                lane.tick(now)
            if self._first() == NEVER and self._ended():
                if self._overlooked and self.start():
                    self.look_now()
                return
            # Repeat this if a call has set an earlier time meanwhile: this setting would replace it.
            first = NEVER
            while (at := min(self._first(), now + _LONGEST)) < first:
                self._set(at, now)
                first = at
        self.running = False

    def _set(self, at: float, now: float) -> None:
        """Set the alarm."""
        if self._alarm is not None:
            self._set_to = at
            self._alarm.set(min(at - now, _LONGEST))

    def _first(self) -> float:
        """The time of the earliest look of all lanes."""
        return min([lane.quiet_at for lane in self._lanes()], default=NEVER)

    def _ended(self) -> bool:
        """Whether this thread may end: no call came while it cleared ``running``.

        A call first puts its frame into the box, and then reads ``running``. If it reads True, `rest` below
        finds its frame. If it reads False, it waits for the lock, and starts another thread.
        """
        if not self._changing.acquire(blocking=False):
            return False
        try:
            self.running = False
            resting = [lane.rest() for lane in self._lanes()]
            self.running = not all(resting)
            return not self.running
        finally:
            self._changing.release()
