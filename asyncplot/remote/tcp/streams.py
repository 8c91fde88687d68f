"""What both ends set on a TCP socket, whatever flows over it."""

from __future__ import annotations

import contextlib
import socket

#: s; a peer that is silently gone is noticed after some 20 s.
_IDLE, _INTERVAL, _PROBES = 5, 5, 3


def tune(stream: socket.socket) -> None:
    """Send small messages at once, and notice a peer whose host is gone."""
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with contextlib.suppress(AttributeError):  # macOS knows the first by another name
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _INTERVAL)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE)


def shut(stream: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """End a stream, or one direction of it, in whatever state it is; for TLS, what lies below.

    `ssl.SSLSocket.shutdown` would drop TLS and go on in clear text, and `unwrap` fails on data that
    the other end is still sending: so TLS is half-closed by the end of its TCP stream.
    """
    with contextlib.suppress(OSError):
        socket.socket.shutdown(stream, how)
