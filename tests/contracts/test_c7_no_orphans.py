"""C7: however the computation ends, its viewers end, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import asyncplot
from asyncplot import join
from conditions import wait_until
from contract_plotters import Echo, Endless, titled
from run_processes import (
    computation,
    is_stopped,
    named_pids,
    run_computation,
    viewer_pid,
    viewer_pids,
    wait_until_nobody_uses,
)

pytestmark = pytest.mark.contract

COMPUTATION = """
import os, signal, sys, time
import numpy as np
import asyncplot
from contract_plotters import Echo, Endless, titled
plot = asyncplot.Server({plotter}, {options})
array = np.zeros(50_000)
plot.update(1, array)
assert plot.flush(20)
print(plot.directory, flush=True)
while True:
    plot.update(2, array)
"""


def tmpfs_listing() -> set[Path]:
    """The files in shared memory, without the runs of other programs."""
    return {path for path in Path("/dev/shm").glob("*") if not path.name.startswith("ap-")}


@contextmanager
def killed_computation(
    folder: Path, before_kill: str, options: str = "backend='offscreen'"
) -> Iterator[Path]:
    """A computation with a viewer, killed by SIGKILL. Gives its run directory."""
    with computation(folder, COMPUTATION.format(plotter="Echo", options=options)) as process:
        assert process.stdout is not None
        directory = Path(process.stdout.readline().strip())
        pid = viewer_pid(directory)
        if before_kill == "stopped":
            os.kill(pid, signal.SIGSTOP)
            wait_until(lambda: is_stopped(pid))
        process.kill()
        process.wait()
        yield directory


@pytest.mark.parametrize("viewer", ["well", "stopped"])
def test_a_killed_computation_leaves_nothing(tmp_path: Path, runtime_dir: Path, viewer: str) -> None:
    """After SIGKILL the viewer ends within 2 s. No process, run directory or file in tmpfs is left."""
    before = tmpfs_listing()
    with killed_computation(tmp_path, viewer) as directory:
        wait_until(lambda: not viewer_pids(directory), 2.0)
        wait_until(lambda: not named_pids(directory), 2.0)  # the supervisor, too
        wait_until(lambda: not list(runtime_dir.iterdir()), 2.0)
    assert tmpfs_listing() <= before


def test_a_killed_computation_and_supervisor_leave_nothing_to_the_next_run(
    tmp_path: Path, runtime_dir: Path
) -> None:
    """If the supervisor is killed, too, the viewer ends by itself, and the next run removes the directory."""
    with computation(tmp_path, COMPUTATION.format(plotter="Echo", options="backend='offscreen'")) as process:
        assert process.stdout is not None
        directory = Path(process.stdout.readline().strip())
        pids = named_pids(directory)
        assert len(pids) == 2
        supervisor = next(pid for pid in pids if pid not in viewer_pids(directory))
        os.kill(supervisor, signal.SIGKILL)
        process.kill()
        process.wait()
        wait_until(lambda: not viewer_pids(directory), 2.0)
        wait_until_nobody_uses(directory)
    assert directory.exists()
    with asyncplot.Server(Echo, backend="offscreen", name="next"):
        wait_until(lambda: not directory.exists())
    assert not list(runtime_dir.iterdir())


def test_a_killed_supervisor_is_told(tmp_path: Path) -> None:
    """If only the supervisor is killed, its viewer ends, and the computation goes on without a plot."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        plot.update(1)
        assert plot.flush(20)
        directory = plot.directory
        supervisor = next(pid for pid in named_pids(directory) if pid not in viewer_pids(directory))
        os.kill(supervisor, signal.SIGKILL)
        wait_until(lambda: not viewer_pids(directory), 2.0)
        wait_until(lambda: not plot.is_alive)
        assert not plot.flush(20)
        assert plot.update(2).state in {"waiting", "taken", "lost"}
    with asyncplot.Server(Echo, backend="offscreen", name="next"):
        wait_until(lambda: not directory.exists())  # the next run removes what this one left behind


@pytest.mark.parametrize("ending", ["return", "raise", "exit", "hard"])
def test_a_computation_that_ends_leaves_nothing(tmp_path: Path, runtime_dir: Path, ending: str) -> None:
    """With or without `close`, after an exception, after os._exit: nothing is left."""
    last = {"return": "", "raise": "raise OSError(5)", "exit": "sys.exit(2)", "hard": "os._exit(4)"}[ending]
    code = COMPUTATION.format(plotter="Echo", options="backend='offscreen'")
    code = code[: code.index("while True")] + last
    done = run_computation(tmp_path, code)
    directory = Path(done.stdout.strip())
    wait_until(lambda: not named_pids(directory), 2.0)
    wait_until(lambda: not list(runtime_dir.iterdir()), 2.0)


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_a_persistent_window_stays_until_its_user_closes_it(
    tmp_path: Path, runtime_dir: Path, display: str, backend: str
) -> None:
    """With persist=True the window stays when the computation is killed, and a window without it goes. When it is closed,
    everything ends."""
    title = f"persistent ({backend})"
    code = COMPUTATION.format(plotter=f"titled({title!r})", options=f"backend={backend!r}, persist=True")
    other = f"other = asyncplot.Server(titled('other'), backend={backend!r})\nassert other.ready(20)\n"
    code = code.replace("array =", f"{other}print(other.directory, flush=True)\narray =")
    with computation(tmp_path, code) as process:
        assert process.stdout is not None
        not_persistent, directory = (Path(process.stdout.readline().strip()) for _ in range(2))
        pid = viewer_pid(directory)
        process.kill()
        process.wait()
        wait_until(
            lambda: not named_pids(not_persistent)
        )  # the same end, seen by another viewer and supervisor
        with join.attach(directory.name) as run:
            assert run.plotter.line.get_ydata() is not None  # it answers
        assert viewer_pids(directory) == [pid]
        assert windows(title) == 1
        subprocess.run(["wmctrl", "-F", "-c", title], check=True)
        wait_until(lambda: not named_pids(directory), 5.0)
        wait_until(lambda: not list(runtime_dir.iterdir()), 5.0)
        assert windows(title) == 0


def test_a_persistent_window_stays_after_close(display: str, runtime_dir: Path) -> None:
    """`close` returns, and the window of persist=True stays with the last frame in it."""
    title = "persistent after close"
    plot = asyncplot.Server(titled(title), backend="qt", persist=True)
    last = plot.update(3)
    assert plot.flush(30)
    directory = plot.directory
    plot.close()
    assert last.value == 3
    assert not plot.is_alive
    assert windows(title) == 1
    subprocess.run(["wmctrl", "-F", "-c", title], check=True)
    wait_until(lambda: not named_pids(directory), 5.0)
    wait_until(lambda: not list(runtime_dir.iterdir()), 5.0)


def test_close_ends_a_stopped_viewer() -> None:
    """`close` waits only briefly for a viewer that does not answer, and then kills it."""
    plot = asyncplot.Server(Echo, backend="offscreen")
    plot.update(1)
    assert plot.flush(20)
    assert plot.ready(20)
    pid = viewer_pid(plot.directory)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: is_stopped(pid))
    plot.update(2)
    assert seconds_of(plot.close) < 2.0  # 0.3 s on a quiet machine
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("frames_before", [0, 1])
def test_close_ends_a_plotter_that_never_returns(tmp_path: Path, frames_before: int) -> None:
    """The same for an endless plotter, in its first frame or in a later one."""
    plot = asyncplot.Server(EndlessLater, backend="offscreen")
    for _ in range(frames_before):
        plot.update(tmp_path, False)
        assert plot.flush(20)
        assert plot.ready(20)
    plot.update(tmp_path, True)
    wait_until((tmp_path / "entered").exists, 20)
    pid = viewer_pid(plot.directory)
    assert seconds_of(plot.close) < 3.0
    assert not psutil.pid_exists(pid)


class EndlessLater(Endless):
    """Never returns from a frame whose argument asks for it."""

    def update(self, folder: Path, endless: bool) -> None:
        if endless:
            super().update(folder)


def test_close_delivers_the_last_frame(tmp_path: Path) -> None:
    """The frame that waits when `close` is called is drawn before the viewer ends."""
    picture = tmp_path / "last.png"
    with asyncplot.Server(Echo, backend="offscreen", save=picture) as plot:
        assert plot.ready(20)
        for number in range(1000):
            last = plot.update(number)
    assert last.value == 999
    assert plot.stats.called == plot.stats.drawn + plot.stats.superseded == 1000
    assert not plot.is_alive


def test_close_of_a_viewer_that_is_still_starting_shows_the_frame() -> None:
    """A short computation shows its result: `close` waits for a viewer that is starting."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        last = plot.update("short")
    assert last.value == "short"
    plot.close()  # a second close does nothing
    assert plot.update("too late").state == "lost"


def test_after_an_exception_nobody_waits_for_a_starting_viewer() -> None:
    """An exception within `with` is not delayed by a viewer that is still starting."""
    slow_to_start = ["sh", "-c", "sleep 30"]
    plot = asyncplot.Server(Echo, slow_to_start)
    plot.update(1)

    def failing() -> None:
        with pytest.raises(KeyError, match="mine"), plot:
            raise KeyError("mine")

    assert seconds_of(failing) < 5.0


def seconds_of(function: object) -> float:
    """How long a call takes, s."""
    start = time.monotonic()
    function()  # type: ignore[operator]
    return time.monotonic() - start


def windows(title: str) -> int:
    """The number of windows with this title that the window manager knows."""
    listed = subprocess.run(["wmctrl", "-l"], check=True, capture_output=True, text=True).stdout
    return sum(line.endswith(title) for line in listed.splitlines())
