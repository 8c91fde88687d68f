"""Options that both ends set on a TCP socket, and how a stream is ended."""

from __future__ import annotations

import contextlib
import socket

#: TCP's keep-alive: first probe after, then each, s; and how many. A peer whose host is gone is noticed in some 20 s.
_IDLE, _INTERVAL, _PROBES = 5, 5, 3


def tune(stream: socket.socket) -> None:
    """Have small messages sent at once, and a peer whose host is gone noticed."""
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with contextlib.suppress(AttributeError):  # macOS has another name for the idle time
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _INTERVAL)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE)


def shut(stream: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """End a stream, or one direction of it, whatever its state. A TLS stream is ended by its TCP stream.

    `ssl.SSLSocket.shutdown` would drop TLS and go on in clear text, and `unwrap` fails if the other end is still
    sending data.
    """
    with contextlib.suppress(OSError):
        socket.socket.shutdown(stream, how)
