"""Whether the process that uses a directory lives: it holds a lock on the file ``alive`` in that directory.

Standard library only; any process and thread. A POSIX record lock ends with its process, however that ends. Forked
children do not inherit it. (They inherit a lock of `flock`: a child would keep a dead run alive.)

Never call `is_held` on a directory that this process holds. A record lock is dropped when its process closes *any*
descriptor of the file: closing the file would drop the lock. `is_of_this_process` tells callers that know the
record of the holder.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from ..descriptors import Descriptors, noted
from .format import ALIVE_FILE
from .making import FILE_MODE


def hold(directory: Path, held: list[int] | None = None) -> int:
    """Take the lock of a directory, and return a descriptor, which is noted in ``held``. Closing it drops the lock."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = noted([] if held is None else held, os.open, directory / ALIVE_FILE, flags, FILE_MODE)
    os.fchmod(descriptor, FILE_MODE)
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def is_held(directory: Path) -> bool:
    """Whether another process holds the lock of a directory. Never ask about one that this process holds (see above)."""
    return _asked(directory)[0]


def holder(directory: Path) -> int:
    """The process id of who holds the lock of a directory; 0 if nobody does, or a process that cannot be seen from here.

    Never ask about a directory that this process holds (see above).
    """
    return _asked(directory)[1]


def is_of_this_process(record: Mapping[str, object]) -> bool:
    """Whether a record is of this very process: the one that it describes holds the directory.

    Process ids are compared on one host only: hosts that share a home see each other's records.
    """
    return record.get("pid") == os.getpid() and record.get("host") == socket.gethostname()


def _asked(directory: Path) -> tuple[bool, int]:
    """Whether the lock of a directory is held, and by which process."""
    with Descriptors() as held:
        try:
            return _locked(
                noted(held, os.open, directory / ALIVE_FILE, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            )
        except OSError:
            return False, 0


def _locked(descriptor: int) -> tuple[bool, int]:
    """Ask the kernel whether somebody holds the lock, and who, without taking it (F_GETLK)."""
    # struct flock is l_type, l_whence, l_start, l_len, l_pid on Linux. macOS has another order.
    layout = "hhqqi" if os.uname().sysname == "Linux" else "qqihh"
    question = (fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    if layout == "qqihh":
        question = (0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
    answer = struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(layout, *question)))
    linux = layout == "hhqqi"
    if answer[0 if linux else 3] == fcntl.F_UNLCK:
        return False, 0
    return True, max(answer[4 if linux else 2], 0)
