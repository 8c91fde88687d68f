"""Whoever comes to a TLS port and does not belong there: none gets in, and none keeps a good client out."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from conditions import wait_until
from serve_processes import Serve, connector, serving
from test_serve import certificate, need_ipv6, path, run

__all__ = ["certificate", "path"]  # fixtures


@contextmanager
def protected(path: Path, certificate: tuple[str, str]) -> Iterator[Serve]:
    """A serve with TLS that gives back what it gets."""
    with serving(["cat"], path, certificate=certificate[0], key=certificate[1]) as serve:
        yield serve


def good_client_is_served(serve: Serve, path: Path, certificate: tuple[str, str]) -> None:
    """One who knows the secret and trusts the certificate gets through."""
    assert run(connector(serve.port, path, certificate[0], "localhost"), b"hello") == (0, b"hello", "")


def test_silent_clients_keep_nobody_out(path: Path, certificate: tuple[str, str]) -> None:
    """With 200 connections that say nothing, or half of a handshake, a good client is served."""
    with protected(path, certificate) as serve:
        silent = [socket.create_connection(("127.0.0.1", serve.port), 10) for _ in range(200)]
        try:
            for number, stream in enumerate(silent):
                if number % 2:
                    try:
                        stream.send(b"\x16\x03\x01\x02\x00\x01")
                    except OSError:
                        pass  # it was shown out already
            good_client_is_served(serve, path, certificate)
        finally:
            for stream in silent:
                stream.close()
        assert len(serve.said("came")) == 1


def test_strangers_leave_nothing_behind(path: Path, certificate: tuple[str, str]) -> None:
    """After 500 handshakes of random bytes none was accepted; descriptors, threads and children are as before."""
    chance = random.Random(7)
    with protected(path, certificate) as serve:
        good_client_is_served(serve, path, certificate)
        wait_until(lambda: serve.said("went"))
        process = psutil.Process(serve.process.pid)
        before = process.num_fds(), process.num_threads()
        for number in range(500):
            with socket.create_connection(("127.0.0.1", serve.port), 10) as stream:
                data = chance.randbytes(chance.randrange(0, 600))
                if number % 3 == 0:  # what begins as a client's hello does
                    data = b"\x16\x03\x01" + len(data).to_bytes(2, "big") + b"\x01" + data
                try:
                    stream.sendall(data)
                except OSError:
                    pass
        wait_until(lambda: (process.num_fds(), process.num_threads()) == before, 20)
        assert not process.children()
        assert len(serve.said("came")) == 1
        good_client_is_served(serve, path, certificate)


def client_hello(certificate: tuple[str, str]) -> bytes:
    """What a good client says first."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=certificate[0])
    stream = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        stream.do_handshake()
    return outgoing.read()


def test_handshakes_that_stop_or_go_wrong(path: Path, certificate: tuple[str, str]) -> None:
    """A good client's hello cut anywhere, changed anywhere, or with nothing after it: each is shown out, without a trace."""
    chance = random.Random(11)
    hello = client_hello(certificate)
    said = [hello[: chance.randrange(1, len(hello))] for _ in range(100)]
    for _ in range(200):
        changed = bytearray(hello)
        changed[chance.randrange(len(hello))] ^= 1 << chance.randrange(8)
        said.append(bytes(changed))
    said += [hello, hello + hello, hello + chance.randbytes(300)]
    with protected(path, certificate) as serve:
        good_client_is_served(serve, path, certificate)
        wait_until(lambda: serve.said("went"))
        process = psutil.Process(serve.process.pid)
        before = process.num_fds(), process.num_threads()
        with contextlib.ExitStack() as held:  # all are open at once, and say nothing more
            streams = []
            for data in said:
                stream = held.enter_context(socket.create_connection(("127.0.0.1", serve.port), 20))
                try:
                    stream.sendall(data)
                except OSError:
                    pass  # it was shown out already
                streams.append(stream)
            good_client_is_served(serve, path, certificate)
            for stream in streams:
                try:
                    while stream.recv(4096):
                        pass
                except TimeoutError:
                    pytest.fail("a stranger was not shown out")
                except OSError:
                    pass  # shown out by a reset
        wait_until(lambda: len(serve.said("went")) == 2)
        wait_until(lambda: (process.num_fds(), process.num_threads()) == before, 20)
        assert not process.children()
        assert len(serve.said("came")) == 2  # the good ones


def test_tls_without_the_secret_is_not_enough(path: Path, certificate: tuple[str, str]) -> None:
    """A client that completes TLS and then does not prove that it knows the secret is shown out."""
    context = ssl.create_default_context(cafile=certificate[0])
    with protected(path, certificate) as serve:
        for words in (b"", b"GET / HTTP/1.0\r\n\r\n", os.urandom(200)):
            with (
                socket.create_connection(("127.0.0.1", serve.port), 10) as plain,
                context.wrap_socket(plain, server_hostname="localhost") as stream,
            ):
                stream.sendall(words)
                received = b""
                try:
                    while data := stream.recv(4096):
                        received += data
                except OSError:
                    pass
                assert len(received) < 200  # its challenge, at most
        assert not serve.said("came")
        good_client_is_served(serve, path, certificate)


def test_plain_to_tls_and_tls_to_plain(path: Path, certificate: tuple[str, str]) -> None:
    """One who knows the secret but speaks no TLS is not let in, nor the other way round."""
    with protected(path, certificate) as serve:
        code, out, errors = run(connector(serve.port, path))
        assert (code, out) == (1, b"")
        assert "certificate" in errors
        assert not serve.said("came")
    with serving(["cat"], path) as serve:
        code, out, _ = run(connector(serve.port, path, certificate[0], "localhost"))
        assert (code, out) == (1, b"")
        assert not serve.said("came")


def test_ipv6(path: Path) -> None:
    """Where this machine has IPv6, serve listens there and a connector reaches it."""
    need_ipv6()
    with serving(["cat"], path, host="::1") as serve:
        assert "only this machine" in str(serve.said("listening")[0]["detail"])
        assert run(connector(serve.port, path, host="::1"), b"x") == (0, b"x", "")
