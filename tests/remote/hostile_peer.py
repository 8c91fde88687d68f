"""Who stands where a relay expects the mirror, and answers by hand: the wire, and none of the mirror's manners."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asyncplot.launch.announcement import announced
from asyncplot.launch.bootstrap import bootstrap
from asyncplot.remote.coding import decode, encode
from asyncplot.remote.wire import FromSource, Ready, Welcome, greeting

HEAD = struct.Struct("!LB")
LENGTH = struct.Struct("!L")

#: Hostile answers that a relay gets before it is hung up on.
_ENOUGH = 20

#: What to do in place of the good answer, by the name of the message that is answered.
Answers = dict[str, Callable[["Peer"], None]]


class Peer:
    """The far end of a relay's stream.

    Parameters
    ----------
    connected : socket
        To the relay.
    answers : dict
        What to do in place of the good answer, by what was asked.
    """

    def __init__(self, connected: socket.socket, answers: Answers) -> None:
        self.socket = connected
        self.answers = answers
        self.asked: list[str] = []

    def send(self, data: bytes, *, flag: int = 0) -> None:
        """Send a frame of the transport."""
        self.socket.sendall(HEAD.pack(len(data), flag) + data + b"\n")

    def serve(self) -> None:
        """Answer until the relay hangs up, or has got some hostile answers and asks for nothing more."""
        with contextlib.suppress(EOFError, ConnectionError, TimeoutError):
            while sum(self.asked.count(what) for what in self.answers) < _ENOUGH:
                self._one()

    def _one(self) -> None:
        length, flag = HEAD.unpack(self._exactly(HEAD.size))
        data = self._exactly(length + 1)
        if flag:
            return
        what = type(decode(data[:-1], FromSource)).__name__
        self.asked.append(what)
        if what in self.answers:
            self.socket.settimeout(0.3)
            self.answers[what](self)
        elif what == "Hello":
            self.send(encode(Welcome(greeting()._replace(codecs=()), (), started=False)))
        elif what == "Frames":
            self.send(encode(Ready(0.001)))

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)


def message(text: str, *pieces: bytes) -> bytes:
    """The bytes of a message with any JSON text."""
    return LENGTH.pack(len(text)) + text.encode() + b"".join(pieces)


class Executed:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def pickled(mark: Path) -> bytes:
    """A pickle that makes the directory ``mark`` when somebody loads it."""
    return pickle.dumps(Executed(mark))


@contextmanager
def relay(directory: Path, answers: Answers) -> Iterator[tuple[subprocess.Popen[bytes], Peer]]:
    """The relay of a run, with such a peer at its far end, whose `serve` is to be called."""
    ours, theirs = socket.socketpair()
    code = bootstrap("remote.source", f"main({str(directory)!r})")
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE
        )
        theirs.close()
        try:
            announced(ours.fileno())
            ours.settimeout(10)
            yield process, Peer(ours, answers)
        finally:
            ours.close()
            try:
                process.wait(10)
            finally:
                process.kill()
                process.communicate()
