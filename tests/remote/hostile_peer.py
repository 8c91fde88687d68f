"""Who stands where a relay expects the far viewer, and answers by hand: rpyc's wire, and none of its manners."""

from __future__ import annotations

import contextlib
import json
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

from rpyc.core import brine, consts

from asyncplot.launch.announcement import announced
from asyncplot.launch.bootstrap import bootstrap
from asyncplot.remote.greeting import greeting

HEAD = struct.Struct("!LB")
VALUE, REMOTE, PICKLE = consts.LABEL_VALUE, consts.LABEL_REMOTE_REF, 64
ROOT = (REMOTE, ("far.Mirror", 1, 2))
METHODS = tuple(
    (name, "") for name in ("hello", "plotter", "update", "news", "forward", "finish", "__call__")
)

#: Hostile answers that a relay gets before it is hung up on.
_ENOUGH = 20

#: What a peer is asked, by name; calls by the name of the method.
Answers = dict[str, Callable[["Peer", int], None]]


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

    def send(self, message: int, sequence: int, arguments: Any, *, flag: int = 0) -> None:
        """Send a message of rpyc's."""
        data = brine.I1.pack(message) + brine.dump((sequence, arguments))
        self.socket.sendall(HEAD.pack(len(data), flag) + data + b"\n")

    def reply(self, sequence: int, boxed: Any) -> None:
        """Answer."""
        self.send(consts.MSG_REPLY, sequence, boxed)

    def serve(self) -> None:
        """Answer until the relay hangs up, or has got some hostile answers and asks for nothing more."""
        with contextlib.suppress(EOFError, ConnectionError, TimeoutError):
            while sum(self.asked.count(what) for what in self.answers) < _ENOUGH:
                self._one()

    def _one(self) -> None:
        length, flag = HEAD.unpack(self._exactly(HEAD.size))
        data = self._exactly(length + 1)
        if flag or data[0] != consts.MSG_REQUEST:
            return
        sequence, (handler, boxed) = brine.load(data[1:-1])
        what = _asked(handler, boxed)
        self.asked.append(what)
        if what in self.answers:
            self.socket.settimeout(0.3)
            self.answers[what](self, sequence)
        elif what == "news":
            return  # nothing to tell
        else:
            self._good(what, sequence)

    def _good(self, what: str, sequence: int) -> None:
        hello = {"greeting": {**greeting(), "codecs": []}, "held": {}, "started": False}
        good: dict[str, Any] = {
            "root": ROOT,
            "inspect": (VALUE, METHODS),
            "hello": (VALUE, json.dumps(hello)),
            "plotter": (VALUE, None),
            "update": (VALUE, 0.001),
        }
        if what.startswith("get "):
            self.reply(sequence, (REMOTE, (f"far.{what[4:]}", 3, 4)))
        else:
            self.reply(sequence, good.get(what, (VALUE, None)))

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)


def _asked(handler: int, boxed: Any) -> str:
    """What a request is for: a call by the method's name, ``get`` and the name where the method itself is got."""
    if handler == consts.HANDLE_GETROOT:
        return "root"
    if handler == consts.HANDLE_INSPECT:
        return "inspect"
    for method, _ in METHODS:
        if repr(method) in repr(boxed) or f"far.{method}" in repr(boxed):
            return f"get {method}" if handler == consts.HANDLE_GETATTR else method
    return "other"


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
