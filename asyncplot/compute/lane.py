"""A lane: one asynchronous plotter method. `Lane.update` is the hot path of asyncplot.

In: the arguments of a call, in whatever thread or signal handler makes it. Out: a `PendingResult`, and
for few of the calls a frame in the mailbox. Most calls only replace the waiting frame and look at the
clock; the rest is decided in `_consider`, every few milliseconds.

Locks: a call that finds the take lock taken does not wait for it. Who does not get it (another thread, or a signal
handler that interrupted a take) leaves its frame waiting.

Safe moments: the arrays of a waiting frame may be copied while its caller is in one of our calls, because its code
does not write into them then. That is a later call of the same thread, or its look at the pending result. The helper
copies only when the calls have stopped (`Rhythm`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from threading import get_ident
from time import monotonic, sleep
from typing import Any

from ..errors import FrameError
from ..frames import Encoder
from ..log import logger
from ..mailbox import MailboxWriter
from .host import Host
from .outbox import Outbox
from .pending import Fate, PendingResult, lost, off
from .preparing import Preparation
from .rhythm import SHORTEST, Rhythm

#: A call that comes later than this after the one before is taken without being asked for, s: loops
#: slower than 50 calls a second then never need the helper, as long as the budget pays for each frame.
SLOW = 0.02

#: How long to wait before looking whether a reader asks, s: right after a take, as a screen asks every
#: 16 ms, and then. A look costs 0.6 us, and several times that where the computation fills the caches.
LOOK_FIRST, LOOK_AGAIN = 0.008, 0.004

#: For a reader that is faster than a screen: half and a quarter of the time between the two newest takes, but not
#: sooner than this, s. (10,000 points of white noise by pyqtgraph: 235 frames a second instead of 175.)
LOOK_SOONEST = 0.001

#: A reader that has not asked for this long (it draws slowly, is stopped, or gone) is looked for more rarely, s.
PATIENCE, LOOK_RARELY = 0.1, 0.016

#: After the helper's wake-up time was set, so many looks pass before it is set again.
COVERED = 5

#: With no reader a frame is taken this often, s, so that who attaches finds a recent one.
UNASKED = 1.0

#: The counters that others see are published with a take, but not more often than this, s.
PUBLISHED = 0.1

#: How long `close` waits for a take on another thread, and how long between two looks, s.
_TAKE, _PAUSE = 1.0, 0.0005

#: Stands for the thread that calls a lane if several do.
_SEVERAL = -1

_NEVER = float("inf")


class Lane:
    """One asynchronous plotter method.

    Attributes
    ----------
    name : str
        The method's name.
    called : int
        How often it was called.
    outbox : Outbox
        The frame that waits, and the counts of those that went.
    quiet_at : float
        When the helper is to look at this lane, on the clock of `time.monotonic`.
    """

    __slots__ = (
        "_box",
        "_caller",
        "_copies",
        "_covered_until",
        "_due",
        "_end",
        "_host",
        "_lock",
        "_look",
        "_number",
        "_prepare",
        "_rhythm",
        "_warnings",
        "called",
        "name",
        "outbox",
        "quiet_at",
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
        self.quiet_at = _NEVER
        self._box = self.outbox.box  # one look-up less on the hot path
        self._caller = 0  # the thread that calls; _SEVERAL if there is more than one
        self._copies = copies
        self._covered_until = -_NEVER
        self._due = 0.0
        self._end = off()
        self._host = host
        self._lock = threading.Lock()
        self._look = LOOK_AGAIN
        self._number = number
        self._prepare = prepare
        self._rhythm = Rhythm()
        self._warnings: deque[str] = deque()

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
            # An encoder of its own: this is outside the take lock.
            self._box.append((pending, Encoder(self._prepare).encode(args, kwargs).copied(), None))
        except FrameError as error:
            outbox.reject(pending, error)
            if outbox.first:
                outbox.first = False
                outbox.rejected = None  # this call tells
                raise
            return pending
        # The copies are said in the statistics, and not charged: they would leave nothing for the takes.
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
        outbox, host = self.outbox, self._host
        now = monotonic()
        # Most looks end here: nobody asks, and the helper is told to look late enough.
        if now < self._covered_until and outbox.writer is not None and not outbox.writer.asked:
            self._due = now + self._look
            if not host.helping:  # it ended in between (`rest`): the next call decides
                self._due = 0.0
            return
        # Not `acquire(blocking=False)`: CPython runs signal handlers between its return and a `try`, so that
        # a Ctrl-C there would leave the lock taken for ever. `with` has no such gap. Between the question
        # and the `with` another thread may come, for which this one waits, for the length of its copy.
        if self._lock.locked():
            return  # somebody takes a frame, and then sees that ours waits
        with self._lock:
            self._decide(now, pending, looked)
        # Somebody may have left a frame after the last look at the box and before the release.
        if self._box and not host.helping:
            self._entrust(now + self._look)

    def _decide(self, now: float, pending: PendingResult, looked: bool) -> None:
        """Take the waiting frame or not, and set the time of the next look. The take lock is held."""
        outbox, host = self.outbox, self._host
        if outbox.writer is None:
            self._forget()
            return
        slow = self._is_slow(now, looked)
        self._look = wait = LOOK_AGAIN if now - outbox.last_take < PATIENCE else LOOK_RARELY
        if outbox.first:
            wait = 0.0
        elif slow or outbox.writer.asked or now - outbox.last_take > UNASKED:
            wait = host.pacing.wait(now, host.calls)
        if wait == 0.0:
            cycle = now - outbox.last_take
            outbox.take(only=pending, raises=not looked)
            if now - outbox.published > PUBLISHED:
                self._publish(now)
            if slow and not self._box and not host.news:
                return  # each call comes here then, which costs slow loops nothing
            self._look = min(max(cycle / 4, LOOK_SOONEST), LOOK_AGAIN)
            wait, now = min(max(cycle / 2, LOOK_SOONEST), LOOK_FIRST), monotonic()
        if not self._entrust(now + wait):
            outbox.take_at_once()  # no thread can be started (the interpreter is ending): now or never

    def _is_slow(self, now: float, looked: bool) -> bool:
        """Note the call, unless its caller only looks at its frame; whether it came late after the one before."""
        if looked:
            return now - self._rhythm.last > SLOW
        caller = get_ident()
        if self._caller != caller:
            self._caller = _SEVERAL if self._caller else caller
        return self._rhythm.heard(now, self.called, self._covered_until) > SLOW

    def _entrust(self, due: float) -> bool:
        """Have calls until ``due`` only leave their frames: the helper looks when the last of them is long ago.

        False if there is no helper, and none can be started.

        The order matters. The helper, when it ends, first says so and then calls `rest`, which takes back what is
        set here. So if it still runs after these times were set, they hold, or `rest` takes them back; and if it
        does not run, another one is started. (In the other order the last frame of a burst was lost about once
        in 40,000 bursts.)
        """
        outbox, host = self.outbox, self._host
        covered = due + COVERED * self._look
        self.quiet_at = until = 0.0 if outbox.too_large else covered + self._pause
        self._due = due
        self._covered_until = covered - self._look
        if host.helping or host.start_helper():
            host.put_off_helper(monotonic(), until)
            return True
        self._due = 0.0
        self._covered_until = -_NEVER
        return False

    @property
    def _pause(self) -> float:
        """How long calls must have stopped until the helper may copy what waits, s."""
        return SHORTEST if self._copies else self._rhythm.pause

    # --- the helper thread, flush and close --------------------------------------------------------

    def tick(self, now: float) -> None:
        """Make room for a frame that needs it; deliver the waiting frame if the calls have stopped.

        Helper thread. Until ``quiet_at`` nothing is delivered: a copy made here while the computation
        goes on writing would be torn (35 of 60 at 8 MB).
        """
        if self.outbox.too_large:
            self._if_free(self.outbox.grow)
            self._due = 0.0
            self._covered_until = -_NEVER
            self.quiet_at = now + self._pause  # the next call takes it, if one comes
        if now < self.quiet_at:
            return
        self.quiet_at = _NEVER  # before the look at the box: a call from now on sets it again
        wait = self._host.pacing.wait(now, self._host.calls) if self._box else 0.0
        if wait == 0.0:
            self._if_free(self._take_trailing)
        if self._box and self.quiet_at == _NEVER:  # too expensive yet, or a call has come
            self.quiet_at = now + max(wait, SHORTEST)

    def _take_trailing(self) -> None:
        """Deliver the waiting frame, and count. The take lock is held."""
        self.outbox.take(trailing=True)
        self._publish(monotonic())

    def _publish(self, now: float) -> None:
        """Publish the counters, for whoever looks at the run from outside. The take lock is held."""
        self.outbox.publish(self.called, now, self._host.pacing.share(now, self._host.calls))

    def rest(self) -> bool:
        """Let the next call decide for itself, as the helper ends; False if a call came meanwhile.

        The order matters: a call puts its frame into the box and reads the time after that. So a call
        that still saw the old time has its frame in the box when this looks.
        """
        self._due = 0.0
        self._covered_until = -_NEVER
        if self._box:
            self.quiet_at = monotonic() + self._pause
        return not self._box

    def deliver(self, timeout: float) -> int:
        """Take the waiting frame now, whatever the budget says; the number of the newest frame taken.

        For `flush` and `close`; makes room where it is needed. If the lock cannot be had in time (this
        is a signal handler that interrupted a take), nothing is taken, and -1 returned.
        """
        if not self._free(timeout):
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
        self._free(_TAKE)
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
        self._due = 0.0
        self._covered_until = -_NEVER
        self.outbox.close()

    def _free(self, timeout: float) -> bool:
        """Wait until nobody takes a frame; False at the time-out."""
        deadline = monotonic() + timeout
        while self._lock.locked():
            if monotonic() >= deadline:
                return False
            sleep(_PAUSE)
        return True

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

    def _if_free(self, action: Callable[[], None]) -> None:
        """Do something that needs the take lock, if it can be had now."""
        if self._lock.acquire(blocking=False):
            try:
                action()
            finally:
                self._lock.release()

    # --- pending results ------------------------------------------------------------------------

    def holds(self, pending: PendingResult) -> bool:
        """Whether this frame is the one that waits."""
        return self.outbox.holds(pending)

    def fate(self, number: int) -> Fate | None:
        """What became of a taken frame; None while it is under way (0: of the one that waits)."""
        return self._host.fate(self._number, self.name, number)
