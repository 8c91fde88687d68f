"""Windows on a run from other terminals: they come and go, and the computation does not notice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pexpect
import psutil
import pytest

import asyncplot
import desktop
import terminal
from asyncplot.join import JoinedViewer, find
from conditions import wait_until
from join_plotters import Broken, Trace


def test_a_run_without_a_viewer() -> None:
    """`viewer=None` starts none; frames are lost to pending results, and nothing waits."""
    with asyncplot.Server(Trace, viewer=None) as plot:
        pending = plot.update(1.0)
        assert pending.state == "lost"
        assert not plot.is_alive
        assert plot.viewers == ()
        assert not plot.flush(20)
        plot.wait()
        plot.check()
    with pytest.raises(asyncplot.ConfigurationError, match="required"):
        asyncplot.Server(Trace, viewer=None, required=True)


def test_who_joins_sees_the_newest_frame_at_once() -> None:
    """Also while the computation pauses: the last frame before the pause is what a new viewer draws."""
    with asyncplot.Server(Trace, viewer=None) as plot:
        for number in range(1000):
            plot.update(number)
        wait_until(lambda: plot.stats.trailing == 1)  # as soon as the budget allows
        viewer = JoinedViewer(find(plot.name), backend="offscreen")
        try:
            viewer.ready(40)
            with asyncplot.attach(plot.name) as run:
                assert list(run.plotter.seen) == [999]
            wait_until(lambda: plot.stats.drawn == 1)
            assert [each.phase for each in plot.viewers] == ["ready"]
        finally:
            viewer.close()
        assert plot.viewers == ()
        assert not (viewer.directory).exists()


def test_viewers_draw_beside_each_other(tmp_path: Path, runtime_dir: Path) -> None:
    """Three windows on a run, each with its own frames; closing one leaves the others."""
    with terminal.computation(tmp_path):
        viewers = [JoinedViewer(find("gpe"), backend="offscreen") for _ in range(3)]
        try:
            for viewer in viewers:
                viewer.ready(40)
            wait_until(lambda: terminal.listed()["gpe"]["viewers"] == 3)
            viewers[0].close()
            before = terminal.listed()["gpe"]["stats"]["drawn"]
            wait_until(lambda: terminal.listed()["gpe"]["stats"]["drawn"] != before)
            assert terminal.listed()["gpe"]["viewers"] == 2
        finally:
            for viewer in viewers[1:]:
                viewer.close()
        assert not list(runtime_dir.glob("gpe/viewer-*"))


def test_a_window_closes_with_the_run(tmp_path: Path, display: str) -> None:
    """`asyncplot view` ends with 0, says why, and its window is gone."""
    with (
        terminal.computation(tmp_path) as process,
        terminal.started("view", "gpe", "--backend", "qt") as view,
    ):
        desktop.window("trace")
        assert process.stdin is not None
        process.stdin.close()
        said, _ = view.communicate(timeout=20)
        assert view.returncode == 0
        assert "the run gpe has ended" in said


@pytest.mark.parametrize("stopped", [False, True])
def test_a_viewer_ends_when_the_computation_is_killed(
    tmp_path: Path, runtime_dir: Path, stopped: bool
) -> None:
    """SIGKILL of the computation ends the viewers that had joined, stopped ones too."""
    with terminal.computation(tmp_path) as process, terminal.started("view", "gpe") as view:
        (state,) = terminal.wait_for_viewers(runtime_dir / "gpe", 1)
        if stopped:
            os.kill(state["pid"], signal.SIGSTOP)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        view.wait(10)
        wait_until(lambda: not psutil.pid_exists(state["pid"]))


def test_ctrl_c_ends_the_window_and_not_the_run(tmp_path: Path, runtime_dir: Path) -> None:
    """In a terminal: exit code 130, and the computation goes on."""
    with terminal.computation(tmp_path) as process:
        words = terminal.COMMAND
        view = pexpect.spawn(words[0], [*words[1:], "view", "gpe"], env=terminal.environment(), timeout=30)
        try:
            terminal.wait_for_viewers(runtime_dir / "gpe", 1)
            view.sendintr()
            view.expect(pexpect.EOF)
            view.close()
            assert view.exitstatus == 130
        finally:
            view.close(force=True)
        assert process.poll() is None
        assert not list(runtime_dir.glob("gpe/viewer-*"))


def test_a_plotter_that_cannot_be_made_is_told() -> None:
    """Who joins sees what the constructor raised, and exit code 2."""
    with asyncplot.Server(Broken, name="broken", viewer=None):
        ran = terminal.run("view", "broken", "--backend", "offscreen")
        assert ran.returncode == 2
        assert "no such instrument" in ran.stderr


def test_close_ends_all_viewers_and_not_the_run(tmp_path: Path, runtime_dir: Path) -> None:
    """`asyncplot close` ends windows wherever they were opened; the run can be joined again."""
    with terminal.computation(tmp_path) as process:
        with terminal.started("view", "gpe") as first, terminal.started("view", "gpe") as second:
            terminal.wait_for_viewers(runtime_dir / "gpe", 2)
            assert "closed 2 viewers of gpe" in terminal.run("close", "gpe").stdout
            assert (first.wait(10), second.wait(10)) == (0, 0)
        assert process.poll() is None
        with asyncplot.attach("gpe") as run:
            assert len(run.snapshot()) > 1000


def test_close_is_no_crash(display: str) -> None:
    """The viewer that `Server` started ends as if its user had closed it: it is not started again, nothing is wrong."""
    with asyncplot.Server(Trace, name="wave", backend="qt", respawn=True, required=True) as plot:
        assert "closed 1 viewer of wave" in terminal.run("close", "wave").stdout
        wait_until(lambda: not plot.is_alive)
        plot.check()
        assert [viewer.phase for viewer in plot.viewers] == ["ended"]


@pytest.mark.timeout(120)  # 24 viewers, six at a time
def test_viewers_come_and_go_by_the_dozen(tmp_path: Path, runtime_dir: Path) -> None:
    """Afterwards the computation has as many descriptors as before, and nothing of theirs is left."""
    with terminal.computation(tmp_path) as process:
        computing = psutil.Process(process.pid)
        before = computing.num_fds()
        for _ in range(4):
            viewers = [JoinedViewer(find("gpe"), backend="offscreen") for _ in range(6)]
            for viewer in viewers:
                viewer.ready(60)
            for viewer in viewers:
                viewer.close()
        wait_until(lambda: computing.num_fds() <= before)
        assert not list(runtime_dir.glob("gpe/viewer-*"))
