"""What happens to a waiting frame outside of calls: the helper delivers it, `flush` and `close` do, a fork does.

In: the frame that the last call left in the outbox. Out: that frame in the mailbox, or its end. On the helper thread, and in
the threads that flush, fork and close. The calls stand in `lane`.
"""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic

from ..log import logger
from ..mailbox import MailboxWriter
from ..stats import Counts
from .host import Host
from .locking import if_free, wait_until_free
from .outbox import Outbox
from .pending import Fate, PendingResult, lost, off
from .plotter import Preparation
from .schedule import Schedule

#: How long `close` waits for a take on another thread, s.
_TAKE = 1.0


class Delivery:
    """The frame that waits, and whoever takes it.

    Parameters
    ----------
    name : str
        The method's name.
    number : int
        The number of the lane.
    writer : MailboxWriter or None
        None if the server is closed already.
    host : Host
        The session.
    prepare : Preparation, optional
        What the plotter does with the arguments of a frame that is taken.
    copies : bool
        Whether each call copies its frame.

    Attributes
    ----------
    name : str
        The method's name.
    called : int
        How often it was called.
    outbox : Outbox
        The frame that waits, and the counts of those that went.
    """

    __slots__ = (
        "_box",
        "_caller",
        "_due",
        "_end",
        "_host",
        "_lock",
        "_number",
        "_schedule",
        "_warnings",
        "called",
        "name",
        "outbox",
    )

    def __init__(
        self,
        name: str,
        number: int,
        writer: MailboxWriter | None,
        host: Host,
        prepare: Preparation | None = None,
        *,
        copies: bool = False,
    ) -> None:
        self.name = name
        self.called = 0
        self.outbox = Outbox(name, writer, host.pacing, prepare)
        self._box = self.outbox.box  # one look-up less on the hot path
        self._caller = 0  # the thread that calls, see `Lane`; none yet
        self._due = 0.0  # until then a call only leaves its frame
        self._end = off()
        self._host = host
        self._lock = threading.Lock()  # held while a frame is taken
        self._number = number
        self._schedule = Schedule(copies=copies)
        self._warnings: deque[str] = deque()

    @property
    def counts(self) -> Counts:
        """What this lane counts."""
        outbox = self.outbox
        return Counts(self.called, outbox.taken, outbox.failed, outbox.trailing, len(outbox.box))

    def _look_next(self) -> None:
        """Have the next call look."""
        self._due = 0.0
        self._schedule.forget()

    @property
    def quiet_at(self) -> float:
        """When the helper is to look at this lane, on the clock of `time.monotonic`."""
        return self._schedule.quiet_at

    def tick(self, now: float) -> None:
        """Make room for a frame that needs it; deliver the waiting frame if the calls have stopped.

        Helper thread. Before `quiet_at` nothing is delivered: the computation goes on writing, and a copy made here
        would be torn (35 of 60 at 8 MB).
        """
        schedule = self._schedule
        if self.outbox.too_large:
            if_free(self._lock, self.outbox.grow)
            self._look_next()
            schedule.wait_for_calls(now)  # the next call takes the frame, if one comes
        if not schedule.is_quiet(now):  # before the look at the box: a call from now on sets the next time
            return
        wait = self._host.pacing.wait(now, self._host.calls) if self._box else 0.0
        if wait == 0.0:
            if_free(self._lock, self._take_trailing)
        if self._box:
            schedule.try_again(now, wait)

    def _take_trailing(self) -> None:
        """Deliver the waiting frame, and count. The take lock is held."""
        self.outbox.take(trailing=True)
        self._publish(monotonic())

    def _publish(self, now: float) -> None:
        """Publish the counters, for whoever looks at the run from outside. The take lock is held."""
        self.outbox.publish(self.called, now, self._host.pacing.share(now, self._host.calls))

    def rest(self) -> bool:
        """Let the next call decide for itself, as the helper ends; False if a call came meanwhile.

        The order matters: a call puts its frame into the box, and reads the time after that. So a call that still saw
        the old time has its frame in the box when this looks.
        """
        self._look_next()
        if self._box:
            self._schedule.wait_for_calls(monotonic())
        return not self._box

    def deliver(self, timeout: float) -> int:
        """Take the waiting frame now, whatever the budget says; the number of the newest frame taken.

        For `flush` and `close`; makes room where it is needed. If the lock cannot be had in time (this
        is a signal handler that interrupted a take), nothing is taken, and -1 returned.
        """
        if not wait_until_free(self._lock, timeout):
            return -1
        outbox = self.outbox
        with self._lock:
            outbox.take_at_once()
            if outbox.writer is None:
                return 0
            self._publish(monotonic())
            return outbox.writer.newest

    def close(self, why: str) -> None:
        """Take no more frames; later calls are lost, because of ``why``."""
        self._end = lost(why)
        wait_until_free(self._lock, _TAKE)
        lock = self._lock if not self._lock.locked() else threading.Lock()
        with lock:
            self._shut()

    def abandon(self, warnings: deque[str]) -> None:
        """`close` in the child of a fork, where the lock may be held by a thread that does not exist.

        The first call of any lane logs what ``warnings`` holds.
        """
        self._lock = threading.Lock()
        self._end, self._warnings = off(), warnings
        self._shut()

    def _shut(self) -> None:
        self._look_next()
        self.outbox.close()

    def _forget(self) -> None:
        """A call after the end: its fate is known, and the box holds nothing."""
        try:
            self._box.pop()[0]._fate = self._end
        except IndexError:
            return
        try:
            logger.warning("%s does nothing: %s", self.name, self._warnings.pop())
        except IndexError:
            pass  # it was told, or there is nothing to tell

    def holds(self, pending: PendingResult) -> bool:
        """Whether this frame is the one that waits."""
        return self.outbox.holds(pending)

    def fate(self, number: int) -> Fate | None:
        """What became of a taken frame; None while it is under way (0: of the one that waits)."""
        return self._host.fate(self._number, self.name, number)
