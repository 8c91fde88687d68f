"""The control socket of a viewer: a Unix socket in its folder, which nobody but its user can enter.

Any process of that user, any thread; connecting and listening wait for nobody.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from ..descriptors import above_standard
from ..errors import ViewerGone
from .connection import Absent, ClientConnection
from .pump import Pump
from .transport import Stream


def connect(
    directory: Path,
    pump: Pump,
    timeout: float | None,
    doing: Callable[[], str] = lambda: "",
    absent: Absent | None = None,
) -> ClientConnection:
    """Connect to a viewer by its folder. Raises ViewerGone if nobody listens there."""
    return ClientConnection(pump, connected_to(directory), timeout, doing, absent)


def connected_to(directory: Path) -> Stream:
    """A stream to the control socket of a viewer, ``control.sock`` in its folder.

    Raises
    ------
    ViewerGone
        If nobody listens there.
    """
    with above_standard():
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # A path may have 107 bytes at most: go through the folder's descriptor instead.
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
    """Listen on ``control.sock`` in a viewer's folder, which nobody but this user can enter."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        path = socket_path(folder, directory)
        listener.bind(path)
        os.chmod(path, 0o600)  # who connects needs the right to write, which the umask may have taken
    finally:
        os.close(folder)
    listener.listen(8)
    return listener


def socket_path(folder: int, directory: Path) -> str:
    """The path of a viewer's socket, short where Linux allows it."""
    descriptors = Path(f"/proc/self/fd/{folder}")
    return str((descriptors if descriptors.exists() else directory) / "control.sock")


def same_user(connected: socket.socket) -> bool:
    """Whether the peer of a Unix socket runs as this user, by the kernel's word."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the folder's mode has to do, as on macOS
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return bool(user == os.getuid())
