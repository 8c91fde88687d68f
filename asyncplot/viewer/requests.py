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
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._pump: Pump | None = None
        self._root: Root | None = None
        self._connections: list[ServerConnection] = []

    def listen(self, root: Root) -> str:
        """Begin to listen; returns ``listening``, or why that is not possible."""
        try:
            from ..rpc import Pump, listen
        except ImportError as error:
            logger.warning(
                "the live plotter cannot be reached (%s); install rpyc in the viewer's Python", error
            )
            return str(error)
        self._root = root
        self._backend.add_reader(self._wake_read, self._woken)
        self._pump = Pump("asyncplot-requests")
        self._pump.listen(listen(self._folder), self._accept)
        return "listening"

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
