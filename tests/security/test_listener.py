"""The listener among strangers: bounded in everything, and open to who knows the secret."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asyncplot.errors import Refused
from asyncplot.remote.tcp import secret
from asyncplot.remote.tcp.connector import connect
from asyncplot.remote.tcp.handshake import HELLO
from conditions import wait_until
from leaks import open_descriptors
from serve_processes import listening, resident


class Port:
    """A listener that answers "in" to who gets in, and hangs up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.accepted = 0
        self.number = 0

    def take(self, stream: socket.socket, address: str) -> None:
        self.accepted += 1
        with stream:
            stream.sendall(b"in")

    def good_client(self) -> float:
        """Get in, and return how long that took."""
        start = time.monotonic()
        with connect("127.0.0.1", self.number, secret.read(self.path)) as stream:
            assert stream.recv(2) == b"in"
        return time.monotonic() - start

    def stranger(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.number), timeout=10)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    secret.make(tmp_path / "secret")
    one = Port(tmp_path / "secret")
    with listening(one.path, one.take) as one.number:
        yield one


def fuzz(port: Port, count: int, seed: int) -> None:
    """Handshakes of a stranger: noise, the right form with noise, halves, nothing."""
    chance = random.Random(seed)
    for _ in range(count):
        data = chance.choice((b"", HELLO, HELLO + chance.randbytes(64))) + chance.randbytes(
            chance.choice((0, 9, 99))
        )
        with port.stranger() as stream:
            try:
                stream.sendall(data)
                if chance.random() < 0.05:
                    stream.shutdown(socket.SHUT_WR)
                    while stream.recv(100):
                        pass
            except OSError:
                pass  # the listener has had enough


@pytest.mark.slow
@pytest.mark.timeout(180)  # 10,000 connections on a busy machine
def test_10000_fuzzed_handshakes_cost_nothing(port: Port) -> None:
    """None is accepted, memory and descriptors stay flat, and good clients get in meanwhile, at once."""
    fuzz(port, 500, 0)  # so that what is allocated once is allocated
    port.good_client()
    wait_until(lambda: port.accepted == 1)
    memory, descriptors = resident(), len(open_descriptors())
    flood = [threading.Thread(target=fuzz, args=(port, 5000, seed)) for seed in (1, 2)]
    for thread in flood:
        thread.start()
    waits = [port.good_client() for _ in range(5)]
    while any(thread.is_alive() for thread in flood):
        waits.append(port.good_client())
        flood[0].join(0.2)
    flood[1].join()
    print(
        f"good clients: {len(waits)}, median {sorted(waits)[len(waits) // 2]:.4f} s, worst {max(waits):.4f} s"
    )
    print(f"memory grew by {resident() - memory} bytes")
    assert sorted(waits)[len(waits) // 2] <= 0.25
    assert port.accepted == 1 + len(waits)
    wait_until(lambda: len(open_descriptors()) <= descriptors)
    assert resident() - memory < 8e6


def test_silent_clients_hold_nobody_up(port: Port) -> None:
    """200 who say nothing: the oldest go, a good one gets in, and after 3 s all are gone."""
    silent = [port.stranger() for _ in range(200)]
    assert min(port.good_client() for _ in range(3)) <= 0.25
    for stream in silent:  # each finds its end, within the test's time limit
        while stream.recv(100):
            pass
        stream.close()
    assert port.accepted == 3


def test_dribbling_bytes_gains_no_time(port: Port) -> None:
    """One byte now and then does not put the deadline off."""
    with port.stranger() as stream:
        stream.settimeout(0.1)
        start = time.monotonic()

        def ended() -> bool:
            try:
                stream.send(b"a")
                return not stream.recv(100)
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        wait_until(ended, 20)
        assert time.monotonic() - start > 2.5


def test_no_descriptors_left_ends_nothing(port: Port) -> None:
    """When the process has no descriptor left, the listener goes on, and accepts again once it has."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    caller = socket.socket()
    taken: list[int] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, limits[1]))
        with contextlib.suppress(OSError):  # too many open files
            while True:
                taken.append(os.dup(0))
        caller.settimeout(0.3)
        caller.connect(("127.0.0.1", port.number))  # in the queue of the kernel
        with pytest.raises(TimeoutError):
            caller.recv(1)
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    caller.settimeout(10)
    assert caller.recv(16) == HELLO
    caller.close()
    assert port.good_client() < 10


def test_a_wrong_secret_is_said_by_the_connector_only(port: Port, tmp_path: Path) -> None:
    """The connector is told to copy the secret; the listener accepted nobody."""
    secret.make(tmp_path / "other")
    with pytest.raises(Refused, match="the secret here is not the one there"):
        connect("127.0.0.1", port.number, secret.read(tmp_path / "other"))
    assert port.accepted == 0
