"""A lane: one asynchronous plotter method. `Lane.update` is the hot path of asyncplot.

In: the arguments of a call, in whatever thread or signal handler makes it. Out: a `PendingResult`, and
for few of the calls a frame in the mailbox. Most calls only replace the waiting frame and look at the
clock; the rest is decided in `_consider`, every few milliseconds.

Locks: the take lock is only ever *tried* by a call. Who does not get it (another thread, or a signal
handler that interrupted a take) leaves its frame waiting, and the helper delivers it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic, monotonic_ns
from typing import Any, Protocol

from ..errors import FrameError
from ..frames import EncodedFrame, Encoder
from ..log import logger
from ..mailbox import MailboxWriter
from .pacing import Pacing
from .pending import Fate, PendingResult, lost

#: A call that comes later than this after the one before is taken without being asked for, s: loops
#: slower than 50 calls a second then never need the helper. So long after the last call the helper
#: delivers the waiting frame.
SLOW = 0.02

#: How long to wait before looking again whether a reader asks, s. A look costs 1 us, and 5 us where the
#: computation fills the caches. A screen asks every 16 ms: so right after a take there is no need to look,
#: and a reader that has not asked for long is drawing something big, or gone.
LOOK_AGAIN, LOOK_RARELY, LONG = 0.002, 0.008, 0.1

#: With no reader a frame is taken this often, s, so that who attaches finds a recent one.
UNASKED = 1.0

#: How many of the last taken calls are kept for the statistics.
_DURATIONS = 1000

_NEVER = float("inf")

#: A waiting frame. For ``copy="always"`` its arguments are an `EncodedFrame`, and kwargs None.
Ticket = tuple[PendingResult, Any, dict[str, Any] | None]


class Host(Protocol):
    """What a lane needs of its server."""

    pacing: Pacing

    @property
    def calls(self) -> int:
        """Calls so far, all lanes together."""
        ...

    def start_helper(self) -> bool:
        """Have the helper thread run; False if no thread can be started."""
        ...

    def put_off_helper(self, now: float, until: float) -> None:
        """Have it look when the first lane has become quiet, which for this one is ``until``."""
        ...

    @property
    def helping(self) -> bool:
        """Whether the helper thread runs."""
        ...

    @property
    def news(self) -> bool:
        """Whether the helper has news of a viewer to log."""
        ...

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """What became of a taken frame (0: of one that waits)."""
        ...


class Lane:
    """One asynchronous plotter method.

    Attributes
    ----------
    called, taken, failed, trailing : int
        Counts: calls; frames that went into the mailbox; frames that could not be sent; and of the
        taken ones those that the helper delivered after the calls had stopped.
    durations : deque of float
        How long the last taken calls were, s.
    too_large : int
        Room that the waiting frame needs and the mailbox has not, bytes; 0 if it fits.
    quiet_at : float
        When the helper is to look at this lane, on the clock of `time.monotonic`.
    """

    __slots__ = (
        "_box",
        "_closed_because",
        "_due",
        "_encoder",
        "_first",
        "_host",
        "_last_call",
        "_last_take",
        "_lock",
        "_number",
        "_taking",
        "_warned",
        "_writer",
        "called",
        "durations",
        "failed",
        "name",
        "quiet_at",
        "taken",
        "too_large",
        "trailing",
    )

    def __init__(self, name: str, number: int, writer: MailboxWriter | None, host: Host) -> None:
        self.name = name
        self.called = self.taken = self.failed = self.trailing = 0
        self.durations: deque[float] = deque(maxlen=_DURATIONS)
        self.too_large = 0
        self.quiet_at = _NEVER
        # The frame that waits, if any: (pending result, args, kwargs). A deque of length one, because
        # its append drops the older one, its arguments included, in a single step that neither a
        # thread nor a signal handler can come between; it costs 0.01 us more than an attribute.
        self._box: deque[Ticket] = deque(maxlen=1)
        self._closed_because = ""
        self._due = 0.0
        self._encoder = Encoder()
        self._first = True
        self._host = host
        self._last_call = self._last_take = -_NEVER
        self._lock = threading.Lock()
        self._number = number
        self._taking: Ticket | None = None
        self._warned = False
        self._writer = writer

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Hand the newest data to the plotter: ``plotter.update(*args, **kwargs)`` in the viewer.

        Asynchronous: a frame that waits is dropped when a newer call supersedes it. The call never
        waits for a viewer and, but for the first frame of a lane, never raises. Any thread, and signal
        handlers.

        Parameters
        ----------
        *args, **kwargs
            Anything that pickles. Arrays (of any dtype, order and stride) are copied once, if and when
            the frame is taken. A waiting frame is a reference: if the calls stop, it is delivered as
            the arrays are then, unless the server was made with ``copy="always"``.

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
        self._consider()
        return pending

    def update_copying(self, *args: Any, **kwargs: Any) -> PendingResult:
        """`update` for ``copy="always"``: the waiting frame is a copy made now, exact whatever follows."""
        self.called += 1
        pending = PendingResult()
        pending._lane = self
        start = monotonic()
        try:
            # An encoder of its own: this is outside the take lock.
            self._box.append((pending, Encoder().encode(args, kwargs).copied(), None))
        except FrameError as error:
            self._reject(pending, error)
            if self._first:
                self._first = False
                raise
            return pending
        self._host.pacing.spent += monotonic() - start
        if monotonic() >= self._due:
            self._consider()
        return pending

    def _consider(self) -> None:
        """Take the waiting frame, or find out when to think about it again."""
        if not self._lock.acquire(blocking=False):
            return  # somebody is taking a frame; the helper delivers ours
        try:
            if self._writer is None:
                self._forget()
                return
            now = monotonic()
            helping = self._host.helping
            slow = not helping and now - self._last_call > SLOW
            self._last_call = now
            wait = LOOK_AGAIN if now - self._last_take < LONG else LOOK_RARELY
            if self._first:
                wait = 0.0
            elif slow or self._wanted(now):
                wait = self._host.pacing.wait(now, self._host.calls)
            if wait == 0.0:
                self._take(trailing=False, raises=True)
                if slow and not self.too_large and not self._host.news:
                    return  # each call comes here then, which costs slow loops nothing
                wait, now = LOOK_RARELY, monotonic()
            if helping or self._host.start_helper():
                # From now on calls may be left waiting, because the helper is told when to look.
                self._due = now + wait
                self.quiet_at = 0.0 if self.too_large else self._due + SLOW
                self._host.put_off_helper(now, self.quiet_at)
            else:  # no thread can be started (the interpreter is ending): now or never
                self._grow()
                self._take(trailing=False)
        finally:
            self._lock.release()
        # Somebody may have left a frame after the last look at the box and before the release.
        if self._box and not self._host.helping:
            self._host.start_helper()

    def _wanted(self, now: float) -> bool:
        assert self._writer is not None  # `_consider` has looked
        return self._writer.asked or now - self._last_take > UNASKED

    def _take(self, *, trailing: bool, raises: bool = False) -> None:
        """Put the newest waiting frame into the mailbox. The take lock is held.

        A frame stays in the box until it is in the mailbox, so that a Ctrl-C in between loses nothing.
        """
        while self._box and self._writer is not None:
            self._taking = ticket = self._box[-1]
            if not self._put(ticket, trailing, raises):
                break
            self._taking = popped = self._box.pop()
            if popped is not ticket and self._put(popped, trailing, raises=False):
                # Another thread or a signal handler had left a newer frame; it is taken, too.
                continue
        self._taking = None

    def _put(self, ticket: Ticket, trailing: bool, raises: bool) -> bool:
        """Encode and copy one frame; False if there is no room for it yet."""
        assert self._writer is not None  # `_take` has looked
        pending, args, kwargs = ticket
        start = monotonic_ns()
        try:
            frame: EncodedFrame = args if kwargs is None else self._encoder.encode(args, kwargs)
        except FrameError as error:
            self._reject(pending, error)
            if raises and self._first:
                self._first = False
                self._box.clear()
                raise
            return True
        self._first = False
        payload = self._writer.payload(frame)
        if payload > self._writer.capacity:
            self.too_large = payload
            return False
        pending._number = self._writer.put(frame, start)
        self.taken += 1
        self.trailing += trailing
        seconds = (monotonic_ns() - start) * 1e-9
        self.durations.append(seconds)
        self._host.pacing.charge(seconds, payload)
        self._last_take = start * 1e-9
        self._writer.count(self.called, self.taken)
        return True

    def _reject(self, pending: PendingResult, error: FrameError) -> None:
        """Count a frame that cannot be sent, and log the first of them."""
        self.failed += 1
        pending._fate = Fate("failed", error=error)
        if not self._first and not self._warned:
            self._warned = True
            logger.error("%s: %s (further ones are counted and not logged)", self.name, error)

    @property
    def waiting(self) -> int:
        """How many frames wait: 0 or 1."""
        return len(self._box)

    # --- the helper thread, flush and close --------------------------------------------------------

    def tick(self, now: float) -> None:
        """Make room for a frame that needs it; deliver the waiting frame if the calls have stopped.

        Helper thread. Until ``quiet_at`` nothing is delivered: a copy made here while the computation
        goes on writing would be torn (35 of 60 at 8 MB).
        """
        if self.too_large:
            self._tried(self._grow)
            self.quiet_at = now + SLOW
        if now < self.quiet_at:
            return
        wait = self._host.pacing.wait(now, self._host.calls) if self._box else 0.0
        if wait == 0.0:
            self._tried(lambda: self._take(trailing=True))
        self.quiet_at = _NEVER
        if self._box:  # too expensive yet, or a call has come
            self.quiet_at = now + max(wait, SLOW)

    def _tried(self, action: Callable[[], None]) -> None:
        """Do something that needs the take lock, if it can be had now."""
        if self._lock.acquire(blocking=False):
            try:
                action()
            finally:
                self._lock.release()

    def rest(self) -> bool:
        """Let the next call decide for itself, as the helper ends; False if a call came meanwhile.

        The order matters: a call puts its frame into the box and reads the time after that. So a call
        that still saw the old time has its frame in the box when this looks.
        """
        self._due = 0.0
        if self._box:
            self.quiet_at = monotonic() + SLOW
        return not self._box

    def deliver(self, timeout: float) -> int:
        """Take the waiting frame now, whatever the budget says; the number of the newest frame taken.

        For `flush` and `close`; makes room where it is needed. If the lock cannot be had in time (this
        is a signal handler that interrupted a take), nothing is taken.
        """
        if not self._lock.acquire(timeout=max(timeout, 0.0)):
            return -1
        try:
            self._take(trailing=False)
            if self.too_large:
                self._grow()
                self._take(trailing=False)
            if self._writer is None:
                return 0
            self._writer.count(self.called, self.taken)
            return self._writer.newest
        finally:
            self._lock.release()

    def _grow(self) -> None:
        """Make room for the frame that did not fit. The take lock is held."""
        payload, self.too_large = self.too_large, 0
        if self._writer is None or not payload:
            return
        try:
            self._writer.grow(payload)
        except OSError as error:
            refusal = FrameError(
                f"no room for a frame of {payload / 1e6:.3g} MB in the run directory ({error.strerror}); "
                "send less, or set ASYNCPLOT_RUNTIME_DIR to a larger folder"
            )
            try:
                self._reject(self._box.pop()[0], refusal)
            except IndexError:
                pass
        self._due = 0.0

    def close(self, why: str, *, warn: bool = False) -> None:
        """Take no more frames; later calls are lost, because of ``why`` (one of them logs it if ``warn``).

        In the child of a fork, too, where the old lock may be held by a thread that does not exist.
        """
        self._lock = threading.Lock()
        self._closed_because, self._warned = why, not warn
        writer, self._writer = self._writer, None
        self._due = 0.0
        self._box.clear()
        if writer is not None:
            writer.close()

    def _forget(self) -> None:
        """A call after the end: its frame is lost, and the box holds nothing."""
        try:
            self._box.pop()[0]._fate = lost(self._closed_because)
        except IndexError:
            return
        if not self._warned:
            self._warned = True
            logger.warning("%s does nothing: %s", self.name, self._closed_because)

    # --- pending results ------------------------------------------------------------------------

    def holds(self, pending: PendingResult) -> bool:
        """Whether this frame is the one that waits."""
        taking = self._taking
        try:
            return self._box[-1][0] is pending or (taking is not None and taking[0] is pending)
        except IndexError:
            return taking is not None and taking[0] is pending

    def fate(self, number: int) -> Fate | None:
        """What became of a taken frame; None while it is under way (0: of the one that waits)."""
        return self._host.fate(self._number, self.name, number)


#: A call of a lane, as users see it.
Update = Callable[..., PendingResult]
