"""The outbox of a lane: it holds the waiting frame, and puts it into the mailbox.

In: tickets in ``box``. Any thread or signal handler puts them there. Each new one drops the one before. Out:
frames in shared memory. `take` puts them there, under the lane's take lock, in the thread of a call or of the
helper.
"""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic_ns
from typing import Any

from ..errors import FrameError
from ..frames import EncodedFrame, Encoder, evaluated_or_named
from ..log import logger
from ..mailbox import MailboxWriter
from .pacing import Pacing
from .pending import Fate, PendingResult
from .plotter import Preparation

#: The statistics use the durations of this many taken calls, the newest.
_DURATIONS = 1000

#: A waiting frame: pending result, args, kwargs. For ``copy="always"``: pending result, `EncodedFrame`, None.
Ticket = tuple[PendingResult, Any, dict[str, Any] | None]


class Outbox:
    """Holds the waiting frame of one lane, and puts it into the mailbox.

    Parameters
    ----------
    name : str
        The lane's name, for the log.
    writer : MailboxWriter or None
        Writes the mailbox; None if the server is closed already.
    pacing : Pacing
        The budget, which each frame is charged to.
    prepare : Preparation, optional
        Reduces the arguments of a frame when it is taken: the plotter's ``prepare``.

    Attributes
    ----------
    box : deque
        The waiting frame, if any. This is a deque of length one, because ``append`` drops the older frame
        with its arguments in one step: no thread and no signal handler can come in between. It costs 0.01 us
        more than an attribute.
    taken, failed, trailing : int
        Counters: frames that were put into the mailbox; frames that could not be sent; taken frames that the
        helper delivered after the calls had stopped.
    durations : deque of float
        How long the last taken calls were, s.
    rejected : FrameError or None
        The error of the last frame that could not be sent, until somebody has read it.
    too_large : int
        The room that the waiting frame needs, bytes, if the mailbox has less; 0 if the frame fits.
    first : bool
        Whether no frame has been encoded yet.
    last_take, published : float
        When the last frame was taken, and when the counters were published, on the clock of `time.monotonic`,
        s.
    """

    __slots__ = (
        "_copier",
        "_copying",
        "_encoder",
        "_name",
        "_pacing",
        "_prepare",
        "_taking",
        "_warned",
        "box",
        "durations",
        "failed",
        "first",
        "last_take",
        "published",
        "rejected",
        "taken",
        "too_large",
        "trailing",
        "writer",
    )

    def __init__(
        self, name: str, writer: MailboxWriter | None, pacing: Pacing, prepare: Preparation | None = None
    ) -> None:
        self.box: deque[Ticket] = deque(maxlen=1)
        self.taken = self.failed = self.trailing = 0
        self.durations: deque[float] = deque(maxlen=_DURATIONS)
        self.rejected: FrameError | None = None
        self.too_large = 0
        self.first = True
        self.last_take = self.published = -float("inf")
        self.writer = writer
        self._encoder = Encoder()
        self._copier, self._copying = Encoder(), threading.Lock()
        self._name = name
        self._pacing = pacing
        self._prepare = prepare
        self._taking: Ticket | None = None
        self._warned = False

    def holds(self, pending: PendingResult) -> bool:
        """Whether this frame is the waiting one, or is being taken now. Any thread."""
        taking = self._taking
        try:
            return self.box[-1][0] is pending or (taking is not None and taking[0] is pending)
        except IndexError:
            return taking is not None and taking[0] is pending

    def take(
        self, *, only: PendingResult | None = None, trailing: bool = False, raises: bool = False
    ) -> None:
        """Put the newest waiting frame into the mailbox. The take lock is held.

        A frame stays in the box until it is in the mailbox. So a Ctrl-C in between loses no frame.

        Parameters
        ----------
        only : PendingResult, optional
            Take this frame only. A frame of another thread stays, because that thread may be writing into its
            arrays.
        trailing : bool
            Whether the calls have stopped.
        raises : bool
            Whether to raise if the first frame of the lane cannot be sent.

        Raises
        ------
        FrameError
            If ``raises``, and the first frame of the lane cannot be sent.
        """
        while self.box and (writer := self.writer) is not None:
            try:
                self._taking = ticket = self.box[-1]
            except IndexError:
                break  # a signal handler has just closed the server
            if only is not None and ticket[0] is not only:
                break
            if not self._put(writer, ticket, trailing, raises):
                break
            try:
                self.box.remove(ticket)
            except ValueError:
                pass  # another thread or a signal handler has left a newer frame, which waits now
            if only is not None:
                break
        self._taking = None

    def take_at_once(self) -> None:
        """Take the waiting frame, and make room for it if needed (milliseconds). The take lock is held."""
        self.take()
        if self.too_large:
            self.grow()
            self.take()

    def _put(self, writer: MailboxWriter, ticket: Ticket, trailing: bool, raises: bool) -> bool:
        """Encode and copy one frame. False if the mailbox has no room for it yet."""
        pending, args, kwargs = ticket
        start = monotonic_ns()
        try:
            frame: EncodedFrame
            if kwargs is None:
                frame = args
            elif self._prepare is None:
                frame = self._encoder.encode(args, kwargs)  # saves a call, 0.2 us
            else:
                frame = self._encoded(self._encoder, args, kwargs)
        except FrameError as error:
            self.reject(pending, error)
            if raises and self.first:
                self.first = False
                self.rejected = None  # this call reports the error
                self.box.clear()
                raise
            return True
        self.first = False
        payload = writer.payload(frame)
        if payload > writer.capacity:
            self.too_large = payload
            return False
        number = writer.put(frame, start)
        if not number:
            return False  # a signal handler has just closed the server
        pending._number = number
        self.taken += 1
        self.trailing += trailing
        seconds = (monotonic_ns() - start) * 1e-9
        self.durations.append(seconds)
        self._pacing.charge(seconds, payload)
        self.last_take = start * 1e-9
        return True

    def copied(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> EncodedFrame:
        """A frame with copies of its arrays, made now (``copy="always"``). Any thread, without the take lock.

        All calls share one encoder, because it keeps the header. If another thread is using it, or this
        signal handler has interrupted its use, a new encoder does the work.

        Raises
        ------
        FrameError
            If an argument cannot be sent.
        """
        if not self._copying.acquire(blocking=False):
            return self._encoded(Encoder(), args, kwargs).copied()
        try:  # a Ctrl-C just before this line leaves the lock held: later calls are only some us slower
            return self._encoded(self._copier, args, kwargs).copied()
        finally:
            self._copying.release()

    def _encoded(self, encoder: Encoder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> EncodedFrame:
        """Prepare the arguments of a call, and encode them."""
        if self._prepare is not None:
            args, kwargs = self._prepare(*evaluated_or_named(args, kwargs))
        return encoder.encode(args, kwargs)

    def reject(self, pending: PendingResult, error: FrameError) -> None:
        """Count a frame that cannot be sent, and log the first one. Any thread."""
        self.failed += 1
        self.rejected = error
        pending._fate = Fate("failed", error=error)
        if not self.first and not self._warned:
            self._warned = True
            logger.error("%s: %s (more frames like this are counted, but not logged)", self._name, error)

    def grow(self) -> None:
        """Make room for the frame that did not fit, if there is one (milliseconds). The take lock is held."""
        payload, self.too_large = self.too_large, 0
        writer = self.writer
        if writer is None or not payload:
            return
        try:
            writer.grow(payload)
        except OSError as error:
            if self.writer is None:
                return  # closed meanwhile
            refusal = FrameError(
                f"no room for a frame of {payload / 1e6:.3g} MB in the run directory ({error.strerror}); "
                "send less, or set ASYNCPLOT_RUNTIME_DIR to a folder with more space"
            )
            try:
                self.reject(self.box.pop()[0], refusal)
            except IndexError:
                pass  # the frame was taken meanwhile

    def publish(self, called: int, now: float, share: float) -> None:
        """Publish the counters, the number of calls and the share of the wall time. The take lock is held."""
        self.published = now
        if (writer := self.writer) is not None:
            writer.count((called, self.taken, self.failed, self.trailing), now, share)

    def close(self, end: Fate) -> None:
        """Drop the waiting frame, whose fate is ``end``, and unmap the mailbox."""
        writer, self.writer = self.writer, None
        for pending, *_ in list(self.box):
            pending._fate = end
        self.box.clear()
        if writer is not None:
            writer.close()
