"""Requests to the live plotter across a relay. Messages are passed on as they are; nobody here looks into them.

::

    client --> ForwardingListener == relay ==> ForwardedClients --> the viewer's control socket
               (beside the computation)        (beside the viewer)

`ForwardingListener` listens on a control socket as a viewer does, and passes each message on with the number of its
client. `ForwardedClients` has one connection to the viewer's own control socket for each client. An empty message
says that the client, or the viewer, has closed its connection. The pumps' threads.
"""

from __future__ import annotations

import itertools
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ..errors import RemoteError, ViewerGone, WaitTimeout
from ..log import logger
from ..rpc import Pump, Stream, Transport, connected_to, listen, same_user

#: How many clients a viewer has at a time, and how many answers may wait until they are taken.
_CLIENTS, _WAITING = 32, 10_000

#: How long connecting to the viewer may take, s. Frames wait for it.
_CONNECTING = 1.0


class ForwardingListener:
    """The end beside the computation: what a client takes for the viewer.

    Parameters
    ----------
    pump : Pump
        Its thread listens and reads.
    folder : Path
        The viewer's folder in the run directory.
    pass_on : callable
        Gets the client's number and each message.
    """

    def __init__(self, pump: Pump, folder: Path, pass_on: Callable[[int, bytes], None]) -> None:
        self._pump = pump
        self._pass_on = pass_on
        self._clients: dict[int, Transport] = {}
        self._numbers = itertools.count(1)
        pump.listen(listen(folder), self._accept)

    def answer(self, client: int, data: bytes) -> None:
        """Give a client the viewer's answer; empty: close the connection to the client."""
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
            lambda data: self._pass_on(client, data),
            lambda: self._gone(client),
        )
        self._pump.add(self._clients[client])

    def _gone(self, client: int) -> None:
        if self._clients.pop(client, None) is not None:
            self._pass_on(client, b"")


class ForwardedClients:
    """The end beside the viewer: what the viewer takes for the clients.

    Parameters
    ----------
    pump : Pump
        Its thread reads.
    viewer : callable
        Returns the folder of the viewer that is asked.
    answered : callable
        Called on the pump's thread when there is an answer to `take`.
    """

    def __init__(self, pump: Pump, viewer: Callable[[], Path], answered: Callable[[], None]) -> None:
        self._pump = pump
        self._viewer = viewer
        self._answered = answered
        self._transports: dict[int, Transport] = {}
        self._answers: deque[tuple[int, bytes]] = deque(maxlen=_WAITING)

    def take(self) -> tuple[tuple[int, bytes], ...]:
        """The answers that have come: the client's number and the message."""
        taken = []
        while self._answers:
            taken.append(self._answers.popleft())
        return tuple(taken)

    def pass_on(self, client: int, data: bytes) -> None:
        """Pass a client's message on to the viewer; empty: the client has closed its connection."""
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
        except (ViewerGone, WaitTimeout, RemoteError):
            self._answer(client, b"")

    def close(self) -> None:
        """Close all connections to the viewer."""
        for transport in list(self._transports.values()):
            transport.close()

    def _connect(self, client: int) -> Transport:
        transport = Transport(
            self._pump,
            connected_to(self._viewer(), _CONNECTING),
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
        self._answered()
