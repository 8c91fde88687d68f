"""`asyncplot serve` and the connector, end to end: bytes, TLS, secrets, and who is ended when."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

import asyncplot
from asyncplot.remote.tcp import secret
from conditions import missing, wait_until
from serve_processes import connector, serving


@pytest.fixture
def path(tmp_path: Path) -> Path:
    secret.make(tmp_path / "secret")
    return tmp_path / "secret"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """A self-signed certificate for localhost, and its key."""
    pair = str(tmp_path / "box.pem"), str(tmp_path / "box.key")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    )
    words = [*command.split(), "-addext", "subjectAltName=DNS:localhost", "-out", pair[0], "-keyout", pair[1]]
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=20)
    except FileNotFoundError:
        missing("no openssl command")
    return pair


def run(command: list[str], data: bytes = b"") -> tuple[int, bytes, str]:
    """Run a connector; its exit code, stdout and stderr."""
    ran = subprocess.run(command, input=data, capture_output=True, timeout=50, check=False)
    return ran.returncode, ran.stdout, ran.stderr.decode()


def need_ipv6() -> None:
    """Skip where this machine has no IPv6 loopback."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 loopback here")  # not `missing`: a machine may well be without


@pytest.mark.parametrize("tls", [False, True])
def test_50_mb_go_round_and_end(path: Path, certificate: tuple[str, str], tls: bool) -> None:
    """What goes in comes back from `cat`, to the last byte after the end of stdin, with TLS and without."""
    data = os.urandom(1 << 20) * 50
    options = {"certificate": certificate[0], "key": certificate[1]} if tls else {}
    with serving(["cat"], path, **options) as serve:
        words = connector(serve.port, path, *([certificate[0], "localhost"] if tls else []))
        code, back, errors = run(words, data)
        assert (code, errors) == (0, "")
        assert back == data
        wait_until(lambda: serve.said("went"))
    assert "exit code 0" in str(serve.said("went")[0]["detail"])


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("stubborn", [False, True])
def test_serve_ends_its_viewers(path: Path, certificate: tuple[str, str], tls: bool, stubborn: bool) -> None:
    """SIGTERM: the viewer's stdin ends, one that does not care is killed; exit code 0, connectors end."""
    command = ["sleep", "1000"] if stubborn else ["cat"]
    options = {"certificate": certificate[0], "key": certificate[1]} if tls else {}
    with serving(command, path, **options) as serve:
        words = connector(serve.port, path, *([certificate[0], "localhost"] if tls else []))
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as caller:
            wait_until(lambda: serve.said("came"))
            children = psutil.Process(serve.process.pid).children()
            assert len(children) == 1
            serve.process.send_signal(signal.SIGTERM)
            assert caller.wait(10) == 0
            assert serve.process.wait(10) == 0
        assert not children[0].is_running()
        serve.end()


def test_no_more_than_16_viewers(path: Path) -> None:
    """The 17th is told that it ended; when one has gone, there is room again."""
    with serving(["cat"], path) as serve:
        words = connector(serve.port, path)
        callers = [
            subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(16)
        ]
        try:
            wait_until(lambda: len(serve.said("came")) == 16, 30)
            assert run(words, b"x")[1] == b""
            assert len(serve.said("refused")) == 1
            callers[0].communicate()
            wait_until(lambda: serve.said("went"))
            assert run(words, b"x")[1] == b"x"
        finally:
            for caller in callers:
                if caller.stdin and not caller.stdin.closed:
                    caller.communicate()


def test_the_secret_is_seen_nowhere(path: Path) -> None:
    """Not in the command line, environment or output of serve, of the connector or of the viewer."""
    text = path.read_text().strip()
    with serving(["cat"], path) as serve:
        with subprocess.Popen(
            connector(serve.port, path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as caller:
            wait_until(lambda: serve.said("came"))
            ours = psutil.Process(serve.process.pid)
            for process in (ours, *ours.children(), psutil.Process(caller.pid)):
                for name in ("cmdline", "environ"):
                    assert text.encode() not in Path(f"/proc/{process.pid}/{name}").read_bytes()
            out, errors = caller.communicate(b"x")
        assert text not in f"{out!r} {errors!r} {serve.lines}"


def refusal(command: list[str]) -> str:
    """The one line of a connector that got no stream."""
    code, out, errors = run(command)
    assert (code, out) == (1, b"")
    assert errors.startswith("asyncplot: ")
    assert errors.count("\n") == 1
    return errors


def test_each_refusal_is_one_clear_line(path: Path, certificate: tuple[str, str], tmp_path: Path) -> None:
    """Nobody listens, another secret, none, an untrusted certificate, another name, TLS on one side only."""
    secret.make(tmp_path / "other")
    port = 1  # nobody listens there
    assert "is `asyncplot serve` running" in refusal(connector(port, path))
    assert "there is no secret" in refusal(connector(port, tmp_path / "absent"))
    with serving(["cat"], path) as serve:
        line = refusal(connector(serve.port, tmp_path / "other"))
        assert "the secret here is not the one there" in line
        assert (tmp_path / "other").read_text().strip() not in line
        assert "without a certificate" in refusal(connector(serve.port, path, certificate[0], "localhost"))
    with serving(["cat"], path, certificate=certificate[0], key=certificate[1]) as serve:
        assert "not trusted" in refusal(connector(serve.port, path, certificate[0], "127.0.0.1"))
        foreign = str(tmp_path / "foreign.pem")
        words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout /dev/null"
        subprocess.run([*words.split(), "-out", foreign], check=True, capture_output=True, timeout=20)
        assert "not trusted" in refusal(connector(serve.port, path, foreign, "localhost"))
        assert "certificate" in refusal(connector(serve.port, path))


def test_a_slow_reader_holds_the_writer_back(path: Path) -> None:
    """Who does not read makes the viewer wait; nothing piles up in between."""
    with serving(["sh", "-c", "exec cat /dev/zero 2>/dev/null"], path) as serve:
        with subprocess.Popen(
            connector(serve.port, path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as caller:
            assert caller.stdout is not None
            caller.stdout.read(1 << 20)
            process = psutil.Process(caller.pid)
            wait_until(lambda: process.status() == psutil.STATUS_SLEEPING)
            assert process.memory_info().rss < 100e6
            caller.kill()
        wait_until(lambda: serve.said("went"))


def test_help_names_its_options() -> None:
    """`asyncplot serve --help` is there, and the default is this machine only."""
    command = [sys.executable, "-m", "asyncplot", "serve", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
    for word in ("--port", "--host", "--certificate", "--key", "--secret", "127.0.0.1"):
        assert word in said
    assert threading.active_count() == 1


class Answering:
    """Says what it got, and where it is."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        self.figure, self.axes = plt.subplots()
        self.newest = -1

    def update(self, value: int) -> list[int]:
        """The value, and the process."""
        self.newest = value
        return [value, os.getpid()]

    def variable(self, name: str) -> str:
        """An environment variable over there."""
        return os.environ.get(name, "")


@pytest.mark.parametrize("how", ["plain", "tls", "cmd", "ipv6"])
def test_a_real_viewer(
    path: Path, certificate: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """`Server(host=, port=)` draws in the viewer that `asyncplot serve` starts, by its command, and Ctrl-C ends both."""
    monkeypatch.setenv("ASYNCPLOT_SECRET_FILE", str(path))
    monkeypatch.setenv("ASYNCPLOT_BACKEND", "offscreen")
    repository = Path(asyncplot.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(repository), str(Path(__file__).parent)]))
    words = [sys.executable, "-m", "asyncplot", "serve", "--port", "0", "--json"]
    options: dict[str, str] = {}
    if how == "tls":
        words += ["--certificate", certificate[0], "--key", certificate[1]]
        options["certificate"] = certificate[0]
    if how == "cmd":
        words += ["--cmd", f"env CHOSEN=yes {sys.executable} -c"]
    host = {"tls": "localhost", "ipv6": "::1"}.get(how, "127.0.0.1")
    if how == "ipv6":
        need_ipv6()
        words += ["--host", host]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as serve:
        try:
            assert serve.stdout is not None
            port = json.loads(serve.stdout.readline())["port"]
            with asyncplot.Server(Answering, host=host, port=port, backend="offscreen", **options) as plot:
                for number in range(8):
                    pending = plot.update(number)
                pending.wait(40)
                value, pid = pending.value
                assert value == 7
                assert plot.plotter.newest == 7
                assert psutil.Process(pid).parent() == psutil.Process(serve.pid)
                assert plot.plotter.variable("CHOSEN") == ("yes" if how == "cmd" else "")
                serve.send_signal(signal.SIGINT)
                assert serve.wait(20) == 0
                assert not psutil.pid_exists(pid)
                plot.update(8)
                wait_until(lambda: not plot.is_alive, 20)
        finally:
            serve.kill()
