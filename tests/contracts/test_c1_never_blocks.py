"""C1: nothing that happens to a viewer makes `update` wait, raise or leak."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import asyncplot
from conditions import wait_until
from contract_plotters import Blocking, Echo, Endless, titled
from hammering import assert_never_waited, hammer
from run_processes import is_stopped, viewer_pid, viewer_pids

pytestmark = pytest.mark.contract

#: A crashed viewer is started again five times, so that one run has many viewers to kill.
VIEWERS_OF_A_RUN = 6


@pytest.mark.parametrize("copy", ["auto", "always"])
def test_update_goes_on_while_the_plotter_is_slow(tmp_path: Path, copy: str) -> None:
    """While the plotter is busy with one frame, calls and takes go on. The newest frame is drawn next."""
    with asyncplot.Server(Blocking, backend="offscreen", copy=copy) as plot:
        plot.update(tmp_path, 0)
        wait_until((tmp_path / "entered").exists, 20)
        taken = plot.stats.taken
        assert_never_waited(
            hammer(plot.update, lambda: plot.stats.taken >= taken + 2, first=(tmp_path,), at_least=20_000)
        )
        assert plot.stats.drawn == 0
        (tmp_path / "go").touch()
        last = plot.update(tmp_path, -1)
        assert plot.flush(20)
        assert last.value == -1


def test_update_goes_on_while_the_plotter_never_returns(tmp_path: Path) -> None:
    """A plotter in an endless loop costs the computation nothing. `close` ends it."""
    with asyncplot.Server(Endless, backend="offscreen") as plot:
        plot.update(tmp_path)
        wait_until((tmp_path / "entered").exists, 20)
        taken = plot.stats.taken
        assert_never_waited(
            hammer(plot.update, lambda: plot.stats.taken >= taken + 2, first=(tmp_path,), at_least=20_000)
        )
        assert plot.is_alive
        assert plot.stats.drawn == 0
        assert not plot.flush(0.1)


def test_update_goes_on_while_the_viewer_is_stopped() -> None:
    """A stopped viewer makes no call wait. When it goes on, it shows the newest frame."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        pid = viewer_pid(plot.directory)
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: is_stopped(pid))
        taken = plot.stats.taken
        assert_never_waited(hammer(plot.update, lambda: plot.stats.taken >= taken + 3, at_least=20_000))
        os.kill(pid, signal.SIGCONT)
        last = plot.update(-1)
        assert plot.flush(20)
        assert last.value == -1


@pytest.mark.slow
@pytest.mark.timeout(240)  # about 0.4 s for each of 204 interpreters that import pyplot
def test_update_goes_on_while_200_viewers_are_killed(capsys: pytest.CaptureFixture[str]) -> None:
    """Viewers are killed at random times, also while they start. No call raises or waits, and none is lost."""
    chance = seeded(capsys)
    killed = 0
    while killed < 200:
        plots = [asyncplot.Server(Echo, backend="offscreen", respawn=True) for _ in range(3)]
        killed += sum(kill_while_hammering(plots, chance, VIEWERS_OF_A_RUN, longest_life=0.9))
        for plot in plots:
            wait_until(lambda plot=plot: not plot.is_alive)
            assert not plot.flush(20)
            with pytest.raises(asyncplot.ViewerGone, match="SIGKILL"):
                plot.check()
            assert plot.update(0).state in {"waiting", "taken", "lost"}
            plot.close()


@pytest.mark.slow
@pytest.mark.timeout(120)  # about 1 s for each of 24 interpreters that open a window
def test_update_goes_on_while_20_qt_viewers_are_killed(
    display: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same with real windows. The last viewer shows the last frame."""
    chance = seeded(capsys)
    plots = [asyncplot.Server(titled(f"killed {n}"), backend="qt", respawn=True) for n in range(4)]
    assert sum(kill_while_hammering(plots, chance, VIEWERS_OF_A_RUN - 1, longest_life=3.0)) == 20
    for plot in plots:
        last = plot.update(4)
        assert plot.flush(30)
        assert last.value == 4
        assert plot.viewers[-1].windows == 1
        plot.close()


@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_update_goes_on_when_the_user_closes_the_window(display: str, backend: str) -> None:
    """A closed window ends the viewer. That is no error: calls go on, and their frames are lost."""
    title = f"closed by its user ({backend})"
    with asyncplot.Server(titled(title), backend=backend) as plot:
        assert plot.ready(30)
        close_window(title)
        hammered = hammer(plot.update, lambda: not plot.is_alive)
        assert hammered.longest < 1.0, hammered
        assert_never_waited(hammer(plot.update, wait_at_least(1.0)))
        assert not plot.flush(20)
        assert plot.update(0).state in {"waiting", "taken", "lost"}
        plot.wait()
        plot.check()
        assert plot.viewers[0].phase == "ended"


def test_switched_off_everything_does_nothing(monkeypatch: pytest.MonkeyPatch, runtime_dir: Path) -> None:
    """`enabled=False` starts nothing, and each call answers at once."""
    with asyncplot.Server(Echo, enabled=False) as plot:
        pending = plot.update(1)
        assert pending.state == "off"
        assert pending is plot.lane("second")(2)
        assert not plot.flush(20)
        assert not plot.ready(20)
        assert not plot.is_alive
        assert [viewer.phase for viewer in plot.viewers] == ["off"]
        assert plot.stats.called == 0
        plot.wait()
        plot.check()
        assert not list(runtime_dir.iterdir())


def kill_while_hammering(
    plots: list[asyncplot.Server], chance: random.Random, kills: int, *, longest_life: float
) -> list[int]:
    """Kill viewers of each run at random ages while `update` is called. Returns how many were killed of each."""
    killed = [0] * len(plots)

    def kill(index: int, ages: list[float]) -> None:
        for number, age in enumerate(ages, start=1):
            pid = wait_until(lambda number=number: viewer_pids(plots[index].directory, number), 30)[0]
            time.sleep(age)  # this waits for no condition: it makes the random time
            os.kill(pid, signal.SIGKILL)
            killed[index] += 1

    killers = [
        threading.Thread(target=kill, args=(index, [chance.uniform(0, longest_life) for _ in range(kills)]))
        for index in range(len(plots))
    ]
    before = sum(plot.stats.called for plot in plots)
    for killer in killers:
        killer.start()
    calls = 0

    def update_all(*args: object) -> asyncplot.PendingResult:
        nonlocal calls
        calls += len(plots)
        return [plot.update(*args) for plot in plots][-1]

    hammered = hammer(
        update_all, lambda: not any(killer.is_alive() for killer in killers), timeout=kills * 15
    )
    for killer in killers:
        killer.join()
    assert_never_waited(hammered, others=True)
    assert sum(plot.stats.called for plot in plots) == before + calls
    return killed


def close_window(title: str) -> None:
    """Close a window as the user does, with the window manager."""
    wait_until(
        lambda: (
            subprocess.run(["wmctrl", "-F", "-c", title], check=False, capture_output=True).returncode == 0
        )
    )


def wait_at_least(seconds: float) -> Callable[[], bool]:
    """A condition that holds some time after its first test."""
    start = time.monotonic()
    return lambda: time.monotonic() > start + seconds


def seeded(capsys: pytest.CaptureFixture[str]) -> random.Random:
    """A random generator. Its seed is printed."""
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        print(f"[seed {seed}]", end=" ")
    return random.Random(seed)
