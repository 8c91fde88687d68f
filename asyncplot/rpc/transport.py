"""Messages over sockets and pipes.

In: `Transport.send`, from any thread. It appends to a queue and never waits: the garbage collector may call it in
the middle of anything. Out: each whole message is given to the transport's
``received``, on the pump's thread.

The wire format is rpyc's: length (4 bytes, big endian), a byte that says whether the data are compressed (such a message is
refused: 0.4 MB can unpack to 800 MB), the data, a newline. One more kind of message is ours: an attachment. Its
memory is copied neither before it is sent nor after it has come.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from ..errors import RemoteError
from ..log import logger

_HEAD = struct.Struct("!LB")
_PLAIN, _ATTACHMENT = 0, 2

_CHUNK = 1 << 18

#: The longest message that is accepted, and how much all messages of a pump that have come in part may take, bytes.
FRAME_MAXIMUM = 1 << 30

#: A message longer than this is read straight into memory of its own, bytes.
_LARGE = 1 << 18

#: Pipes hold this much where it can be chosen, bytes. With the usual 64 kB, 8 MB take 128 turns
#: of both processes: 46 ms instead of 12.
_PIPE_BYTES, _SET_PIPE_SIZE = 1 << 20, 1031

#: How many pieces one system call writes.
_PIECES = 16


class Stream(NamedTuple):
    """Two descriptors: a socket's (twice the same), or those of two pipes, as ssh gives them.

    Attributes
    ----------
    inbound, outbound : int
        To read from, and to write to.
    """

    inbound: int
    outbound: int

    @classmethod
    def of(cls, connected: socket.socket) -> Stream:
        """The stream of a socket, which is the stream's own from now on."""
        descriptor = connected.detach()
        return cls(descriptor, descriptor)

    def prepare(self) -> None:
        """Make reads and writes return at once, and give pipes more room."""
        for descriptor in set(self):
            os.set_blocking(descriptor, False)
            try:
                fcntl.fcntl(descriptor, _SET_PIPE_SIZE, _PIPE_BYTES)
            except OSError:
                pass  # a socket, another system, or the user's pipes have no more room

    def close(self) -> None:
        """Close both."""
        for descriptor in set(self):
            os.close(descriptor)


class Owner(Protocol):
    """What a transport needs of its pump."""

    def wake(self) -> bool:
        """Look at the queues; False if there is no thread for that."""
        ...

    def forget(self, transport: Transport) -> None:
        """Close the stream of a transport, on the pump's thread."""
        ...

    def has_room(self, size: int) -> bool:
        """Whether a transport may take memory for a long message, bytes."""
        ...


class Transport:
    """One stream on a pump.

    Parameters
    ----------
    pump : Pump
        Reads and writes it.
    stream : Stream
        Becomes the transport's own.
    received : callable
        Gets each message (bytes), on the pump's thread.
    lost : callable
        Called once, on the pump's thread, when the peer is gone, or has sent something that is no message.
    attached : callable, optional
        Gets each attachment (a memoryview), on the pump's thread. Without it they are refused.

    Attributes
    ----------
    read_at : float
        When the peer has sent something for the last time, on the clock of `time.monotonic`.
    closed : bool
        Whether the stream is closed, or will be in a moment.
    """

    def __init__(
        self,
        pump: Owner,
        stream: Stream,
        received: Callable[[bytes], None],
        lost: Callable[[], None],
        attached: Callable[[memoryview], None] | None = None,
    ) -> None:
        stream.prepare()
        self.stream = stream
        self._pump = pump
        self._received = received
        self._attached = attached
        self._lost = lost
        self._inbound = bytearray()
        self._large: memoryview | None = None  # room for a long message that is coming, and its newline
        self._large_kind = _PLAIN
        self._filled = 0
        self._outbound: deque[memoryview] = deque()
        self.read_at = time.monotonic()
        self.closed = False

    def send(self, data: bytes) -> None:
        """Queue a message. Never waits; any thread, also signal handlers and finalisers.

        Raises
        ------
        RemoteError
            If the transport is closed, or the system has no thread to send it.
        """
        if self.closed:
            raise RemoteError("the connection to the viewer is closed")
        self._outbound.append(memoryview(_HEAD.pack(len(data), _PLAIN) + data + b"\n"))
        if not self._pump.wake():
            raise RemoteError("there is no connection to the viewer: the system has no thread for it")

    def attach(self, pieces: Sequence[memoryview]) -> None:
        """Queue an attachment, as `send` does.

        Parameters
        ----------
        pieces : sequence of memoryview
            Its parts, format "B". Nobody may write to them until it is sent.
        """
        if self.closed:
            raise RemoteError("the connection to the viewer is closed")
        length = sum(piece.nbytes for piece in pieces)
        # In one step, so that no message of another thread comes between.
        self._outbound.extend(
            [memoryview(_HEAD.pack(length, _ATTACHMENT)), *filter(len, pieces), memoryview(b"\n")]
        )
        self._pump.wake()

    def close(self) -> None:
        """Close the stream. Sends nothing and waits for nothing. Any thread."""
        if not self.closed:
            self.closed = True
            self._pump.forget(self)

    # --- on the pump's thread ------------------------------------------------------------------

    def readable(self) -> None:
        """Read what is there, and pass on the messages that are complete."""
        self.read_at = time.monotonic()
        try:
            if self._large is not None:
                self._fill(self._large)
                return
            chunk = os.read(self.stream.inbound, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        if not chunk:
            self.lose()
            return
        self._inbound += chunk
        while not self.closed and len(self._inbound) >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._inbound)
            if not self._accepts(length, kind):
                self.lose()
                return
            end = _HEAD.size + length + 1
            if len(self._inbound) < end:
                if length > _LARGE and not self._begin_large(length, kind):
                    self.lose()
                return
            data = bytes(memoryview(self._inbound)[_HEAD.size : end - 1])
            del self._inbound[:end]
            self._deliver(memoryview(data), kind)

    def _accepts(self, length: int, kind: int) -> bool:
        known = kind == _PLAIN or (kind == _ATTACHMENT and self._attached is not None)
        return known and length <= FRAME_MAXIMUM

    @property
    def claimed(self) -> int:
        """How much memory a long message has that has come in part, bytes."""
        return 0 if self._large is None else len(self._large)

    def _begin_large(self, length: int, kind: int) -> bool:
        """Read the rest of a long message straight into the memory in which it stays; False if there is none."""
        came = len(self._inbound) - _HEAD.size
        if not self._pump.has_room(length):
            logger.warning("a peer was hung up on: %d bytes are too much beside what others send", length)
            return False
        try:
            # numpy takes large memory from huge pages: 8 MB are 4 page faults instead of 2,048.
            self._large = np.empty(length + 1, np.uint8).data
        except MemoryError:
            logger.warning("a peer was hung up on: there is no memory for its message of %d bytes", length)
            return False
        self._large[:came] = memoryview(self._inbound)[_HEAD.size :]
        self._large_kind, self._filled = kind, came
        self._inbound = bytearray()
        return True

    def _fill(self, large: memoryview) -> None:
        """Read on; raises BlockingIOError when there is no more now."""
        while self._filled < len(large):
            count = os.readv(self.stream.inbound, [large[self._filled :]])
            if not count:
                self.lose()
                return
            self._filled += count
        self._large = None
        self._deliver(large[:-1], self._large_kind)

    def _deliver(self, data: memoryview, kind: int) -> None:
        try:
            if kind == _ATTACHMENT and self._attached is not None:
                self._attached(data)
            else:
                self._received(data.obj if isinstance(data.obj, bytes) else bytes(data))
        except Exception:  # noqa: BLE001 (a decoder can raise anything for bytes that are not rpyc's)
            logger.debug("a peer sent what is not rpyc", exc_info=True)
            self.lose()

    @property
    def wants_to_write(self) -> bool:
        """Whether messages are queued."""
        return bool(self._outbound)

    def writable(self) -> None:
        """Write as much of the queue as the stream takes."""
        while self._outbound and not self.closed:
            # Other threads may append at the same time; only this one takes messages out.
            pieces = [self._outbound[index] for index in range(min(len(self._outbound), _PIECES))]
            try:
                sent = os.writev(self.stream.outbound, pieces)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.lose()
                return
            for piece in pieces:
                if sent < len(piece):
                    self._outbound[0] = piece[sent:]
                    break
                sent -= len(piece)
                self._outbound.popleft()

    def lose(self) -> None:
        """Close the stream, and say that the peer is lost."""
        if not self.closed:
            self.close()
            self._lost()
