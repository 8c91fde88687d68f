"""`asyncplot serve` and connectors as processes of their own, for the tests of these."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from asyncplot.launch.bootstrap import bootstrap
from asyncplot.remote.tcp import listener, secret
from conditions import wait_until

SERVE = (
    "import argparse, json, sys; from asyncplot.commands.serve import serve; a = json.loads(sys.argv[1]); "
    "sys.exit(serve(argparse.Namespace(**a['options']), a['command']))"
)


class Serve:
    """A running serve that starts a given command, and the lines that it said."""

    def __init__(self, command: Sequence[str], secret_file: Path, **options: str | None) -> None:
        words = {"host": "127.0.0.1", "port": 0, "cmd": None, "certificate": None, "key": None, "json": True}
        words.update(secret=str(secret_file), **options)
        told = json.dumps({"options": words, "command": list(command)})
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, told], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines: list[dict[str, object]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        wait_until(lambda: self.said("tls") or self.process.poll() is not None)
        self.port = int(str(self.said("listening")[0]["port"]))

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def said(self, event: str) -> list[dict[str, object]]:
        """The lines of one kind."""
        return [line for line in self.lines if line["event"] == event]

    def end(self) -> tuple[int, str]:
        """SIGTERM; returns its exit code and what it wrote to stderr."""
        self.process.terminate()
        assert self.process.stderr is not None
        with self.process.stderr:
            errors = self.process.stderr.read()
        code = self.process.wait(10)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code, errors


@contextmanager
def serving(command: Sequence[str], secret_file: Path, **options: str | None) -> Iterator[Serve]:
    """A serve that has ended well when the block has."""
    one = Serve(command, secret_file, **options)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            code, errors = one.end()
            assert (code, errors) == (0, "")


def connector(
    port: int, secret_file: Path, certificate: str | None = None, host: str = "127.0.0.1"
) -> list[str]:
    """The command of a connector, as a supervisor would start it."""
    call = f"main({host!r}, {port}, {str(secret_file)!r}, {certificate!r})"
    return [sys.executable, "-c", bootstrap("remote.tcp.connector", call)]


@contextmanager
def listening(secret_file: Path, accepted: listener.Accepted) -> Iterator[int]:
    """A listener on a thread of this process; gives its port."""
    one = listener.Listener(listener.open_sockets("127.0.0.1", 0), secret.read(secret_file), accepted)
    port = one.addresses[0][1]
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        yield port
    finally:
        one.stop()
        thread.join()


def resident() -> int:
    """The memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
