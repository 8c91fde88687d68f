"""Which runs there are, what they say of themselves, and what is left of dead ones."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

import asyncplot
import terminal
from asyncplot import RunNotFound
from asyncplot.rundir import ViewerFiles, primary
from conditions import wait_until
from join_plotters import Trace


def test_a_run_is_listed(runtime_dir: Path) -> None:
    """Name, host, process, state, calls, frames and viewers, in Python and on the command line."""
    with asyncplot.Server(Trace, name="wave", backend="offscreen", required=True) as plot:
        for number in range(10):
            plot.update(number)
        assert plot.flush(20)
        (run,) = asyncplot.runs()
        assert (run.name, run.pid, run.state, run.viewers) == ("wave", os.getpid(), "running", 1)
        assert run.stats.called == plot.stats.called == 10
        assert run.stats.drawn == plot.stats.drawn > 0
        assert terminal.listed()["wave"]["stats"]["drawn"] == run.stats.drawn
        told = terminal.run("list").stdout.splitlines()
        assert told[0].split() == [
            "name",
            "host",
            "since",
            "iterations",
            "frames",
            "overhead",
            "viewers",
            "state",
        ]
        assert told[1].split()[0] == "wave"
        assert told[1].split()[-1] == "running"
    assert asyncplot.runs() == []
    assert "no runs" in terminal.run("list").stdout


@pytest.mark.parametrize("size", [None, 0, 1, 4096])
def test_a_run_whose_control_file_is_not_whole_is_listed(size: int | None, runtime_dir: Path) -> None:
    """A run that is just starting, or a file that was cut off, disturbs nobody who lists: it is a run without counts."""
    folder = runtime_dir / "starting"
    folder.mkdir(mode=0o700)
    (folder / "run.json").write_text(json.dumps({"name": "starting", "pid": os.getpid()}))
    if size is not None:
        (folder / "control").write_bytes(bytes(size))
    (run,) = asyncplot.runs()
    assert (run.name, run.stats.called) == ("starting", 0)
    shutil.rmtree(folder)


def test_the_primary_viewer_is_the_one_that_the_server_started(tmp_path: Path) -> None:
    """It is so when it was started again after others had attached; without it the oldest of these is the primary one."""
    folders = [tmp_path / f"viewer-{number}" for number in (2, 3, 10)]
    for folder in folders:
        folder.mkdir()
    (folders[-1] / "log").touch()
    second, third, own = viewers = [ViewerFiles(folder) for folder in folders]
    assert primary(viewers) is own
    assert primary([third, second]) is second
    assert primary([]) is None


def test_the_rate_is_that_of_the_calls() -> None:
    """While calls come their rate is listed, and it falls when they stop."""
    with asyncplot.Server(Trace, name="wave", viewer=None) as plot:
        called = 0

        def calls() -> float:
            nonlocal called
            for _ in range(10):
                called += 1
                plot.update(called)
            return asyncplot.runs()[0].rate

        wait_until(lambda: calls() > 0 and called > 3000, 20)
        busy = asyncplot.runs()[0].rate
        assert busy > 0
        wait_until(lambda: asyncplot.runs()[0].rate < busy / 2, 20)


def test_a_killed_run_is_dead_and_can_be_cleaned(tmp_path: Path, runtime_dir: Path) -> None:
    """What a run and its supervisor left when both were killed is listed as dead, and removed by `clean` alone."""
    with asyncplot.Server(Trace, name="alive", viewer=None), terminal.computation(tmp_path) as process:
        supervisors = [
            int(path.name)
            for path in Path("/proc").glob("[0-9]*")
            if b"supervisor.py\0" + os.fsencode(runtime_dir / "gpe") in _command_line(path)
        ]
        for pid in (*supervisors, process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: terminal.listed()["gpe"]["state"] == "dead")
        assert terminal.listed()["alive"]["state"] == "running"
        assert json.loads(terminal.run("clean", "--json").stdout) == ["gpe"]
        assert set(terminal.listed()) == {"alive"}
        assert "nothing to remove" in terminal.run("clean").stdout


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_a_run_that_is_not_there_is_told() -> None:
    """The error names the runs that are; the exit code is 2."""
    with asyncplot.Server(Trace, name="wave", viewer=None):
        with pytest.raises(RunNotFound, match="wave"):
            asyncplot.attach("gpe")
        for verb in ("view", "stats", "close", "shell"):
            ran = terminal.run(verb, "gpe")
            assert (ran.returncode, ran.stdout) == (2, "")
            assert "there are: wave" in ran.stderr


@pytest.mark.parametrize("verb", ["list", "view", "shell", "stats", "close", "clean", "relay", "serve"])
def test_help_has_an_example(verb: str) -> None:
    """`--help` answers with an example of the verb."""
    ran = terminal.run(verb, "--help")
    assert ran.returncode == 0
    assert f"example: asyncplot {verb}" in ran.stdout


def test_a_relay_without_a_viewer_ends(tmp_path: Path) -> None:
    """It announces itself, and ends when nobody is at the other end."""
    with terminal.computation(tmp_path) as process:
        ran = terminal.run("relay", "gpe")
        assert "\x1easyncplot {" in ran.stdout
        assert process.poll() is None


def test_a_reader_who_has_enough_is_no_error(tmp_path: Path) -> None:
    """``asyncplot stats gpe --watch | head -1`` ends quietly."""
    import subprocess

    with terminal.computation(tmp_path):
        words = " ".join(terminal.COMMAND)
        ran = subprocess.run(
            f"{words} stats gpe --watch --json | head -1",
            shell=True,
            env=terminal.environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert json.loads(ran.stdout)["name"] == "gpe"
        assert ran.stderr == ""
