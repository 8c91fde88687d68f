"""Another host, on this machine: a real sshd on loopback, in namespaces where host name and shared memory differ."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from conditions import missing, wait_until

SSHD = "/usr/sbin/sshd"
HERE = Path(__file__).parent

#: What a run over there executes; it says who it is, and computes until it is killed or told to stop.
COMPUTATION = """
import json, os, sys, time
import numpy, asyncplot
import remote_plotters
told = json.loads(sys.argv[1])
options = {"viewer": None, **told["options"]}
with asyncplot.Server(getattr(remote_plotters, told["plotter"]), **options) as plot:
    array = numpy.zeros(told["words"], numpy.uint64)
    for number in range(1, 10**9):
        if number <= told["frames"]:
            remote_plotters.overwrite(array, number)
            plot.update(array.copy(), number)
        if number == 1:
            run = {"pid": os.getpid(), "name": plot.name, "directory": str(plot.directory)}
            print("\\n" + json.dumps(run), flush=True)
        if number % 100 == 0 and os.path.exists(told["stop"]):
            break
        time.sleep(told["pause"])
"""


class FarHost:
    """One such host, as long as its sshd runs.

    Parameters
    ----------
    network : Network
        What this host's ssh knows.
    name : str
        Its host name, by which ssh finds it, too.
    state : Path
        The state folder of its user; hosts that share the home have the same one.
    forwarding : bool
        Whether sshd forwards anything.
    environment : dict
        More variables of its sessions.
    """

    def __init__(
        self,
        network: Network,
        name: str,
        *,
        state: Path | None = None,
        forwarding: bool = False,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        #: A viewer that is killed leaves its run directory to the next one that comes.
        self.may_leave = False
        self.network = network
        self.folder = network.folder / name
        self.home = self.folder / "home"
        self.home.mkdir(parents=True)
        #: Of the same path over there and here, where it is another file system; leaks are known by the name.
        self.runtime_dir = f"{network.runtime_dir}-{name}"
        self.state = state or self.folder / "state"
        variables = {
            "ASYNCPLOT_RUNTIME_DIR": self.runtime_dir,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.state),
            **(environment or {}),
        }
        self._start(forwarding, variables)

    def _start(self, forwarding: bool, variables: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        config = self.folder / "sshd_config"
        lines = [
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self.network.new_key(self.folder / 'host_key')}",
            f"AuthorizedKeysFile {self.network.key}.pub",
            "StrictModes no",
            "UsePAM no",
            "PidFile none",
            "PermitRootLogin yes",
            "MaxStartups 100",
            f"AllowTcpForwarding {'yes' if forwarding else 'no'}",
            f"DisableForwarding {'no' if forwarding else 'yes'}",
            "SetEnv " + " ".join(f'"{name}={value}"' for name, value in variables.items()),
        ]
        config.write_text("\n".join(lines) + "\n")
        enter = f'hostname {self.name}; mount -t tmpfs tmpfs /dev/shm; exec {SSHD} -D -e -f "$1"'
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "-mu", "sh", "-c", enter, "sh", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        log_text = (self.folder / "log").read_text
        wait_until(lambda: "listening" in log_text() or self.process.poll() is not None)
        if self.process.poll() is not None:
            missing(f"an sshd in namespaces of its own cannot be started here: {log_text()}")

    @property
    def shared_memory(self) -> Path:
        """Its /dev/shm, seen from here."""
        return Path(f"/proc/{self.process.pid}/root/dev/shm")

    def left(self) -> list[str]:
        """What is in the runtime folder over there."""
        with contextlib.suppress(FileNotFoundError):
            return os.listdir(self.shared_memory / Path(self.runtime_dir).name)
        return []

    def left_of(self, run: dict[str, Any]) -> list[str]:
        """What is in the directory of a run over there."""
        with contextlib.suppress(FileNotFoundError):
            return os.listdir(self.shared_memory / Path(self.runtime_dir).name / Path(run["directory"]).name)
        return []

    def connections(self) -> int:
        """How many have been let in so far."""
        return (self.folder / "log").read_text().count("Accepted publickey")

    def sessions(self) -> list[psutil.Process]:
        """The processes of its sessions."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def change_key(self) -> None:
        """Be another machine at the same address, as far as ssh can tell."""
        (self.folder / "host_key").unlink()
        self.network.new_key(self.folder / "host_key")
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: (self.folder / "log").read_text().count("listening") == 2)

    def close(self) -> None:
        """End it with all of its sessions."""
        family = self.sessions()
        self.process.kill()
        self.process.wait()
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()

    @contextmanager
    def run(
        self,
        name: str = "gpe",
        *,
        plotter: str = "Checked",
        frames: int = 10**9,
        words: int = 1000,
        pause: float = 0.005,
        **options: Any,
    ) -> Iterator[dict[str, Any]]:
        """A computation over there; gives its process id, name and directory."""
        stop = self.folder / f"stop-{name}"
        told = {
            "plotter": plotter,
            "frames": frames,
            "words": words,
            "pause": pause,
            "stop": str(stop),
            "options": {"name": name, "backend": "offscreen", **options},
        }
        script = self.folder / f"{name}.py"
        script.write_text(f"import sys\nsys.path[:0] = {self.network.paths!r}\n{COMPUTATION}")
        words_there = f"exec {sys.executable} {script} {json.dumps(json.dumps(told))}"
        process = subprocess.Popen(
            ["ssh", "-T", self.name, words_there],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            line = ""
            while not line.startswith("{"):  # before it are the words of a noisy shell
                line = process.stdout.readline()
                assert line, "the computation did not start"
            yield json.loads(line)
        finally:
            stop.touch()
            try:
                process.wait(5)
            finally:
                process.kill()
                process.wait()
                process.stdout.close()


class Network:
    """What ssh on this host knows: keys, known hosts, names.

    Parameters
    ----------
    folder : Path
        For all of its files.
    runtime_dir : Path
        The test's own.
    paths : list of str
        What Python finds its modules in, over there.
    """

    def __init__(self, folder: Path, runtime_dir: Path, paths: list[str]) -> None:
        self.folder = folder
        self.runtime_dir = runtime_dir
        self.paths = paths
        self.hosts: list[FarHost] = []
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.config = folder / "config"
        self.known_hosts = folder / "known_hosts"
        self.key = self.new_key(folder / "key")
        ssh = shutil.which("ssh")
        (self.bin / "ssh").write_text(f'#!/bin/sh\nexec {ssh} -F {self.config} "$@"\n')
        (self.bin / "ssh").chmod(0o755)

    @staticmethod
    def new_key(path: Path) -> Path:
        """Make a key."""
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
        return path

    def add(self, name: str, **options: Any) -> FarHost:
        """Start a host that ssh finds by its name."""
        host = FarHost(self, name, **options)
        self.hosts.append(host)
        with open(self.config, "a") as file:
            file.write(
                f"Host {name}\n HostName 127.0.0.1\n Port {host.port}\n User root\n"
                f" IdentityFile {self.key}\n IdentitiesOnly yes\n"
                f" UserKnownHostsFile {self.known_hosts}\n StrictHostKeyChecking accept-new\n LogLevel ERROR\n"
            )
        return host

    def close(self) -> list[str]:
        """End all hosts; returns what they had left."""
        left: list[str] = []
        for host in self.hosts:
            with contextlib.suppress(pytest.fail.Exception):
                wait_until(lambda host=host: (host.may_leave or not host.left()) and not host.sessions(), 3.0)
            left += [f"{host.name}: {name}" for name in host.left() if not host.may_leave]
            left += [f"{host.name}: {process}" for process in host.sessions()]
            host.close()
        return left


def need_namespaces() -> None:
    """Skip where there cannot be another host."""
    if (
        os.getuid() != 0
        or shutil.which("unshare") is None
        or not Path(SSHD).exists()
        or not shutil.which("ssh")
    ):
        missing("another host needs root, unshare, ssh and an sshd")
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
