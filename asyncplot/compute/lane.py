"""A lane: one asynchronous plotter method. `Lane.update` is the hot path of asyncplot.

In: the arguments of a call, in the thread or signal handler that makes it. Out: a `PendingResult`. A few of
the calls also put a frame into the mailbox. Most calls only replace the waiting frame and compare the clock
with one time. Every few milliseconds a call goes on to `_consider`, which decides whether to take the frame.
`Schedule` computes these times. `delivery` handles a waiting frame outside of calls.

Locks: a call that finds the take lock held does not wait for it. It leaves its frame waiting. (Either another
thread holds the lock, or this is a signal handler that has interrupted a take.)

Safe moments: the arrays of a waiting frame may be copied while its caller is inside one of our calls, because
the caller does not write into them then. So a frame is taken by a later call of the same thread, or when its
caller reads the pending result. The helper copies it only after the calls have stopped.
"""

from __future__ import annotations

from threading import get_ident
from time import monotonic
from typing import Any

from ..errors import FrameError
from .delivery import Delivery
from .pending import PendingResult

#: If no reader asks, a frame is taken this often, s. So a viewer that attaches finds a recent frame.
UNASKED = 1.0

#: A take publishes the counters that other processes see, but not more often than this, s.
PUBLISHED = 0.1

#: Replaces the number of the calling thread if several threads call a lane.
_SEVERAL = -1


class Lane(Delivery):
    """The calls of one asynchronous plotter method. The parameters are those of `Delivery`."""

    __slots__ = ()

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Hand the newest data to the plotter: ``plotter.update(*args, **kwargs)`` runs in the viewer.

        The call is asynchronous. It never waits for a viewer. A waiting frame is dropped when a newer call
        supersedes it. You may call this from any thread and from signal handlers.

        Parameters
        ----------
        *args, **kwargs
            Anything that can be pickled. Arrays may have any dtype, order and strides. An array is copied
            once, and only if its frame is taken. Until then the frame holds a reference to it. A later call
            takes the frame. If the calls stop, the frame is delivered with the contents that the arrays
            have then. With ``Server(copy="always")`` each call copies its arrays instead.

        Returns
        -------
        PendingResult
            What becomes of this frame.

        Raises
        ------
        FrameError
            In the first call only, if an argument cannot be sent. Later frames that cannot be sent are
            counted as failed, the first of them is logged, and their pending results report the error.
        """
        # 0.2 us on CPython 3.11. `+= 1` is safe with threads and signal handlers: CPython switches to them
        # only at calls and backward jumps, and `+= 1` has none between its load and its store.
        self.called += 1
        pending = PendingResult()  # it has no __init__, which saves 0.1 us
        pending._lane = self
        self._box.append((pending, args, kwargs))
        # This one comparison covers all reasons not to take the frame now. `_consider` sets the time.
        if monotonic() < self._due:
            return pending
        self._consider(pending)
        return pending

    def update_copying(self, *args: Any, **kwargs: Any) -> PendingResult:
        """`update` for ``copy="always"``: each call copies its arrays, so later writes change nothing."""
        self.called += 1
        pending = PendingResult()
        pending._lane = self
        outbox = self.outbox
        start = monotonic()
        try:
            self._box.append((pending, outbox.copied(args, kwargs), None))
        except FrameError as error:
            outbox.reject(pending, error)
            if outbox.first:
                outbox.first = False
                outbox.rejected = None  # this call reports the error
                raise
            return pending
        # The statistics include the cost of the copies. The budget does not: it would have nothing left for
        # takes.
        self._host.pacing.spent += monotonic() - start
        if monotonic() >= self._due:
            self._consider(pending)
        return pending

    def offer(self, pending: PendingResult) -> None:
        """Take this waiting frame, as a call would, because its caller reads the pending result.

        Any thread, but only the thread that calls the lane takes it: it writes into no array meanwhile.
        Without this, a caller that waits for each frame before its next step would get frames that the helper
        copies.
        """
        if get_ident() == self._caller and monotonic() >= self._due:
            self._consider(pending, looked=True)

    def _consider(self, pending: PendingResult, *, looked: bool = False) -> None:
        """Take the waiting frame, or set the time of the next look.

        ``pending`` belongs to the caller's own frame. A frame of another thread is not copied here, because
        that thread may be writing into the arrays. ``looked`` is true if the caller reads its pending result:
        then there is no new call.
        """
        outbox, host, schedule = self.outbox, self._host, self._schedule
        now = monotonic()
        # Most looks end here: no reader asks, and the helper's wake-up time is late enough.
        writer = outbox.writer
        if now < schedule.covered_until and writer is not None and not writer.asked:
            self._due = now + schedule.interval
            if not host.helping:  # the helper ended in between (`rest`): the next call decides
                self._due = 0.0
            return
        # Not `acquire(blocking=False)`: CPython runs signal handlers between its return and a `try`, so a
        # Ctrl-C there would leave the lock held for ever. `with` has no such gap. Another thread may take the
        # lock between `locked()` and the `with`. This thread then waits until the other one has copied its
        # frame.
        if self._lock.locked():
            return  # whoever holds the lock looks at the box again after its take, and finds this frame
        with self._lock:
            self._decide(now, pending, looked)
        # Another thread may have left a frame after the last look at the box and before the release of the
        # lock.
        if self._box and not host.helping:
            self._entrust(now + schedule.interval)

    def _decide(self, now: float, pending: PendingResult, looked: bool) -> None:
        """Take the waiting frame or leave it, and set the time of the next look. The take lock is held."""
        outbox, host, schedule = self.outbox, self._host, self._schedule
        writer = outbox.writer
        if writer is None:
            self._forget()
            return
        slow = schedule.is_late(now) if looked else self._heard(now)
        since = now - outbox.last_take
        wait = schedule.until_look(since)
        if outbox.first:
            wait = 0.0
        elif slow or writer.asked or since > UNASKED:
            wait = host.pacing.wait(now, host.calls)
        if wait == 0.0:
            outbox.take(only=pending, raises=not looked)
            if now - outbox.published > PUBLISHED:
                self._publish(now)
            if slow and not self._box and not host.news:
                return  # the next call comes here, too: a slow loop can afford that
            wait, now = schedule.until_look_after(since), monotonic()
        if not self._entrust(now + wait):
            outbox.take_at_once()  # no thread starts (the interpreter is ending): nobody would take it later

    def _heard(self, now: float) -> bool:
        """Note a call. True if it came late after the one before."""
        caller = get_ident()
        if self._caller != caller:
            self._caller = _SEVERAL if self._caller else caller
        return self._schedule.heard(now, self.called)

    def _entrust(self, due: float) -> bool:
        """Let the calls until ``due`` only leave their frames. The helper looks when the calls have stopped.

        False if no helper runs and none can be started.

        The order matters. The helper, before it ends, first clears ``running`` and then calls `rest`, which
        takes back the times that are set here. This sets the times first and reads ``helping`` then. If the
        helper still runs, either the times hold, or `rest` takes them back. If it does not run, another one
        is started. (In the other order, the last frame of one burst in 40,000 was lost.)
        """
        host, schedule = self._host, self._schedule
        schedule.put_off(due, at_once=bool(self.outbox.too_large))
        self._due = due
        if host.helping or host.start_helper():
            host.put_off_helper(monotonic(), schedule.quiet_at)
            return True
        self._look_next()
        return False
