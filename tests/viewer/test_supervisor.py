"""The supervisor: it starts the viewer, keeps and passes on what it writes, and starts it again if asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import asyncplot
import desktop
from asyncplot import ViewerGone
from conditions import wait_until
from viewer_plotters import Dying, Misbehaving, Panel, Wordy

#: Of the log of one viewer, bytes; and of one line.
LOG, LINE = 1 << 20, 1 << 16

SCRIPT = """
import sys, asyncplot
class Plotter:
    def update(self, number):
        print("frame", number)
if __name__ == "__main__":
    plot = asyncplot.Server(Plotter, backend="offscreen", **eval(sys.argv[1]))
    print("computing", file=sys.stderr)
    plot.update(1)
    assert plot.flush(20)
    if len(sys.argv) > 2:
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    plot.close()
"""


def test_what_the_viewer_writes_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    """Each line reaches the computation's stderr, after the run's name, and none its stdout."""
    with asyncplot.Server(Misbehaving, backend="offscreen", name="wave") as plot:
        assert plot.update("prints").value is None
    said = capfd.readouterr()
    assert said.out == ""
    lines = [line for line in said.err.splitlines() if "words on" in line or "on stdout" in line]
    assert sorted(lines) == [
        "[wave] a child on stdout",
        "[wave] bytes on stdout",
        "[wave] words on stderr",
        "[wave] words on stdout",
    ]


def test_what_the_viewer_writes_is_in_its_log() -> None:
    """The log has it without the prefix, and not the line by which the viewer announces itself."""
    with asyncplot.Server(Misbehaving, backend="offscreen") as plot:
        assert plot.update("prints").value is None
        path = plot.directory / "viewer-1" / "log"
        wait_until(lambda: path.read_text().count("\n") >= 4)
        lines = path.read_text().splitlines()
        assert "words on stdout" in lines
        assert not any(line.startswith("\x1e") for line in lines)


def test_the_log_is_bounded(capfd: pytest.CaptureFixture[str]) -> None:
    """A plotter that writes without end fills neither the memory file system nor the log; the end is kept."""
    with asyncplot.Server(Wordy, backend="offscreen") as plot:
        path = plot.directory / "viewer-1" / "log"
        for _ in range(3):
            assert plot.update(6000).value == 6000
            assert path.stat().st_size <= LOG + LINE
        wait_until(lambda: path.read_text().splitlines()[-1:] == ["line 5999 " + "x" * 200])


def test_a_killed_viewer_is_started_again_where_asked() -> None:
    """With `respawn` another viewer takes its place and draws the next frames."""
    with asyncplot.Server(Dying, backend="offscreen", respawn=True) as plot:
        assert plot.update("one").value == "one"
        os.kill(plot.viewers[0].pid, signal.SIGKILL)
        wait_until(lambda: len(plot.viewers) == 2)
        assert plot.ready(20)
        assert plot.update("two").value == "two"
        first, second = plot.viewers
        assert (first.number, first.phase, second.number, second.phase) == (1, "ended", 2, "ready")
        assert "SIGKILL" in first.ended
        assert plot.is_alive


def test_a_viewer_is_not_started_again_without_end() -> None:
    """A plotter that ends its process at each frame is given up after some attempts, and `check` tells."""
    with asyncplot.Server(Dying, backend="offscreen", respawn=True) as plot:
        wait_until(lambda: plot.update("exit", 3) and not plot.is_alive, 20)
        assert len(plot.viewers) == 6
        with pytest.raises(ViewerGone, match="code 3"):
            plot.check()


def test_a_window_that_the_user_closed_is_not_opened_again(display: str) -> None:
    """`respawn` is for crashes."""
    with asyncplot.Server(Panel, backend="qt", respawn=True) as plot:
        assert plot.ready(20)
        desktop.close("panel")
        plot.wait()
        wait_until(lambda: not plot.is_alive)
        assert len(plot.viewers) == 1


def test_a_crash_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    """A viewer that ends by itself is told by `check` with command and code; pending frames are lost."""
    with asyncplot.Server(Dying, backend="offscreen") as plot:
        assert plot.ready(20)
        pending = plot.update("exit", 5)
        with pytest.raises(ViewerGone, match="exited with code 5"):
            pending.wait(20)
        assert pending.state == "lost"
        with pytest.raises(ViewerGone, match="-c"):
            plot.check()
        assert not plot.flush(20)


def test_what_a_crashed_viewer_left_behind_is_ended(tmp_path: Path) -> None:
    """A viewer crashes while the run goes on: a process that it started ends then, and not with the run."""
    command = ["sh", "-c", f"sleep 600 & echo $! >{tmp_path / 'pid'}; exit 3"]
    with asyncplot.Server(Panel, command, backend="offscreen") as plot:
        wait_until(lambda: not plot.is_alive)
        left = int((tmp_path / "pid").read_text())
        wait_until(lambda: not psutil.pid_exists(left))
        with pytest.raises(ViewerGone, match="code 3"):
            plot.check()


@pytest.mark.parametrize("options", ["{}", "dict(persist=True)"])
@pytest.mark.parametrize("ending", ["", "killed"])
def test_a_pipe_is_released_at_the_end(tmp_path: Path, runtime_dir: Path, options: str, ending: str) -> None:
    """`script 2>&1 | tee log` ends with the script, however that ends and even if the window stays."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    ran = subprocess.run(
        f"{sys.executable} {script} '{options}' {ending} 2>&1 | tee {tmp_path / 'log'}",
        shell=True,
        env={**os.environ, "PYTHONPATH": str(Path(asyncplot.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert "computing" in ran.stdout
    assert ("frame 1" in ran.stdout) == (options == "{}")
    for path in runtime_dir.glob("*/viewer-1/state.json"):  # a viewer without a window stays for ever
        state = json.loads(path.read_text())
        if "persist" in options:
            os.kill(state["pid"], signal.SIGKILL)
