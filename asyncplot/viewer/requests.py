"""Requests from outside to the live plotter, by rpyc on a Unix socket in the viewer's folder.

In: connections. A private thread reads and writes them. Out: each request is carried out on the GUI thread, between frames.
Only this user can enter the folder; the user id of the other side is checked, too.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..log import logger
from .backends import Backend
from .root import Root

if TYPE_CHECKING:
    from ..rpc import Pump, ServerConnection

#: So many connections are held at most. A computation needs one, and so does each terminal or notebook that has joined it.
CONNECTIONS = 64


class Requests:
    """Queues requests and carries them out.

    Parameters
    ----------
    folder : Path
        The viewer's folder.
    backend : Backend
        Each request wakes its loop.
    look : callable
        Called on the GUI thread when there are requests.
    """

    def __init__(self, folder: Path, backend: Backend, look: Callable[[], None]) -> None:
        self._folder = folder
        self._backend = backend
        self._look = look
        self._queue: deque[Callable[[], None]] = deque()
        self._wake_read = self._wake_write = -1
        self._pump: Pump | None = None
        self._root: Root | None = None
        self._connections: list[ServerConnection] = []

    def listen(self, root: Root) -> str:
        """Begin to listen; returns ``listening``, or why that is not possible. The viewer draws all the same."""
        self._root = root
        try:
            from ..rpc import Pump, listen

            listener = listen(self._folder)
            self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
            self._pump = Pump("asyncplot-requests")
            self._pump.listen(listener, self._accept)
        except ImportError as error:
            why = f"{error} in the viewer; install rpyc there"
        except OSError as error:  # the file system has no sockets; or no descriptor is free, or no thread
            why = f"its viewer has no control socket ({error.strerror})"
        else:
            self._backend.add_reader(self._wake_read, self._woken)
            return "listening"
        logger.warning("the live plotter cannot be reached: %s", why)
        return why

    def carry_out(self) -> bool:
        """Carry out what is queued; returns whether there was anything."""
        done = False
        while self._queue:
            self._queue.popleft()()
            done = True
        return done

    def close(self) -> None:
        """Close all connections."""
        if self._pump is not None:
            self._pump.close()

    def _woken(self) -> None:
        try:
            os.read(self._wake_read, 4096)
        except BlockingIOError:
            pass
        self._look()

    def _accept(self, connected: socket.socket) -> None:
        """A client has connected. On the pump's thread."""
        from ..rpc import ServerConnection, Stream, same_user

        assert self._pump is not None  # it calls this method
        if not same_user(connected):
            logger.warning("refused a connection by another user")
            connected.close()
            return
        self._connections = [each for each in self._connections if not each.closed]
        while len(self._connections) >= CONNECTIONS:
            idle = min(self._connections, key=lambda each: each.transport.read_at)
            logger.warning(
                "more than %d connections: the one that was silent the longest is closed", CONNECTIONS
            )
            self._connections.remove(idle)
            idle.close()
        self._connections.append(
            ServerConnection(self._pump, Stream.of(connected), self._root, self._schedule)
        )

    def _schedule(self, request: Callable[[], None]) -> None:
        """Queue a request for the GUI thread. On the pump's thread."""
        self._queue.append(request)
        try:
            os.write(self._wake_write, b"\0")
        except BlockingIOError:
            pass  # it has been woken already
