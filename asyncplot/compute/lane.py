"""A lane: one asynchronous plotter method. `Lane.update` is the hot path of asyncplot.

In: the arguments of a call, in whatever thread or signal handler makes it. Out: a `PendingResult`, and for a few of the
calls a frame in the mailbox. Most calls only replace the waiting frame and compare the clock with one time. Every few
milliseconds a call goes on to `_consider`, which decides; when that is, `Schedule` says. What happens to a waiting frame
outside of calls stands in `delivery`.

Locks: a call that finds the take lock taken does not wait for it. It leaves its frame waiting. (The lock is held by
another thread, or by a take that this signal handler has interrupted.)

Safe moments: the arrays of a waiting frame may be copied while its caller is inside one of our calls, because the caller
does not write into them then. So a later call of the same thread takes the frame, or the caller's look at the pending
result. The helper copies it only when the calls have stopped.
"""

from __future__ import annotations

from threading import get_ident
from time import monotonic
from typing import Any

from ..errors import FrameError
from .delivery import Delivery
from .pending import PendingResult

#: If no reader asks, a frame is taken this often, s. So who attaches finds a recent one.
UNASKED = 1.0

#: The counters that others see are published with a take, but not more often than this, s.
PUBLISHED = 0.1

#: Stands for the thread that calls a lane if several do.
_SEVERAL = -1


class Lane(Delivery):
    """One asynchronous plotter method: its calls. The parameters are those of `Delivery`."""

    __slots__ = ()

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Hand the newest data to the plotter: ``plotter.update(*args, **kwargs)`` in the viewer.

        Asynchronous: a frame that waits is dropped when a newer call supersedes it. The call never
        waits for a viewer and, but for the first frame of a lane, never raises. Any thread, and signal
        handlers.

        Parameters
        ----------
        *args, **kwargs
            Anything that pickles. Arrays (of any dtype, order and stride) are copied once, if and when
            the frame is taken. A waiting frame is a reference. A later call takes it; if the calls stop, it
            is delivered as the arrays are then, unless the server was made with ``copy="always"``.

        Returns
        -------
        PendingResult
            The fate of this frame.

        Raises
        ------
        FrameError
            In the first call only, if an argument cannot be sent. Later such frames are logged once,
            counted as failed, and their pending results say so.
        """
        # 0.2 us on CPython 3.11. `+= 1` is safe between threads and from signal handlers: CPython
        # switches at calls and backward jumps, and there is none between its load and its store.
        self.called += 1
        pending = PendingResult()  # without __init__: 0.1 us
        pending._lane = self
        self._box.append((pending, args, kwargs))
        # One comparison stands for all reasons not to take this frame; `_consider` sets the time.
        if monotonic() < self._due:
            return pending
        self._consider(pending)
        return pending

    def update_copying(self, *args: Any, **kwargs: Any) -> PendingResult:
        """`update` for ``copy="always"``: the waiting frame is a copy made now, exact whatever follows."""
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
                outbox.rejected = None  # this call tells
                raise
            return pending
        # The statistics say what the copies cost. The budget does not pay for them: nothing would be left for the takes.
        self._host.pacing.spent += monotonic() - start
        if monotonic() >= self._due:
            self._consider(pending)
        return pending

    def offer(self, pending: PendingResult) -> None:
        """Take this waiting frame if its caller looks at it, as a call would: nothing is written meanwhile.

        Any thread. Without it, who waits for a frame before the next step would get one that the helper copies.
        """
        if get_ident() == self._caller and monotonic() >= self._due:
            self._consider(pending, looked=True)

    def _consider(self, pending: PendingResult, *, looked: bool = False) -> None:
        """Take the waiting frame, or find out when to think about it again.

        ``pending`` is of the caller's own frame: that of another thread is not copied here, where its arrays may
        just be written. ``looked``: the caller looks at its frame, and this is no call.
        """
        outbox, host, schedule = self.outbox, self._host, self._schedule
        now = monotonic()
        # Most looks end here: nobody asks, and the helper is told to look late enough.
        if now < schedule.covered_until and outbox.writer is not None and not outbox.writer.asked:
            self._due = now + schedule.interval
            if not host.helping:  # it ended in between (`rest`): the next call decides
                self._due = 0.0
            return
        # Not `acquire(blocking=False)`: CPython runs signal handlers between its return and a `try`, so a Ctrl-C there
        # would leave the lock taken for ever. `with` has no such gap. Between the question and the `with` another
        # thread may come. This one waits for it then, for the length of its copy.
        if self._lock.locked():
            return  # somebody takes a frame, and then sees that ours waits
        with self._lock:
            self._decide(now, pending, looked)
        # Somebody may have left a frame after the last look at the box and before the release.
        if self._box and not host.helping:
            self._entrust(now + schedule.interval)

    def _decide(self, now: float, pending: PendingResult, looked: bool) -> None:
        """Take the waiting frame or not, and set the time of the next look. The take lock is held."""
        outbox, host, schedule = self.outbox, self._host, self._schedule
        if outbox.writer is None:
            self._forget()
            return
        slow = schedule.is_late(now) if looked else self._heard(now)
        since = now - outbox.last_take
        wait = schedule.until_look(since)
        if outbox.first:
            wait = 0.0
        elif slow or outbox.writer.asked or since > UNASKED:
            wait = host.pacing.wait(now, host.calls)
        if wait == 0.0:
            outbox.take(only=pending, raises=not looked)
            if now - outbox.published > PUBLISHED:
                self._publish(now)
            if slow and not self._box and not host.news:
                return  # each call comes here then, which costs slow loops nothing
            wait, now = schedule.until_look_after(since), monotonic()
        if not self._entrust(now + wait):
            outbox.take_at_once()  # no thread can be started (the interpreter is ending): now or never

    def _heard(self, now: float) -> bool:
        """Note a call; True if it came late after the one before."""
        caller = get_ident()
        if self._caller != caller:
            self._caller = _SEVERAL if self._caller else caller
        return self._schedule.heard(now, self.called)

    def _entrust(self, due: float) -> bool:
        """Have calls until ``due`` only leave their frames. The helper looks when the last of them is long ago.

        False if there is no helper, and none can be started.

        The order matters. A helper that ends first says so, and then calls `rest`, which takes back what is set here. So
        if the helper still runs after these times were set, either they hold, or `rest` takes them back. If it does not
        run, another one is started. (In the other order the last frame of one burst in 40,000 was lost.)
        """
        host, schedule = self._host, self._schedule
        schedule.put_off(due, at_once=bool(self.outbox.too_large))
        self._due = due
        if host.helping or host.start_helper():
            host.put_off_helper(monotonic(), schedule.quiet_at)
            return True
        self._look_next()
        return False
