"""Someone who does not belong: on the viewer's socket, and in a viewer's place."""

from __future__ import annotations

import copy
import os
import pickle
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from rpyc.core import brine, consts

import asyncplot
from asyncplot import AsyncplotError, ViewerGone
from asyncplot.rpc import ClientConnection, Pump, connect
from conditions import missing, wait_until
from raw_peer import HEAD, RawPeer, caller, false_viewer
from viewer_plotters import Live

VALUE, LOCAL, REMOTE = consts.LABEL_VALUE, consts.LABEL_LOCAL_REF, consts.LABEL_REMOTE_REF

#: asyncplot's own label for a pickle.
PICKLE = 64


@pytest.fixture
def plot() -> Iterator[asyncplot.Server]:
    """A server whose viewer is up."""
    with asyncplot.Server(Live, backend="offscreen") as server:
        assert server.ready(20)
        yield server


@pytest.fixture
def stranger(plot: asyncplot.Server) -> Iterator[RawPeer]:
    """Someone who has connected to that viewer."""
    with caller(plot.directory / "viewer-1") as peer:
        yield peer


def assert_unharmed(plot: asyncplot.Server) -> None:
    """The viewer answers those who belong, and draws."""
    assert plot.plotter.double(4) == 8
    assert plot.update("well").value == "well"


# --- on the viewer's socket ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + b"\r\n" * 100,
        HEAD.pack(0, 0) + b"\n",
        HEAD.pack(3, 0) + b"abc\n",
        HEAD.pack(2, 0) + b"\x01\xff\n",
        HEAD.pack(12, 1) + b"x\x9cK\x04\x00\x00b\x00b00\n",
        HEAD.pack(0xFFFFFFFF, 0) + b"x" * 100,
        HEAD.pack((1 << 30) + 1, 0),
        struct.pack("!LB", 5, 0) + b"\x01" + brine.dump((1, 2)) + b"\n",
        os.urandom(1000),
    ],
    ids=["http", "empty", "letters", "not brine", "compressed", "4 GB", "1 GB", "no request", "noise"],
)
def test_bytes_that_are_not_rpycs(plot: asyncplot.Server, stranger: RawPeer, sent: bytes) -> None:
    """Whatever a stranger sends, the viewer goes on, in little memory, and hangs up or says nothing."""
    before = psutil.Process(plot.viewers[0].pid).memory_info().rss
    stranger.socket.sendall(sent)
    assert_unharmed(plot)
    assert psutil.Process(plot.viewers[0].pid).memory_info().rss < before + 50e6
    stranger.socket.shutdown(socket.SHUT_WR)
    assert stranger.is_hung_up()


def test_half_a_frame_holds_nobody_up(plot: asyncplot.Server, stranger: RawPeer) -> None:
    """One who never finishes a frame is one who waits; the others are served."""
    stranger.socket.sendall(HEAD.pack(1000, 0) + b"the first half")
    assert_unharmed(plot)


def test_many_silent_callers_hold_nobody_up(plot: asyncplot.Server) -> None:
    """Who connects and says nothing costs a descriptor and no thread."""
    viewer = psutil.Process(plot.viewers[0].pid)
    assert_unharmed(plot)
    threads, descriptors = viewer.num_threads(), viewer.num_fds()
    descriptor = os.open(plot.directory / "viewer-1", os.O_RDONLY)
    callers = [socket.socket(socket.AF_UNIX) for _ in range(60)]
    try:
        for connected in callers:
            connected.connect(f"/proc/self/fd/{descriptor}/control.sock")
        wait_until(lambda: viewer.num_fds() == descriptors + 60)
        assert viewer.num_threads() == threads
        assert_unharmed(plot)
    finally:
        os.close(descriptor)
        for connected in callers:
            connected.close()
    wait_until(lambda: viewer.num_fds() == descriptors)


@pytest.mark.parametrize("handler", [consts.HANDLE_PICKLE, consts.HANDLE_CLOSE, 99, -1, None, "x"])
def test_what_is_not_served(plot: asyncplot.Server, stranger: RawPeer, handler: Any) -> None:
    """Pickling, closing and handlers that do not exist are refused with an exception."""
    _, plain = stranger.request(consts.HANDLE_GETROOT)
    for name in ("plotter", "table"):
        _, plain = stranger.request(consts.HANDLE_GETATTR, (LOCAL, plain[1]), (VALUE, name))
    boxed = () if handler == consts.HANDLE_CLOSE else ((LOCAL, plain[1]), (VALUE, 4))
    message, _ = stranger.request(handler, *boxed)
    assert message == consts.MSG_EXCEPTION
    assert_unharmed(plot)
    ping = stranger.request(consts.HANDLE_PING, (VALUE, b"still here"))
    assert ping == (consts.MSG_REPLY, (VALUE, b"still here"))


def test_an_answer_that_nobody_asked_for_is_ignored(plot: asyncplot.Server, stranger: RawPeer) -> None:
    """The viewer asks for nothing, so it takes no answers."""
    for sequence in range(5):
        stranger.send(consts.MSG_REPLY, sequence, (VALUE, 1))
        stranger.send(consts.MSG_EXCEPTION, sequence, (VALUE, 1))
    assert_unharmed(plot)


def test_objects_of_others_cannot_be_named(plot: asyncplot.Server, stranger: RawPeer) -> None:
    """An object that was not given to this caller does not exist for it."""
    assert plot.plotter.number == 1
    made_up = ("viewer_plotters.Live", 1, 2)
    message, _ = stranger.request(consts.HANDLE_STR, (LOCAL, made_up))
    assert message == consts.MSG_EXCEPTION
    assert_unharmed(plot)


def test_a_caller_who_never_reads_answers_holds_nobody_up(plot: asyncplot.Server, stranger: RawPeer) -> None:
    """Answers to one who does not read them wait in memory; the viewer does not wait."""
    for sequence in range(200):
        stranger.send(
            consts.MSG_REQUEST, sequence, (consts.HANDLE_PING, (consts.LABEL_TUPLE, ((VALUE, b"x" * 5000),)))
        )
    assert_unharmed(plot)


# --- somebody else's processes ---------------------------------------------------------------------


def as_nobody(attempt: Callable[[], str]) -> str:
    """What ``attempt`` returns, or the name of the error it raises, in a child of another user."""
    if os.getuid() != 0:
        missing("only root can try this as another user")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.write(write, attempt().encode())
        except BaseException as error:  # noqa: BLE001 (whatever it is, the parent wants its name)
            os.write(write, type(error).__name__.encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as said:
        return said.read()


def test_another_user_cannot_enter(plot: asyncplot.Server) -> None:
    """The run's folder, its files and its socket are closed to everybody else."""
    directory = plot.directory

    def connects() -> str:
        with socket.socket(socket.AF_UNIX) as connected:
            connected.connect(str(directory / "viewer-1" / "control.sock"))
        return "in"

    assert as_nobody(lambda: str(os.listdir(directory))) == "PermissionError"
    assert as_nobody((directory / "run.json").read_text) == "PermissionError"
    assert as_nobody((directory / "plotter").read_bytes) == "PermissionError"  # type: ignore[arg-type]
    assert as_nobody(connects) == "PermissionError"
    for path in [directory, *directory.rglob("*")]:
        if not path.is_socket():
            assert path.stat().st_mode & 0o077 == 0, path


def test_another_user_who_got_in_is_hung_up_on(plot: asyncplot.Server) -> None:
    """Were the folder open to all, the kernel's word on the caller's user still counts."""
    folder = plot.directory / "viewer-1"
    descriptor = os.open(folder, os.O_RDONLY)
    folder.chmod(0o755)
    (folder / "control.sock").chmod(0o777)

    def asks() -> str:
        with socket.socket(socket.AF_UNIX) as connected:
            connected.connect(f"/proc/self/fd/{descriptor}/control.sock")
            return str(RawPeer(connected).request(consts.HANDLE_GETROOT))

    try:
        assert as_nobody(asks) in {"EOFError", "BrokenPipeError", "ConnectionResetError"}
    finally:
        os.close(descriptor)
    assert_unharmed(plot)


# --- in a viewer's place ---------------------------------------------------------------------------


@pytest.fixture
def calls(runtime_dir: Path) -> Iterator[Callable[[Callable[[RawPeer], None]], ClientConnection]]:
    """A function that connects the computation to a viewer which behaves as told."""
    pump = Pump("test")
    opened: list[ClientConnection] = []
    running = []
    folder = runtime_dir / "viewer-1"

    def call(behave: Callable[[RawPeer], None]) -> ClientConnection:
        viewer = false_viewer(folder, behave)
        viewer.__enter__()
        running.append(viewer)
        opened.append(connect(folder, pump, 2.0))
        return opened[-1]

    yield call
    for connection in opened:
        connection.close()
    for viewer in running:
        viewer.__exit__(None, None, None)
    pump.close()
    (folder / "control.sock").unlink()
    folder.rmdir()


Calls = Callable[[Callable[[RawPeer], None]], ClientConnection]


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_a_viewers_requests_are_not_served(calls: Calls) -> None:
    """A viewer that asks the computation for something gets nothing, not even a no."""
    heard: list[Any] = []

    def behave(peer: RawPeer) -> None:
        for handler in range(25):
            peer.send(consts.MSG_REQUEST, handler, (handler, (consts.LABEL_TUPLE, ((VALUE, "os"),))))
        _, sequence, _ = peer.receive()
        # Also with the number of the request that is waiting.
        peer.send(consts.MSG_REQUEST, sequence, (consts.HANDLE_GETROOT, (consts.LABEL_TUPLE, ())))
        peer.send(consts.MSG_REPLY, sequence, (VALUE, "the answer"))
        heard.append(peer.receive())

    connection = calls(behave)
    assert connection.root == "the answer"
    connection.close()
    wait_until(lambda: connection.closed)
    assert heard == []


def test_a_pickle_in_an_answer_is_not_loaded(calls: Calls, tmp_path: Path) -> None:
    """The computation never unpickles what a viewer sent."""
    bomb = pickle.dumps(Bomb(tmp_path / "exploded"))

    def behave(peer: RawPeer) -> None:
        while True:
            _, sequence, _ = peer.receive()
            peer.send(consts.MSG_REPLY, sequence, (PICKLE, bomb))

    connection = calls(behave)
    with pytest.raises(ValueError, match="label"):
        _ = connection.root
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("use", [pickle.dumps, copy.copy, copy.deepcopy, repr, str, hash, dir, bool])
def test_no_use_of_a_proxy_loads_a_pickle(calls: Calls, tmp_path: Path, use: Callable[[Any], Any]) -> None:
    """Not by way of a proxy either: plotting code copies what it is given."""
    bomb = pickle.dumps(Bomb(tmp_path / "exploded"))

    def behave(peer: RawPeer) -> None:
        while True:
            _, sequence, (handler, _) = peer.receive()
            if handler == consts.HANDLE_GETROOT:
                answer: Any = (REMOTE, ("made.Up", 1, 2))
            elif handler == consts.HANDLE_INSPECT:
                answer = (
                    VALUE,
                    (("__len__", ""), ("__array__", "")),
                )
            else:
                answer = (VALUE, bomb)
            peer.send(consts.MSG_REPLY, sequence, answer)

    proxy = calls(behave).root
    try:
        use(proxy)
    except Exception:  # noqa: BLE001 (nonsense for an answer may raise anything)
        pass
    assert not (tmp_path / "exploded").exists()


def test_an_array_of_objects_is_not_made(calls: Calls) -> None:
    """An array whose memory would be read as pointers is refused."""

    def behave(peer: RawPeer) -> None:
        while True:
            _, sequence, (handler, _) = peer.receive()
            if handler == consts.HANDLE_GETROOT:
                answer: Any = (REMOTE, ("numpy.ndarray", 1, 2))
            elif handler == consts.HANDLE_INSPECT:
                answer = (VALUE, (("__array__", ""),))
            else:
                answer = (VALUE, ("|O", (1,), b"12345678"))
            peer.send(consts.MSG_REPLY, sequence, answer)

    import numpy as np

    proxy = calls(behave).root
    with pytest.raises((AsyncplotError, ValueError)):
        np.asarray(proxy)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD.pack(12, 1) + b"x\x9cK\x04\x00\x00b\x00b00\n",
        HEAD.pack(0xFFFFFFFF, 0),
        HEAD.pack(4, 0) + b"\x02abc\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
    ids=["compressed", "4 GB", "not brine", "http"],
)
def test_an_answer_that_is_not_rpycs_ends_the_connection(calls: Calls, answer: bytes) -> None:
    """Who waits for it learns at once that the viewer is gone."""

    def behave(peer: RawPeer) -> None:
        peer.receive()
        peer.socket.sendall(answer)
        peer.is_hung_up()

    connection = calls(behave)
    before = time.monotonic()
    with pytest.raises(ViewerGone):
        _ = connection.root
    assert time.monotonic() - before < 1.5


def test_half_an_answer_is_a_time_out(calls: Calls) -> None:
    """A viewer that stops in the middle of an answer costs the time-out, not the computation."""

    def behave(peer: RawPeer) -> None:
        peer.receive()
        peer.socket.sendall(HEAD.pack(1000, 0) + b"half")
        peer.is_hung_up()

    with pytest.raises(TimeoutError):
        _ = calls(behave).root
