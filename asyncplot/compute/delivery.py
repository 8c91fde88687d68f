"""Who takes a waiting frame outside of calls: the helper, `flush`, `close` and a fork.

In: the frame that the last call left in the outbox. Out: that frame in the mailbox, or its final state. This
runs on the helper's thread, and in the threads that flush, fork and close. The calls themselves are in
`lane`.
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
    """The waiting frame of one lane, and its delivery.

    Parameters
    ----------
    name : str
        The method's name.
    number : int
        The number of the lane.
    writer : MailboxWriter or None
        Writes the mailbox; None if the server is closed already.
    host : Host
        The session.
    prepare : Preparation, optional
        Reduces the arguments of a frame when it is taken: the plotter's ``prepare``.
    copies : bool
        Whether each call copies its frame.

    Attributes
    ----------
    name : str
        The method's name.
    called : int
        The number of calls so far.
    outbox : Outbox
        The waiting frame, and the counts of the earlier ones.
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
        self._box = self.outbox.box  # saves one attribute look-up on the hot path
        self._caller = 0  # the thread that calls, see `Lane`; 0: none yet
        self._due = 0.0  # a call before this time only leaves its frame
        self._end = off()
        self._host = host
        self._lock = threading.Lock()  # held while a frame is taken
        self._number = number
        self._schedule = Schedule(copies=copies)
        self._warnings: deque[str] = deque()

    @property
    def counts(self) -> Counts:
        """The counters of this lane."""
        outbox = self.outbox
        return Counts(self.called, outbox.taken, outbox.failed, outbox.trailing, len(outbox.box))

    def _look_next(self) -> None:
        """Have the next call look."""
        self._due = 0.0
        self._schedule.forget()

    @property
    def quiet_at(self) -> float:
        """When the helper looks at this lane, on the clock of `time.monotonic`, s."""
        return self._schedule.quiet_at

    def tick(self, now: float) -> None:
        """Make room for a frame that needs it. Deliver the waiting frame if the calls have stopped.

        Helper thread. Nothing is delivered before `quiet_at`: the computation still writes into its arrays,
        so a copy would be torn (35 of 60 were, at 8 MB).
        """
        schedule = self._schedule
        if self.outbox.too_large:
            if_free(self._lock, self.outbox.grow)
            self._look_next()
            schedule.wait_for_calls(now)  # if another call comes, it takes the frame
        if not schedule.is_quiet(now):  # asked before the box is read: later calls set the next time
            return
        wait = self._host.pacing.wait(now, self._host.calls) if self._box else 0.0
        if wait == 0.0:
            if_free(self._lock, self._take_trailing)
        if self._box:
            schedule.try_again(now, wait)

    def _take_trailing(self) -> None:
        """Deliver the waiting frame, and count it as trailing. The take lock is held."""
        self.outbox.take(trailing=True)
        self._publish(monotonic())

    def _publish(self, now: float) -> None:
        """Publish the counters for other processes. The take lock is held."""
        self.outbox.publish(self.called, now, self._host.pacing.share(now, self._host.calls))

    def rest(self) -> bool:
        """Prepare for calls without a helper: the next call looks itself. False if a call came meanwhile.

        The helper calls this before it ends. The order matters: a call puts its frame into the box first, and
        reads the time then. So if a call still saw the old time, its frame is in the box when this reads the
        box.
        """
        self._look_next()
        if self._box:
            self._schedule.wait_for_calls(monotonic())
        return not self._box

    def deliver(self, timeout: float) -> int:
        """Take the waiting frame now, even if the budget is used up; return the number of the newest frame.

        For `flush` and `close`. It makes room in the mailbox if that is needed. If the take lock is not free
        within ``timeout`` s (this is a signal handler that interrupted a take), it takes nothing and returns
        -1.
        """
        if not wait_until_free(self._lock, timeout):
            return -1
        outbox = self.outbox
        with self._lock:
            outbox.take_at_once()
            if (writer := outbox.writer) is None:
                return 0
            self._publish(monotonic())
            return writer.newest

    def close(self, why: str) -> None:
        """Take no more frames. Later calls have the state "lost", with the reason ``why``."""
        self._end = lost(why)
        wait_until_free(self._lock, _TAKE)
        lock = self._lock if not self._lock.locked() else threading.Lock()
        with lock:
            self._shut()

    def abandon(self, warnings: deque[str]) -> None:
        """`close` in a forked child: the lock may be held by a thread that does not exist there.

        The first call of any lane logs the text in ``warnings``.
        """
        self._lock = threading.Lock()
        self._end, self._warnings = off(), warnings
        self._shut()

    def _shut(self) -> None:
        self._look_next()
        self.outbox.close(self._end)

    def _forget(self) -> None:
        """Give a call after the end its final state, and empty the box."""
        try:
            self._box.pop()[0]._fate = self._end
        except IndexError:
            return
        try:
            logger.warning("%s does nothing: %s", self.name, self._warnings.pop())
        except IndexError:
            pass  # it was logged already, or there is nothing to log

    def holds(self, pending: PendingResult) -> bool:
        """Whether this frame is the waiting one."""
        return self.outbox.holds(pending)

    def fate(self, number: int) -> Fate | None:
        """The final state of frame ``number``; None if it has none yet. 0 stands for the waiting frame."""
        return self._host.fate(self._number, self.name, number)
