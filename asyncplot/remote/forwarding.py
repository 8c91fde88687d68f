"""Requests to the live plotter across a relay, message by message; what is in them is nobody's business here.

Beside the computation, `Forwarding` listens on a control socket as a viewer does, and hands each message on
with the number of its client. Beside the viewer, `Forwarded` has a connection to the viewer's own socket
for each client. An empty message says that the client, or the viewer, has gone. The pumps' threads.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ..errors import RemoteError, ViewerGone
from ..log import logger
from ..rpc import Pump, Stream, Transport, connected_to, listen, same_user

#: Clients of one viewer at a time, and answers that wait to be fetched.
_CLIENTS, _WAITING = 32, 10_000

Message = tuple[int, bytes]


class Forwarding:
    """The end beside the computation.

    Parameters
    ----------
    pump : Pump
        Its thread listens and reads.
    folder : Path
        The viewer's folder in the run directory.
    hand_on : callable
        Gets the client's number and each message.
    """

    def __init__(self, pump: Pump, folder: Path, hand_on: Callable[[int, bytes], None]) -> None:
        self._pump = pump
        self._hand_on = hand_on
        self._clients: dict[int, Transport] = {}
        self._numbers = itertools.count(1)
        pump.listen(listen(folder), self._accept)

    def answer(self, client: int, data: bytes) -> None:
        """Give a client the viewer's answer; empty: close it."""
        transport = self._clients.get(client)
        if transport is None:
            return
        if not data:
            self._clients.pop(client, None)
            transport.close()
            return
        try:
            transport.send(data)
        except RemoteError:
            self._clients.pop(client, None)  # it has gone in the meantime

    def _accept(self, connected: socket.socket) -> None:
        if not same_user(connected) or len(self._clients) >= _CLIENTS:
            logger.warning("refused a connection to the live plotter: another user's, or one too many")
            connected.close()
            return
        client = next(self._numbers)
        self._clients[client] = Transport(
            self._pump,
            Stream.of(connected),
            lambda data: self._hand_on(client, data),
            lambda: self._gone(client),
        )
        self._pump.add(self._clients[client])

    def _gone(self, client: int) -> None:
        if self._clients.pop(client, None) is not None:
            self._hand_on(client, b"")


class Forwarded:
    """The end beside the viewer.

    Parameters
    ----------
    pump : Pump
        Its thread reads.
    viewer : callable
        The folder of the viewer that is asked.
    """

    def __init__(self, pump: Pump, viewer: Callable[[], Path]) -> None:
        self._pump = pump
        self._viewer = viewer
        self._transports: dict[int, Transport] = {}
        self._answers: deque[Message] = deque(maxlen=_WAITING)
        self._arrived = threading.Event()

    @property
    def waiting(self) -> bool:
        """Whether there are answers."""
        return bool(self._answers)

    def wait(self, seconds: float) -> None:
        """Wait until there is an answer, but not longer."""
        self._arrived.wait(seconds)

    def take(self) -> tuple[Message, ...]:
        """The answers that have come."""
        self._arrived.clear()
        taken = []
        while self._answers:
            taken.append(self._answers.popleft())
        return tuple(taken)

    def pass_on(self, client: int, data: bytes) -> None:
        """Pass a client's message on to the viewer; empty: it has gone."""
        transport = self._transports.get(client)
        if not data:
            if transport is not None:
                self._transports.pop(client, None)
                transport.close()
            return
        try:
            if transport is None:
                transport = self._connect(client)
            transport.send(data)
        except (ViewerGone, RemoteError):
            self._answer(client, b"")

    def close(self) -> None:
        """Close all connections to the viewer."""
        for transport in list(self._transports.values()):
            transport.close()

    def _connect(self, client: int) -> Transport:
        transport = Transport(
            self._pump,
            connected_to(self._viewer()),
            lambda data: self._answer(client, data),
            lambda: self._answer(client, b""),
        )
        self._transports[client] = transport
        self._pump.add(transport)
        return transport

    def _answer(self, client: int, data: bytes) -> None:
        if not data:
            self._transports.pop(client, None)
        self._answers.append((client, data))
        self._arrived.set()
