"""Someone who speaks to a control socket by hand: rpyc's wire, and none of its or our good manners."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rpyc.core import brine, consts

from asyncplot.rpc import listen

HEAD = struct.Struct("!LB")


class RawPeer:
    """One end of a connection, frame by frame."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.socket.settimeout(10)

    def send(self, message: int, sequence: int, arguments: Any) -> None:
        """Send a message of rpyc's."""
        data = brine.I1.pack(message) + brine.dump((sequence, arguments))
        self.socket.sendall(HEAD.pack(len(data), 0) + data + b"\n")

    def receive(self) -> tuple[int, int, Any]:
        """The next message: its kind, number and arguments. Raises EOFError at the end."""
        length, _ = HEAD.unpack(self._exactly(HEAD.size))
        data = self._exactly(length + 1)
        sequence, arguments = brine.load(data[1:-1])
        return data[0], sequence, arguments

    def request(self, handler: int, *boxed: Any) -> tuple[int, Any]:
        """Send a request, and return the kind of its answer and the answer."""
        self.send(consts.MSG_REQUEST, 1, (handler, (consts.LABEL_TUPLE, boxed)))
        message, _, answer = self.receive()
        return message, answer

    def is_hung_up(self) -> bool:
        """Whether the other end hangs up, without another word."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data


@contextmanager
def caller(folder: Path) -> Iterator[RawPeer]:
    """Connect to the control socket of a viewer."""
    with socket.socket(socket.AF_UNIX) as connected:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            connected.connect(f"/proc/self/fd/{descriptor}/control.sock")
        finally:
            os.close(descriptor)
        yield RawPeer(connected)


@contextmanager
def false_viewer(folder: Path, behave: Callable[[RawPeer], None]) -> Iterator[None]:
    """Listen where a viewer would, and do to the first caller what ``behave`` says, in a thread."""
    folder.mkdir(mode=0o700)
    failures: list[Exception] = []

    def serve() -> None:
        connected, _ = listener.accept()
        with connected:
            try:
                behave(RawPeer(connected))
            except EOFError:
                pass  # the caller has hung up
            except Exception as error:  # noqa: BLE001 (raised below, in the test's own thread)
                failures.append(error)

    with listen(folder) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            thread.join()
    for failure in failures:
        raise failure
