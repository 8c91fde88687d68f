"""Windows on another host: `Server(host=)` by a real ssh, and what it does when that cannot work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import asyncplot
from conditions import wait_until
from far_host import FarHost, Network
from remote_plotters import Moody

PACKAGE_PARENT = Path(asyncplot.__file__).parents[1]
HERE = [sys.executable, "-c"]


def pushed(host: str = "node7", plotter: Any = Moody, **options: Any) -> asyncplot.Server:
    """A run whose viewer is over there."""
    return asyncplot.Server(plotter, HERE, host=host, backend="offscreen", **options)


@pytest.mark.parametrize("spelt", ["host", "cmd"])
def test_frames_and_requests(far: FarHost, spelt: str) -> None:
    """Frames, results, statistics, several lanes and the live plotter work as on this host, both ways to say it."""
    ways: dict[str, dict[str, Any]] = {
        "host": {"cmd": HERE, "host": "node7"},
        "cmd": {"cmd": ["ssh", "node7", *HERE]},
    }
    with asyncplot.Server(Moody, backend="offscreen", **ways[spelt]) as plot:
        array = np.arange(100_000.0)
        result = plot.update({"array": array, "text": "a"})
        assert plot.flush(30), plot.viewers
        assert result.ready
        plot.check()
        for number in range(50):
            result = plot.update(number)
        result.wait(10)
        assert result.value == 49
        assert plot.lane("second")(3).value == ["second", 3]

        (viewer,) = plot.viewers
        assert (viewer.host, viewer.backend) == ("node7", "offscreen")
        host, pid = plot.plotter.where()
        assert host == "node7"
        assert pid in [process.pid for process in far.sessions()]

        plot.plotter.ax.set_title("done")
        assert plot.plotter.ax.get_title() == "done"
        plot.plotter.label = "mine"
        assert plot.plotter.label == "mine"
        assert np.array_equal(np.asarray(plot.plotter.seen[0]["array"]), array)
        assert plot.plotter.total(np.ones(300_000)) == 300_000.0

        stats = wait_until(lambda: plot.stats if plot.stats.drawn >= 3 else None)
        assert stats.called == 52
        assert stats.called == stats.drawn + stats.superseded + stats.failed
        assert 0 < stats.age < 60


def test_an_error_of_the_plotter(far: FarHost) -> None:
    """A plotter that raises over there loses one frame, and its traceback arrives here."""
    with pushed() as plot:
        assert plot.update(1).value == 1
        failed = plot.update(-1)
        with pytest.raises(asyncplot.PlotterError, match="no, not -1") as raised:
            _ = failed.value
        assert "remote_plotters.py" in raised.value.remote_traceback
        with pytest.raises(asyncplot.PlotterError, match="no, not -1"):
            plot.check()
        assert plot.update(2).value == 2
        assert plot.stats.failed == 1


COMPUTE = """
import sys, asyncplot
class Own:
    factor = 3
    def update(self, value):
        import beside
        return self.factor * beside.double(value)
with asyncplot.Server(Own, [sys.executable, "-c"], host="node7", backend="offscreen") as plot:
    print(plot.update(7).value, flush=True)
    {then}
"""


def compute(folder: Path, then: str) -> subprocess.Popen[str]:
    """A computation that is a script, with a module beside it that the far host does not find."""
    (folder / "beside.py").write_text("def double(value):\n    return 2 * value\n")
    script = folder / "script.py"
    script.write_text(COMPUTE.replace("{then}", then))
    return subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )


def test_code_of_the_script_and_beside_it_travels(far: FarHost, tmp_path: Path) -> None:
    """A class of ``__main__`` and a module beside the script work over there."""
    with compute(tmp_path, "pass") as process:
        out, _ = process.communicate(timeout=30)
        assert out == "42\n"
    assert process.returncode == 0


def test_the_far_viewer_ends_with_a_killed_computation(far: FarHost, tmp_path: Path) -> None:
    """SIGKILL for the computation: relay, ssh and the viewer over there are gone within 2 s."""
    with compute(tmp_path, "import time; time.sleep(60)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "42\n"
        assert far.sessions()
        process.kill()
        wait_until(lambda: not far.sessions() and not far.left(), 2.5)


def test_the_computation_notes_the_end_of_the_far_viewer(far: FarHost) -> None:
    """The viewer killed over there, or its sshd session: `update` goes on, and `check` says that it is gone."""
    with pushed() as plot:
        assert plot.update(1).value == 1
        _, pid = plot.plotter.where()
        far.may_leave = True
        psutil.Process(pid).kill()
        wait_until(lambda: not plot.is_alive)
        lost = plot.update(2)
        assert not plot.flush(1)
        with pytest.raises(asyncplot.ViewerGone):
            lost.wait(5)
        with pytest.raises(asyncplot.ViewerGone):
            plot.check()


def test_a_window_that_stays(far: FarHost) -> None:
    """With ``persist=True`` the viewer over there stays with its picture when the computation has ended."""
    with pushed(persist=True) as plot:
        assert plot.update("last").value == "last"
        _, pid = plot.plotter.where()
        name = plot.name
    viewer = psutil.Process(pid)
    with pytest.raises(psutil.TimeoutExpired):
        viewer.wait(1.0)
    (mirror,) = far.left()
    assert mirror == f"{name}-on-{os.uname().nodename}"
    closing = ["ssh", "node7", f"cd {PACKAGE_PARENT}; exec {sys.executable} -m asyncplot close {mirror}"]
    closed = subprocess.run(closing, capture_output=True, text=True, timeout=20, check=False)
    assert "closed 1 viewer" in closed.stdout, closed
    wait_until(lambda: not far.left())


def test_wait_until_the_window_is_closed(far: FarHost) -> None:
    """`wait` returns when the windows over there are closed."""
    with pushed() as plot:
        assert plot.update(1).value == 1
        closing = "import asyncplot, sys; asyncplot.join.close_viewers(asyncplot.join.find(sys.argv[1]))"
        with subprocess.Popen(
            [sys.executable, "-c", f"import asyncplot.join; {closing}", plot.name]
        ) as closer:
            plot.wait()
            assert closer.wait(10) == 0
        assert not plot.is_alive


def test_a_noisy_shell(network: Network) -> None:
    """Start-up files over there that print to stdout and stderr, even much, do no harm."""
    far = network.add("node7")
    noise = "echo welcome to node7; seq 5000; echo careful >&2; printf 'no newline'\n"
    (far.home / ".bashrc").write_text(noise)
    with pushed() as plot:
        assert plot.update(5).value == 5
        assert plot.plotter.where()[0] == "node7"


def test_forwarding_is_not_needed_and_not_used(network: Network) -> None:
    """An sshd that may forward is asked to forward nothing, and one that may not does as well."""
    network.add("node7", forwarding=True)
    with pushed() as plot:
        assert plot.update(5).value == 5
        ours = psutil.Process().children(recursive=True)
        listening = [
            connection
            for process in ours
            if process.is_running() and process.name() != "sshd"
            for connection in process.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and process.name() in {"ssh", "python", "python3"}
        ]
        assert not listening


# --- what cannot work is one clear error -------------------------------------------------------------


def error_of(plot: asyncplot.Server) -> str:
    """What `check` says once the viewer has gone."""
    wait_until(lambda: not plot.is_alive, 30)
    with pytest.raises(asyncplot.AsyncplotError) as raised:
        plot.check()
    return str(raised.value)


def test_another_version_of_asyncplot(far: FarHost, tmp_path: Path) -> None:
    """A viewer of another version is refused, and both versions and hosts are named."""
    older = tmp_path / "older.py"
    older.write_text(
        "import sys; before, start = sys.argv[-1].rsplit(';from ', 1)\n"
        "exec(before + ';m.__version__=\"0.0.9\";from ' + start)\n"
    )
    with asyncplot.Server(Moody, [sys.executable, str(older)], host="node7", backend="offscreen") as plot:
        said = error_of(plot)
    assert "asyncplot differs" in said
    assert "0.0.9 on node7 (the viewer)" in said
    assert f"{asyncplot.__version__} on {os.uname().nodename} (the computation)" in said


def test_an_interpreter_without_asyncplot(far: FarHost) -> None:
    """A far Python that is not there, or lacks what it needs, is named."""
    with asyncplot.Server(Moody, ["/no/such/python", "-c"], host="node7", backend="offscreen") as plot:
        assert "/no/such/python" in error_of(plot)


def test_a_host_whose_key_has_changed(far: FarHost) -> None:
    """Another machine at the same address: ssh's own warning is what `check` says, and nothing was run there."""
    with pushed() as plot:
        assert plot.update(1).value == 1
    far.change_key()
    with pushed() as plot:
        assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in error_of(plot)


def test_a_host_that_is_not_there(network: Network) -> None:
    """A name that leads nowhere: ssh's words, and the computation goes on."""
    with open(network.config, "a") as file:
        file.write("Host nowhere\n HostName 127.0.0.1\n Port 1\n")
    with pushed("nowhere") as plot:
        for number in range(100):
            plot.update(number)
        assert "refused" in error_of(plot)
