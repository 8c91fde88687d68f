"""The listener: accepts TCP connections, and passes on those that have proven that they know the secret.

A connection that has not proven it is called a stranger here. One thread and one selector serve all of them. What
strangers can use up is bounded: their number, and the time and the bytes of each. If there are too many, the oldest
one is closed, so a connection that proves itself at once always gets in.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from collections.abc import Callable

from ...errors import AsyncplotError, ConfigurationError, Refused
from .handshake import Handshake
from .secret import Secret
from .streams import tune

#: Takes over an authenticated, blocking socket (with a context, a TLS socket) and the peer's address.
Accepted = Callable[[socket.socket, str], None]

#: How many connections are accepted before the strangers get a turn.
_BATCH = 16

#: How long nothing is accepted if the system has no descriptor left and there is no stranger to close, s.
_PAUSE = 0.05


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Listening sockets at each address of ``host``; port 0 takes a free one.

    Raises
    ------
    ConfigurationError
        If there is no such address here, or the port is taken.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            sockets.append(listening := socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind((address[0], port, *address[2:]))
            listening.listen(128)
            listening.setblocking(False)
            port = listening.getsockname()[1]
    except (OSError, UnicodeError, OverflowError) as error:
        for listening in sockets:
            listening.close()
        raise ConfigurationError(
            f"cannot listen at {host} port {port} ({error}); choose another --port, or an address of this host"
        ) from error
    return sockets


class Listener:
    """Accepts connections and authenticates them, in `run`.

    Parameters
    ----------
    sockets : list of socket.socket
        Those that `open_sockets` made. They are closed when `run` ends.
    secret : Secret
        What whoever connects must know.
    accepted : callable
        Gets each authenticated stream, on the thread of `run`. It must neither block nor raise.
    context : ssl.SSLContext, optional
        With it, a TLS handshake comes first.
    limit : int
        How many strangers there may be at once.
    patience : float
        How long each may take to prove itself, s.
    """

    def __init__(
        self,
        sockets: list[socket.socket],
        secret: Secret,
        accepted: Accepted,
        context: ssl.SSLContext | None = None,
        *,
        limit: int = 64,
        patience: float = 3.0,
    ) -> None:
        self._sockets = sockets
        self._secret = secret
        self._accepted = accepted
        self._context = context
        self._limit = limit
        self._patience = patience
        self._strangers: dict[socket.socket, _Stranger] = {}  # in the order in which they came
        self._resume: float | None = None  # when to accept again
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens: address and port."""
        return [listening.getsockname()[:2] for listening in self._sockets]

    def stop(self) -> None:
        """Let `run` return. Any thread, or a signal handler; it may be called again, and after the end."""
        with contextlib.suppress(OSError):  # `run` is ending, or has ended
            self._wake.send(b"\0")

    def run(self) -> None:
        """Accept until `stop` is called, on this thread. Nothing that comes over the network ends it."""
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._listen(True)
        try:
            while self._turn():
                pass
        finally:
            for stream in [*self._strangers]:
                self._drop(stream)
            for ours in (*self._sockets, self._wake, self._woken):
                ours.close()
            self._selector.close()

    def _turn(self) -> bool:
        for key, _ in self._selector.select(self._until_next()):
            one = key.fileobj
            assert isinstance(one, socket.socket)
            if one is self._woken:
                return False
            if one in self._strangers:
                self._advance(one)
            elif one in self._sockets:  # it is neither if it is a stranger that was dropped in this turn
                self._accept(one)
        now = time.monotonic()
        while self._strangers and (oldest := next(iter(self._strangers.values()))).deadline <= now:
            self._drop(oldest.stream)
        if self._resume is not None and self._resume <= now:
            self._listen(True)
        return True

    def _until_next(self) -> float | None:
        """The time until the next deadline, s; None if there is none."""
        due = [self._resume] if self._resume is not None else []
        due.extend(stranger.deadline for stranger in [*self._strangers.values()][:1])
        return max(min(due) - time.monotonic(), 0.0) if due else None

    def _listen(self, on: bool) -> None:
        self._resume = None if on else time.monotonic() + _PAUSE
        for listening in self._sockets:
            if on:
                self._selector.register(listening, selectors.EVENT_READ)
            else:
                self._selector.unregister(listening)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_BATCH):
            try:
                stream, address = listening.accept()
            except BlockingIOError:
                return
            except ConnectionError:  # it has gone while it waited
                continue
            except OSError:  # no descriptor is left, for example: the oldest stranger makes room
                if not self._strangers:
                    if self._resume is None:
                        self._listen(False)
                    return
                self._drop(next(iter(self._strangers)))
                continue
            self._welcome(stream, str(address[0]))

    def _welcome(self, stream: socket.socket, address: str) -> None:
        if len(self._strangers) >= self._limit:
            self._drop(next(iter(self._strangers)))
        try:
            stream.setblocking(False)
            tune(stream)
            if self._context is not None:
                stream = self._context.wrap_socket(stream, server_side=True, do_handshake_on_connect=False)
        except (OSError, ValueError):  # it has gone already
            stream.close()
            return
        deadline = time.monotonic() + self._patience
        self._strangers[stream] = _Stranger(stream, address, Handshake("listener", self._secret), deadline)
        self._selector.register(stream, selectors.EVENT_READ)
        self._advance(stream)

    def _advance(self, stream: socket.socket) -> None:
        stranger = self._strangers[stream]
        try:
            event = stranger.advance()
        except (OSError, AsyncplotError):
            self._drop(stream)
            return
        if event:
            self._selector.modify(stream, event)
            return
        del self._strangers[stream]
        self._selector.unregister(stream)
        stream.setblocking(True)
        self._accepted(stream, stranger.address)

    def _drop(self, stream: socket.socket) -> None:
        """Close the connection and say nothing, so that a stranger learns nothing."""
        del self._strangers[stream]
        self._selector.unregister(stream)
        stream.close()


class _Stranger:
    """A connection that has not proven that it knows the secret, and how far it is."""

    def __init__(self, stream: socket.socket, address: str, handshake: Handshake, deadline: float) -> None:
        self.stream = stream
        self.address = address
        self.deadline = deadline
        self._handshake = handshake
        self._to_send = handshake.first
        self._secured = not isinstance(stream, ssl.SSLSocket)

    def advance(self) -> int:
        """Go on until the socket would block; returns the event to wait for, or 0 when it has proven itself.

        Raises
        ------
        OSError, Refused
            If it has failed, or gone.
        """
        try:
            if not self._secured and isinstance(self.stream, ssl.SSLSocket):
                self.stream.do_handshake()
                self._secured = True
            while self._to_send or not self._handshake.done:
                self._step()
        except ssl.SSLWantReadError:
            return selectors.EVENT_READ
        except ssl.SSLWantWriteError:
            return selectors.EVENT_WRITE
        except BlockingIOError:
            return selectors.EVENT_WRITE if self._to_send else selectors.EVENT_READ
        return 0

    def _step(self) -> None:
        if self._to_send:
            self._to_send = self._to_send[self.stream.send(self._to_send) :]
            return
        data = self.stream.recv(self._handshake.needs)
        if not data:
            raise Refused("it closed the connection")
        self._to_send = self._handshake.feed(data)
