"""Debuggers, tracers and coverage tools that follow child processes follow neither supervisor nor viewer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import asyncplot
from asyncplot import ViewerGone
from asyncplot.launch import child as launch
from asyncplot.launch.following import FOLLOWING
from conditions import wait_until
from contract_plotters import Echo
from run_processes import computation_environment, named_pids

pytestmark = pytest.mark.contract

#: A computation that prints what was done to its process, and what its viewer reported.
COMPUTATION = """
import os, signal, sys, threading
import asyncplot
from contract_plotters import Echo
handlers = [signal.getsignal(n) for n in signal.valid_signals()]
with asyncplot.Server(Echo, viewer=None, name="joined") as other, asyncplot.attach("joined") as run:
    assert run.plotter.update(7) == 7  # by a viewer that joins
with asyncplot.Server(Echo, backend="offscreen", name="followed") as plot:
    try:
        os.waitpid(-1, os.WNOHANG)
        children = "a child"
    except ChildProcessError:
        children = "no child"
    ours = [thread.name for thread in threading.enumerate() if "asyncplot" in thread.name]
    same = not ours and handlers == [signal.getsignal(n) for n in signal.valid_signals()]
    value = plot.update(41).value
    print("said", value, plot.is_alive, same, children, flush=True)
"""

SAID = "said 41 True True no child"


class Client:
    """The user interface of a debugger, as far as it is needed to run a program: DAP over a socket."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(20)
        self.port = self._listener.getsockname()[1]
        self._number = 0
        self.children = 0

    def accept(self) -> None:
        """Wait for the connection of the debugged program."""
        connected, _ = self._listener.accept()
        connected.settimeout(60)
        self._file = connected.makefile("rwb")
        connected.close()

    def send(self, command: str, **arguments: Any) -> None:
        """Send a request. The answer comes among the `messages`."""
        self._number += 1
        message = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self._file.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._file.flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """The messages of the debugger, until it ends."""
        while line := self._file.readline():
            length = int(line.partition(b":")[2])
            self._file.readline()
            yield json.loads(self._file.read(length))

    def run(self) -> None:
        """Run the program with its children until it ends."""
        self.send("initialize", adapterID="python", clientID="test", linesStartAt1=True, columnsStartAt1=True)
        self.send("attach", subProcess=True, justMyCode=False)
        for message in self.messages():
            match message.get("event"):
                case "initialized":
                    self.send("configurationDone")
                case "debugpyAttach":
                    self.children += 1
                case "terminated":
                    return

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._listener.close()


def started(folder: Path, *words: str, **changes: str) -> subprocess.Popen[str]:
    """The computation, run by a tool."""
    script = folder / "script.py"
    script.write_text(COMPUTATION)
    return subprocess.Popen(
        [sys.executable, *words, str(script)],
        env=computation_environment(**changes),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_ran(process: subprocess.Popen[str], runtime_dir: Path) -> None:
    """The computation had a plot and ended, and its processes have ended, too."""
    out, errors = process.communicate(timeout=50)
    assert SAID in out, errors
    assert process.returncode == 0, errors
    wait_until(lambda: not list(runtime_dir.iterdir()), 5)
    wait_until(lambda: not named_pids(runtime_dir), 5)


def test_a_debugger_that_follows_children(tmp_path: Path, runtime_dir: Path) -> None:
    """Under debugpy, as an editor starts it, the viewer starts, is not debugged, and ends with the computation."""
    pytest.importorskip("debugpy")
    client = Client()
    process = started(
        tmp_path, "-Xfrozen_modules=off", "-m", "debugpy", "--connect", f"127.0.0.1:{client.port}"
    )
    try:
        client.accept()
        client.run()
        assert client.children == 0
        assert_ran(process, runtime_dir)
    finally:
        client.close()
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("viztracer", ["-m", "viztracer", "--quiet", "-o", "trace.json", "--"]),
        ("coverage", ["-m", "coverage", "run", "--parallel-mode"]),
        ("trace", ["-m", "trace", "--count", "--coverdir", "counts", "--file", "counted"]),
        ("cProfile", ["-m", "cProfile", "-o", "profile"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_tool_that_follows_children(tmp_path: Path, runtime_dir: Path, tool: str, words: list[str]) -> None:
    """The viewer is shown, and the tool's report is about the computation's process alone."""
    pytest.importorskip(tool)
    (tmp_path / ".coveragerc").write_text("[run]\ndata_file = data\n")
    followed = {"COVERAGE_PROCESS_START": str(tmp_path / ".coveragerc")} if tool == "coverage" else {}
    assert_ran(started(tmp_path, *words, **followed), runtime_dir)
    assert len(list(tmp_path.glob("data*"))) == (tool == "coverage")
    assert len(list(tmp_path.glob("*.json"))) == (tool == "viztracer")


def test_their_variables_do_not_reach_the_viewer(monkeypatch: pytest.MonkeyPatch, runtime_dir: Path) -> None:
    """Supervisor and viewer do not get the tools' variables. They get all others, even those with odd names."""
    monkeypatch.setenv("odd.name%%", "kept")
    for name in (
        "PYDEVD_X",
        "DEBUGPY_X",
        "COVERAGE_PROCESS_START",
        "COV_CORE_X",
        "VIZTRACER_X",
        "PYTHONINSPECT",
    ):
        monkeypatch.setenv(name, "1")
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.update(1).value == 1
        for pid in named_pids(runtime_dir):
            variables = psutil.Process(pid).environ()
            assert variables["odd.name%%"] == "kept"
            assert not [name for name in variables if name.startswith(FOLLOWING)]


#: Commands in place of a Python: one forks and hangs, one does not fork, one fails.
SILENT = {"hangs": "sleep 60 & echo $! >{}/pid", "stays": "exec sleep 60", "fails": "exit 3"}


@pytest.mark.parametrize("how", SILENT)
def test_a_supervisor_that_never_comes_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime_dir: Path, how: str
) -> None:
    """`is_alive` becomes False in bounded time, `check` tells why, and the computation goes on."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{SILENT[how].format(tmp_path)}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(launch, "FORKING", 1.0)
    monkeypatch.setattr(launch, "STARTING", 1.0)
    start = time.monotonic()
    with asyncplot.Server(Echo, name="silent") as plot:
        wait_until(lambda: not plot.is_alive, 14)  # the viewer counts as alive for 10 s
        with pytest.raises(ViewerGone, match="supervisor") as told:
            plot.check()
        assert str(python) in str(told.value)
        assert plot.update(1).state in {"waiting", "taken", "lost"}
        assert not plot.flush(1)
    assert time.monotonic() - start < 25
    for path in tmp_path.glob("pid"):
        os.kill(int(path.read_text()), signal.SIGKILL)


def test_a_supervisor_that_was_killed_is_told() -> None:
    """`is_alive` becomes False, and `check` tells what happened."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        (viewer,) = plot.viewers
        (pid,) = set(named_pids(str(plot.directory))) - {viewer.pid}
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not plot.is_alive, 5)
        with pytest.raises(ViewerGone, match="was killed"):
            plot.check()
