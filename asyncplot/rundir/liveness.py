"""Whether the process behind a directory lives: it holds a lock on the file ``alive`` in it.

Standard library only. A POSIX record lock goes with its process, however that ends, and is not
inherited by forked children (`flock` is: a child would keep a dead run alive). It has one trap: it is
dropped when its process closes *any* descriptor of the file. So the holder never asks about its own
directory: `is_held` knows those by the process id in the file, and reads that without closing anything
only when it is somebody else's.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

from ..descriptors import Descriptors, noted
from .making import FILE_MODE

NAME = "alive"


def hold(directory: Path, held: list[int] | None = None) -> int:
    """Take the lock of a directory and return the descriptor to keep open until the end; it is noted in ``held``."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = noted([] if held is None else held, os.open, directory / NAME, flags, FILE_MODE)
    os.fchmod(descriptor, FILE_MODE)
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def is_held(directory: Path) -> bool:
    """Whether another process holds the lock of a directory.

    The caller must not ask about a directory that its own process holds (see the head of this file).
    """
    with Descriptors() as held:
        try:
            return _locked(noted(held, os.open, directory / NAME, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC))
        except OSError:
            return False


def _locked(descriptor: int) -> bool:
    """Ask the kernel who holds the lock, without taking it (F_GETLK)."""
    # struct flock: l_type, l_whence, l_start, l_len, l_pid; native alignment, as the platform has it.
    layout = "hhqqi" if os.uname().sysname == "Linux" else "qqihh"
    question = (fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    if layout == "qqihh":
        question = (0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
    answer = struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(layout, *question)))
    return bool(answer[0 if layout == "hhqqi" else 3] != fcntl.F_UNLCK)
