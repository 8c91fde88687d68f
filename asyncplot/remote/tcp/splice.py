"""Copy bytes both ways between a socket, TLS or not, and two descriptors, on the calling thread.

::

    source (descriptor) --> [at most 256 kB] --> stream (socket)
    target (descriptor) <-- [at most 256 kB] <-- stream

A direction reads again when all that it has read is written. So a slow end makes the other one slow, and nothing
piles up here. The end of one direction is passed on as a half-close, and the other direction goes on.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import stat
from collections.abc import Callable
from typing import Literal

from .streams import shut

_CHUNK = 256 * 1024
_WAITING = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def splice(stream: socket.socket, source: int, target: int, until: Literal["stream", "source"]) -> None:
    """Copy until the stream (or the source) has ended, and all that came from it is written.

    Parameters
    ----------
    stream : socket.socket
        Stays open; becomes non-blocking.
    source, target : int
        Two descriptors: two pipes, or two duplicates of one socket. Both are closed at the end.
    until : {'stream', 'source'}
        Which of the two ends the copying; the end of the other one is passed on as a half-close.
    """
    stream.setblocking(False)
    os.set_blocking(source, False)
    os.set_blocking(target, False)
    inward = _Direction(
        (stream.fileno(), target), stream.recv, lambda data: os.write(target, data), lambda: _end(target)
    )
    outward = _Direction(
        (source, stream.fileno()),
        lambda size: os.read(source, size),
        stream.send,
        lambda: shut(stream, socket.SHUT_WR),
    )
    buffered = stream.pending if isinstance(stream, ssl.SSLSocket) else lambda: 0
    last = inward if until == "stream" else outward
    try:
        while not last.ended:
            _turn(inward, outward, buffered)
    finally:
        os.close(source)
        os.close(target)


class _Direction:
    """One direction: reads, writes, keeps what it has not written yet, and passes the end on."""

    def __init__(
        self,
        ends: tuple[int, int],
        read: Callable[[int], bytes],
        write: Callable[[memoryview], int],
        end: Callable[[], None],
    ) -> None:
        self.origin, self.goal = ends
        self._read, self._write, self._end = read, write, end
        self.waiting = memoryview(b"")
        self.ended = False

    def move(self) -> None:
        """Write what waits; if nothing waits, read and write. Neither end is waited for."""
        try:
            if not self.waiting:
                self.waiting = memoryview(self._received())
                if not self.waiting:
                    self.finish()
                    return
            self.waiting = self.waiting[self._write(self.waiting) :]
        except _WAITING:
            pass
        except OSError:  # nobody reads there any more
            self.finish()

    def finish(self) -> None:
        """Pass the end on, and drop what waits."""
        if not self.ended:
            self.ended = True
            self.waiting = memoryview(b"")
            self._end()

    def _received(self) -> bytes:
        try:
            return self._read(_CHUNK)
        except _WAITING:
            raise
        except OSError:  # a broken stream counts as ended
            return b""


def _turn(inward: _Direction, outward: _Direction, buffered: Callable[[], int]) -> None:
    """Wait until one of the directions can go on, and move it."""
    poll = select.poll()
    wanted: dict[int, int] = {
        inward.goal: 0
    }  # 0: poll tells, without being asked, when the reader there has gone
    for direction in (inward, outward):
        if direction.ended:
            continue
        if direction.waiting:
            wanted[direction.goal] = wanted.get(direction.goal, 0) | select.POLLOUT
        else:
            wanted[direction.origin] = wanted.get(direction.origin, 0) | select.POLLIN
    if inward.ended:
        del wanted[inward.goal]
    for descriptor, events in wanted.items():
        poll.register(descriptor, events)
    decrypted = not inward.ended and not inward.waiting and buffered() > 0  # poll cannot see this
    ready = dict(poll.poll(0 if decrypted else None))
    gone = select.POLLERR | select.POLLHUP | select.POLLNVAL
    if ready.get(inward.goal, 0) & gone:
        inward.finish()
    for direction in (inward, outward):
        if direction.ended:
            continue
        end, event = (
            (direction.goal, select.POLLOUT) if direction.waiting else (direction.origin, select.POLLIN)
        )
        if ready.get(end, 0) & (event | gone) or (decrypted and direction is inward):
            direction.move()


def _end(target: int) -> None:
    """End what is written to a descriptor: shut down one half of a socket, or replace a pipe by /dev/null.

    A pipe is not closed here, as its number is closed at the very end, and could be another file's by then.
    """
    if stat.S_ISSOCK(os.fstat(target).st_mode):
        with socket.socket(fileno=os.dup(target)) as local:
            shut(local, socket.SHUT_WR)
        return
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nowhere, target, inheritable=False)
    os.close(nowhere)
