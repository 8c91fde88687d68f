"""One private thread that reads and writes the transports of a process, and accepts connections.

In: `Pump.wake`, from any thread, when there is something to write. Out: calls of the transports, when they can be read or
written. The thread starts with the first use, and can be stopped before a fork.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

from ..descriptors import above_standard
from ..threads import Worker
from .transport import FRAME_MAXIMUM, Transport

#: What is said if no thread can be started. The next request tries again.
_NO_THREAD = "the system has no thread for it"

#: If no descriptor is free for a connection, the next try is so much later, s: it waits, and can be accepted all the time.
_NO_DESCRIPTOR = 0.05


class Pump:
    """The private thread. The first use starts it, and `stop` ends it; sockets stay open.

    After a `stop` (before a fork) the next `wake` starts it again.

    Parameters
    ----------
    name : str
        The thread's name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        with above_standard():
            self._selector = selectors.DefaultSelector()
            self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._transports: set[Transport] = set()
        self._listener: socket.socket | None = None
        self._accepted: Callable[[socket.socket], None] | None = None
        self._closing: deque[Transport] = deque()
        self._worker: Worker | None = None
        self._starting = threading.Lock()
        self._stop = False
        self._closed = False

    def add(self, transport: Transport) -> None:
        """Read and write this transport from now on."""
        self._selector.register(transport.stream.inbound, selectors.EVENT_READ, transport)
        self._transports.add(transport)
        self.wake()

    def listen(self, listener: socket.socket, accepted: Callable[[socket.socket], None]) -> None:
        """Give each connection that ``listener`` accepts to ``accepted``, on the pump's thread.

        Raises OSError if the system has no thread for that.
        """
        listener.setblocking(False)
        self._listener, self._accepted = listener, accepted
        self._selector.register(listener, selectors.EVENT_READ)
        if not self.wake():
            raise OSError(errno.EAGAIN, _NO_THREAD)

    def forget(self, transport: Transport) -> None:
        """Close the stream of a transport, on the pump's thread. Any thread."""
        self._closing.append(transport)
        self.wake()

    def has_room(self, size: int) -> bool:
        """Whether a transport may take memory for a long message, bytes: all together have a limit. On the pump's thread."""
        return size + sum(transport.claimed for transport in self._transports) <= FRAME_MAXIMUM

    def wake(self) -> bool:
        """Make the thread look at its queues; start it if it is not there. False if the system has no thread."""
        if self._closed:
            return True
        try:
            os.write(self._wake_write, b"\0")
        except BlockingIOError:
            pass  # it has been woken already
        if self._worker is None and not self._stop and self._starting.acquire(blocking=False):
            try:
                if self._worker is None:
                    self._worker = Worker(self._run, self._name, self._has_no_thread)
                    self._worker.start()
            except RuntimeError:
                self._worker = None
                return False
            finally:
                self._starting.release()
        return True

    def _has_no_thread(self) -> None:
        """The thread could not be started after all. On another thread."""
        self._worker = None
        for transport in list(self._transports):
            transport.lose()

    def stop(self) -> None:
        """End the thread. The next `wake` starts it again. Not to be called on the thread itself."""
        worker = self._worker
        if worker is None:
            return
        self._stop = True
        try:
            os.write(self._wake_write, b"\0")
        except BlockingIOError:
            pass
        worker.wait_until_gone()
        self._worker = None
        self._stop = False

    def close(self) -> None:
        """End the thread and close every socket."""
        self.stop()
        self.abandon()

    def abandon(self) -> None:
        """Close the descriptors, and do no more: for the child of a fork, which has no thread."""
        if self._closed:
            return
        self._closed = True
        for transport in self._transports:
            transport.closed = True
            transport.stream.close()
        if self._listener is not None:
            self._listener.close()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._transports.clear()

    def _run(self) -> None:
        while not self._stop:
            for transport in list(self._transports):
                self._watch(transport)
            for key, events in self._selector.select():
                if isinstance(key.data, Transport):
                    if events & selectors.EVENT_WRITE:
                        key.data.writable()
                    if events & selectors.EVENT_READ and not key.data.closed:
                        key.data.readable()
                elif key.fd == self._wake_read:
                    _drain(self._wake_read)
                else:
                    self._accept()
            while self._closing:
                self._close(self._closing.popleft())

    def _watch(self, transport: Transport) -> None:
        """Have the selector look at a transport. It looks for room to write only if something is to be written."""
        inbound, outbound = transport.stream
        wanted = {inbound: selectors.EVENT_READ}
        if transport.wants_to_write:
            wanted[outbound] = wanted.get(outbound, 0) | selectors.EVENT_WRITE
        for descriptor in {inbound, outbound}:
            watched = descriptor in self._selector.get_map()
            if descriptor not in wanted:
                if watched:
                    self._selector.unregister(descriptor)
            elif not watched:
                self._selector.register(descriptor, wanted[descriptor], transport)
            elif self._selector.get_key(descriptor).events != wanted[descriptor]:
                self._selector.modify(descriptor, wanted[descriptor], transport)

    def _accept(self) -> None:
        assert self._listener is not None  # for the type checker: it is what can be read
        assert self._accepted is not None
        try:
            connected, _ = self._listener.accept()
        except OSError as error:  # the peer has gone, or no descriptor is free: the next one may succeed
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                time.sleep(_NO_DESCRIPTOR)
            return
        self._accepted(connected)

    def _close(self, transport: Transport) -> None:
        if transport in self._transports:
            self._transports.discard(transport)
            for descriptor in set(transport.stream):
                if descriptor in self._selector.get_map():
                    self._selector.unregister(descriptor)
            transport.stream.close()


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        pass
