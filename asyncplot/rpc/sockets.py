"""The control socket of a viewer: a Unix socket in its folder, which only its user can enter.

Any process of that user, any thread. Listening does not wait. Connecting waits at most as long as it is told: a viewer
that is stopped accepts nothing, and after some connections the kernel lets the next ones wait.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from ..descriptors import above_standard
from ..errors import ViewerGone, WaitTimeout
from ..rundir.format import SOCKET_FILE
from .client import Absent, ClientConnection
from .pump import Pump
from .transport import Stream

#: How long connecting may take, s. The viewer accepts on a thread of its own, also while it draws.
CONNECTING = 10.0

_PAUSE = 0.01


def connect(
    directory: Path,
    pump: Pump,
    timeout: float | None,
    doing: Callable[[], str] = lambda: "",
    absent: Absent | None = None,
    given_up: Callable[[], bool] = lambda: False,
) -> ClientConnection:
    """Connect to the viewer with this folder; see `ClientConnection`, and for what it raises, `connected_to`."""
    limit = CONNECTING if timeout is None else min(timeout, CONNECTING)
    return ClientConnection(pump, connected_to(directory, limit, given_up), timeout, doing, absent)


def connected_to(
    directory: Path, timeout: float = CONNECTING, given_up: Callable[[], bool] = lambda: False
) -> Stream:
    """A stream to the control socket in a viewer's folder.

    Parameters
    ----------
    directory : Path
        The viewer's folder.
    timeout : float
        How long to wait while more connections wait than the kernel holds, s.
    given_up : callable
        Whether the caller does not want to wait any more.

    Raises
    ------
    ViewerGone
        If nobody listens there, or the caller has given up.
    WaitTimeout
        If the viewer does not accept the connection in time.
    """
    with above_standard():
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with connected:  # the stream takes the descriptor out of it
        try:
            # The path of a socket may have 107 bytes at most. A path through the folder's descriptor is short.
            folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                _connect(connected, socket_path(folder, directory), timeout, given_up)
            finally:
                os.close(folder)
        except WaitTimeout:  # an OSError, too
            raise
        except OSError as error:
            raise ViewerGone(f"no viewer answers in {directory} ({error.strerror})") from error
        return Stream.of(connected)


def _connect(connected: socket.socket, path: str, timeout: float, given_up: Callable[[], bool]) -> None:
    """Connect. Try again while more connections wait than the kernel holds: `socket.settimeout` does not cover that."""
    connected.setblocking(False)
    deadline = time.monotonic() + timeout
    while not _connects(connected, path):
        if given_up():
            raise ViewerGone("the connection was closed while it was made")
        if time.monotonic() > deadline:
            raise WaitTimeout(f"the viewer accepted no connection within {timeout:g} s; it may be stopped")
        time.sleep(_PAUSE)
    connected.setblocking(True)


def _connects(connected: socket.socket, path: str) -> bool:
    try:
        connected.connect(path)
    except BlockingIOError:
        return False
    return True


def listen(directory: Path) -> socket.socket:
    """Listen on the control socket in a viewer's folder, which only this user can enter. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            path = socket_path(folder, directory)
            listener.bind(path)
            os.chmod(path, 0o600)  # to connect one needs the right to write, and the umask may have taken it
        finally:
            os.close(folder)
        listener.listen(8)
    except BaseException:
        listener.close()
        raise
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
