"""The control socket of a viewer: a Unix socket in its folder, which only its user can enter.

Any process of that user, any thread. Neither connecting nor listening waits.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from ..descriptors import above_standard
from ..errors import ViewerGone
from ..rundir.format import SOCKET_FILE
from .client import Absent, ClientConnection
from .pump import Pump
from .transport import Stream


def connect(
    directory: Path,
    pump: Pump,
    timeout: float | None,
    doing: Callable[[], str] = lambda: "",
    absent: Absent | None = None,
) -> ClientConnection:
    """Connect to the viewer with this folder; see `ClientConnection`. Raises ViewerGone if nobody listens there."""
    return ClientConnection(pump, connected_to(directory), timeout, doing, absent)


def connected_to(directory: Path) -> Stream:
    """A stream to the control socket in a viewer's folder.

    Raises
    ------
    ViewerGone
        If nobody listens there.
    """
    with above_standard():
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # The path of a socket may have 107 bytes at most. A path through the folder's descriptor is short.
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            connected.connect(socket_path(folder, directory))
        finally:
            os.close(folder)
    except OSError as error:
        connected.close()
        raise ViewerGone(f"no viewer answers in {directory} ({error.strerror})") from error
    return Stream.of(connected)


def listen(directory: Path) -> socket.socket:
    """Listen on the control socket in a viewer's folder, which only this user can enter."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        path = socket_path(folder, directory)
        listener.bind(path)
        os.chmod(path, 0o600)  # to connect one needs the right to write, and the umask may have taken it
    finally:
        os.close(folder)
    listener.listen(8)
    return listener


def socket_path(folder: int, directory: Path) -> str:
    """The path of a viewer's socket; a short one on Linux."""
    descriptors = Path(f"/proc/self/fd/{folder}")
    return str((descriptors if descriptors.exists() else directory) / SOCKET_FILE)


def same_user(connected: socket.socket) -> bool:
    """Whether the peer of a Unix socket runs as this user, as the kernel says."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # macOS: only the mode of the folder protects it
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return bool(user == os.getuid())
