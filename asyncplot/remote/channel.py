"""Messages over a stream: one end of the connection between a source and its mirror.

In: `Channel.send`, on any thread. Out: `Channel.receive`, on the thread of whoever owns the channel; ``arrived``
tells that thread, from the pump's thread, that there is something to receive.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ..errors import RemoteError, ViewerGone
from ..rpc import Pump, Stream, Transport
from .coding import decode, encode

#: How often it is seen whether everything has been written, s; only at the end of a connection.
_TICK = 0.001


class Channel:
    """One end.

    Parameters
    ----------
    pump : Pump
        Its thread reads and writes.
    stream : Stream
        To the other end; becomes the channel's own.
    expected : union of types
        The messages that the other end may send.
    unread : int
        If more messages than this wait to be received, the connection is closed: the other end keeps to no limit.
    arrived : callable
        Called on the pump's thread when a message has come, or the other end has gone.
    attached : callable, optional
        Gets each attachment, on the pump's thread; without it, attachments are refused.
    """

    def __init__(
        self,
        pump: Pump,
        stream: Stream,
        expected: Any,
        unread: int,
        arrived: Callable[[], None],
        attached: Callable[[memoryview], None] | None = None,
    ) -> None:
        self._arrived = arrived
        self._expected = expected
        self._unread = unread
        self._inbox: deque[bytes] = deque()
        self._transport = Transport(pump, stream, self._received, arrived, attached)
        pump.add(self._transport)

    @property
    def closed(self) -> bool:
        """Whether the connection is closed. Messages that came before may still be received."""
        return self._transport.closed

    def send(self, message: tuple[Any, ...]) -> None:
        """Queue a message. Any thread; never waits. If the channel is closed it is dropped, and `receive` says so."""
        try:
            self._transport.send(encode(message))
        except RemoteError:
            pass

    def attach(self, pieces: list[memoryview]) -> None:
        """Queue memory, in pieces that nobody may write to until it is sent. As `send`."""
        try:
            self._transport.attach(pieces)
        except RemoteError:
            pass

    def receive(self) -> Any:
        """The next message; None if there is none now.

        Raises
        ------
        ViewerGone
            If the connection is closed, and all that came before has been received.
        ViewerError
            If what came is no message that is expected.
        """
        closed = self.closed  # before the inbox is looked at: then nothing can come after it
        try:
            data = self._inbox.popleft()
        except IndexError:
            if closed:
                raise ViewerGone("the viewer has gone") from None
            return None
        return decode(data, self._expected)

    def drain(self, seconds: float) -> None:
        """Wait until everything is written, or the other end has gone, but not longer than this."""
        deadline = time.monotonic() + seconds
        while self._transport.wants_to_write and not self.closed and time.monotonic() < deadline:
            time.sleep(_TICK)

    def close(self) -> None:
        """Close the connection. Any thread; what is queued is not sent any more."""
        self._transport.close()

    def _received(self, data: bytes) -> None:
        if len(self._inbox) >= self._unread:
            raise RemoteError("the other end sends more than it is asked for")  # the transport hangs up
        self._inbox.append(data)
        self._arrived()
