"""Where a server listens: a Unix socket in a private folder, or a port of the loopback interface. Any thread.

In: a folder, or a port. Out: sockets that listen, and the URL. Nothing here listens on another interface.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from ..errors import ConfigurationError

#: The name of the Unix socket in a viewer's folder. Its path, with the folder's, has at most 107 bytes.
SOCKET = "web.sock"

_BACKLOG = 64


def on_loopback(port: int) -> socket.socket:
    """Listen on a port of 127.0.0.1. 0: any free one.

    Raises
    ------
    ConfigurationError
        If the port is in use, or may not be used.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on port {port} of 127.0.0.1 ({error.strerror}); choose another port, or 0 for any"
        ) from error
    listener.setblocking(False)
    return listener


def on_socket(folder: Path) -> socket.socket:
    """Listen on a Unix socket in a folder that only this user can enter. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        path = folder / SOCKET
        listener.bind(str(path))
        os.chmod(path, 0o600)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def url(port: int, token: str) -> str:
    """The address for a browser. The token stands in the fragment, which browsers never send.

    >>> url(8000, "abc")
    'http://127.0.0.1:8000/#abc'
    """
    return f"http://127.0.0.1:{port}/#{token}"
