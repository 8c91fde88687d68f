"""Control sockets that are full: of connections that nobody accepts, of silent clients, of half messages."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from asyncplot.errors import RemoteError, ViewerGone, WaitTimeout
from asyncplot.remote.viewer_connection import ViewerConnection
from asyncplot.rpc import Pump, Stream, Transport, connected_to, listen
from asyncplot.rpc.transport import FRAME_MAXIMUM
from asyncplot.threads import Worker
from asyncplot.viewer import requests
from conditions import wait_until
from raw_peer import HEAD, caller


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """The folder of a viewer that is stopped, after so many connections that the kernel takes no more."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    with listen(tmp_path), ExitStack() as held:
        held.callback(os.close, descriptor)
        while True:
            waiting = held.enter_context(socket.socket(socket.AF_UNIX))
            waiting.setblocking(False)
            try:
                waiting.connect(f"/proc/self/fd/{descriptor}/control.sock")
            except BlockingIOError:
                break
        yield tmp_path


def test_connecting_has_a_time_limit(full: Path) -> None:
    """A viewer that accepts nothing is an error in time, and not a wait for ever."""
    with pytest.raises(WaitTimeout, match="accepted no connection"):
        connected_to(full, 0.02)
    remote = ViewerConnection(0.02)
    with pytest.raises(WaitTimeout):
        remote.root(full)
    remote.close()


def test_close_waits_for_no_one_who_connects(full: Path) -> None:
    """Who waits to be accepted on another thread gives up when the connection is closed, and leaves nothing."""
    remote = ViewerConnection(None)
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            remote.root(full)
        except ViewerGone as gone:
            raised.append(gone)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(remote._lock.locked)
    start = time.monotonic()
    remote.close()
    assert time.monotonic() - start < 0.3
    thread.join(5)
    assert raised
    assert remote._pump is None
    with pytest.raises(ViewerGone, match="closed"):
        remote.root(full)


def test_close_ends_a_request_that_waits(tmp_path: Path) -> None:
    """A request without a time limit, to a viewer that accepts and answers nothing, ends with the connection."""
    remote = ViewerConnection(None)
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            remote.root(tmp_path)
        except ViewerGone as gone:
            raised.append(gone)

    with listen(tmp_path):
        thread = threading.Thread(target=ask)
        thread.start()
        wait_until(lambda: remote._connection is not None and bool(remote._connection._waiters))
        remote.close()
        thread.join(5)
    assert raised


class NoBackend:
    """Has no loop."""

    def add_reader(self, descriptor: int, callback: Callable[[], None]) -> None:
        """Read nothing."""


def test_a_viewer_has_so_many_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more, and the one that was silent the longest is hung up on."""
    monkeypatch.setattr(requests, "CONNECTIONS", 3)
    nothing: Any = None
    backend: Any = NoBackend()
    asked = requests.Requests(tmp_path, backend, lambda: None)
    with ExitStack() as held:
        assert asked.listen(nothing) == "listening"
        for descriptor in (asked._wake_read, asked._wake_write):  # a viewer's ends with its process
            held.callback(os.close, descriptor)
        held.callback(asked.close)
        clients = [held.enter_context(caller(tmp_path)) for _ in range(3)]
        wait_until(lambda: len(asked._connections) == 3)
        before = asked._connections[0].transport.read_at
        clients[0].socket.sendall(b"\0")
        wait_until(lambda: asked._connections[0].transport.read_at > before)
        held.enter_context(caller(tmp_path))
        assert clients[1].is_hung_up()
        assert len(asked._connections) == 3


def test_a_viewer_without_a_socket_says_so(tmp_path: Path) -> None:
    """Some file systems have no sockets. Then there is a reason, and a viewer that draws."""
    backend: Any = NoBackend()
    nothing: Any = None
    assert "control socket" in requests.Requests(tmp_path / "none", backend, lambda: None).listen(nothing)


def test_half_messages_have_a_limit_together() -> None:
    """A second peer that claims the longest message is hung up on; memory is asked for once."""
    pump = Pump("asyncplot-test")
    pairs = [socket.socketpair() for _ in range(2)]
    lost: list[int] = []
    try:
        for number, (ours, peer) in enumerate(pairs):
            transport = Transport(
                pump, Stream.of(ours), lambda _: None, lambda number=number: lost.append(number)
            )
            pump.add(transport)
            peer.sendall(HEAD.pack(FRAME_MAXIMUM, 0))
            wait_until(lambda transport=transport: transport.claimed or lost)
        assert lost == [1]
    finally:
        pump.close()
        for _, peer in pairs:
            peer.close()


def test_a_computation_without_threads_or_descriptors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no live plotter then, and its error says what is short; with enough of all, there is one."""
    remote = ViewerConnection(0.05)

    def no_thread(self: Worker) -> None:
        raise RuntimeError("can't start new thread")

    def no_descriptor(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    folder = tmp_path / "viewer-1"
    folder.mkdir()
    with listen(folder):
        with monkeypatch.context() as short:
            short.setattr(socket, "socket", no_descriptor)
            with pytest.raises(RemoteError, match="open files"):
                remote.root(folder)
        with monkeypatch.context() as short:
            short.setattr(Worker, "start", no_thread)
            with pytest.raises(ViewerGone, match="no thread"):
                remote.root(folder)
        with monkeypatch.context() as short:
            short.setattr(threading.Thread, "start", no_thread)
            with pytest.raises(ViewerGone):
                remote.root(folder)
        with pytest.raises(WaitTimeout):  # it is asked, and answers nothing
            remote.root(folder)
    remote.close()
