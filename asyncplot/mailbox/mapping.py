"""A file of the run directory as memory. Its room is really allocated when it is made.

The computation makes such files, viewers open them; any thread. ``multiprocessing.shared_memory`` is no alternative: a
reader's normal exit unlinks the segment, and a full tmpfs is a SIGBUS in the middle of a copy. Here a full tmpfs is an
OSError when the file is made.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import numpy as np

from ..descriptors import Descriptors, above_standard
from ..rundir import make_file
from ..rundir.format import PAGE, WORD


class Mapping:
    """A mapped file.

    Attributes
    ----------
    bytes : memoryview
        The file, format "B".
    words : memoryview
        The same memory as 64-bit words, format "Q". A word is read or written by one machine
        instruction, so it is never torn.
    """

    __slots__ = ("bytes", "words")

    def __init__(self, memory: mmap.mmap | bytes) -> None:
        self.bytes = memoryview(memory)  # it holds the memory
        self.words = self.bytes[: len(self.bytes) // WORD * WORD].cast("Q")

    @classmethod
    def closed(cls) -> Mapping:
        """A mapping of no file."""
        return cls(b"")

    @classmethod
    def make(cls, path: Path, size: int) -> Mapping:
        """Make a file of ``size`` bytes, allocate its room, map it and touch each page.

        The GIL is released while the kernel clears the pages. numpy touches the pages, and not
        MAP_POPULATE, which holds the GIL (18 ms for three slots of 8 MB).

        Raises
        ------
        OSError
            If there is no room (ENOSPC). The file is then removed.
        """
        held = Descriptors()
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = make_file(path, held, flags)
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, size)
            else:  # macOS gives the room only to what is written
                _fill(descriptor, size)
            mapping = cls._of(descriptor, size)
        except BaseException:
            if held:
                os.unlink(path)
            raise
        finally:
            held.close()
        np.frombuffer(mapping.bytes, np.uint8)[::PAGE] = 0
        return mapping

    @classmethod
    def open(cls, path: Path) -> Mapping:
        """Map the whole of an existing file, for reading and writing."""
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            return cls._of(descriptor, os.fstat(descriptor).st_size)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Let go of the file. It is unmapped with the last view of its memory.

        Nothing is released here: a signal handler may close in the middle of a call that uses these views. That call
        ends as if it had come before.
        """
        self._let_go(memoryview(b""))

    def detach(self) -> None:
        """Let go of the file, and go on with a copy of what it says now."""
        self._let_go(memoryview(bytearray(self.bytes)))

    @classmethod
    def _of(cls, descriptor: int, size: int) -> Mapping:
        with above_standard():  # mmap makes a descriptor of its own
            return cls(mmap.mmap(descriptor, size))

    def _let_go(self, instead: memoryview) -> None:
        self.bytes, self.words = instead, instead[: len(instead) // WORD * WORD].cast("Q")


def copied(words: memoryview) -> memoryview:
    """A copy of words, which holds no file."""
    return memoryview(bytearray(words)).cast("Q")


def _fill(descriptor: int, size: int) -> None:
    zeros = bytes(1 << 20)
    while size > 0:
        size -= os.write(descriptor, zeros[:size])
