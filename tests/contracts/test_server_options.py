"""The options of `Server`, and its errors if something cannot work."""

from __future__ import annotations

import inspect
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import asyncplot
from conditions import wait_until
from contract_plotters import Echo, Moody
from run_processes import (
    computation,
    named_pids,
    run_computation,
    viewer_pid,
    viewer_pids,
    wait_until_nobody_uses,
)

pytestmark = pytest.mark.contract


class Failing:
    """Its constructor raises."""

    def __init__(self) -> None:
        raise RuntimeError("no plotter today")

    def update(self) -> None:
        """Never called."""


def own_records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """The errors that asyncplot logged."""
    return [
        record for record in caplog.records if record.name == "asyncplot" and record.levelno >= logging.ERROR
    ]


# --- names and run directories ---------------------------------------------------------------------


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    """A second run of a name gets -2, a third -3, in this process or another. A free name is used again."""
    with asyncplot.Server(Echo, name="gpe", backend="offscreen") as one:
        assert one.name == one.directory.name == "gpe"
        with asyncplot.Server(Echo, name="gpe", backend="offscreen") as two:
            assert two.name == two.directory.name == "gpe-2"
            code = (
                "import asyncplot\nfrom contract_plotters import Echo\n"
                "with asyncplot.Server(Echo, name='gpe', backend='offscreen') as plot:\n    print(plot.name)\n"
            )
            assert run_computation(tmp_path, code).stdout == "gpe-3\n"
    with asyncplot.Server(Echo, name="gpe", backend="offscreen") as again:
        assert again.name == "gpe"


def test_the_name_of_a_dead_run_is_free(tmp_path: Path) -> None:
    """If a run and its supervisor were killed, what they left behind does not block the name."""
    code = (
        "import asyncplot\nfrom contract_plotters import Echo\n"
        "plot = asyncplot.Server(Echo, name='gpe', backend='offscreen')\n"
        "plot.update(1)\nassert plot.flush(20)\nprint(plot.directory, flush=True)\nimport time\ntime.sleep(60)\n"
    )
    with computation(tmp_path, code) as process:
        assert process.stdout is not None
        directory = Path(process.stdout.readline().strip())
        supervisor = next(pid for pid in named_pids(directory) if pid not in viewer_pids(directory))
        os.kill(supervisor, signal.SIGKILL)
        process.kill()
        process.wait()
        wait_until_nobody_uses(directory)
    assert directory.exists()
    with asyncplot.Server(Echo, name="gpe", backend="offscreen") as plot:
        assert plot.name == "gpe"
        assert plot.update(1).value == 1


def test_the_default_name_is_the_scripts(tmp_path: Path) -> None:
    """Without a name, the run gets the name of its script."""
    code = "import asyncplot\nfrom contract_plotters import Echo\nwith asyncplot.Server(Echo) as plot:\n    print(plot.name)\n"
    assert run_computation(tmp_path, code).stdout == "script\n"


@pytest.mark.parametrize("name", ["", "a/b", "../up", ".hidden", "-dash", "x" * 65, "spa ce"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    """A name becomes a folder and a word of command lines. Other names are refused, with the rule."""
    with pytest.raises(asyncplot.ConfigurationError, match="letters, digits"):
        asyncplot.Server(Echo, name=name)


@pytest.mark.parametrize("planted", ["link", "dangling link", "open folder", "file"])
def test_a_planted_runtime_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, planted: str
) -> None:
    """A link, a file, or a folder open to other users is not used. The computation goes on without a plot."""
    base, elsewhere = tmp_path / "base", tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if planted == "link":
        base.symlink_to(elsewhere)
    elif planted == "dangling link":
        base.symlink_to(tmp_path / "nowhere")
    elif planted == "file":
        base.touch()
    else:
        base.mkdir()
        base.chmod(0o755)
    monkeypatch.setenv("ASYNCPLOT_RUNTIME_DIR", str(base))
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.update(1).state == "lost"
        assert not plot.is_alive
        with pytest.raises(asyncplot.ViewerGone, match="ASYNCPLOT_RUNTIME_DIR") as raised:
            plot.check()
        assert str(base) in str(raised.value)
    assert len(own_records(caplog)) == 1
    assert not list(elsewhere.iterdir())
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(asyncplot.ViewerGone, match="ASYNCPLOT_RUNTIME_DIR"):
        asyncplot.Server(Echo, backend="offscreen", required=True)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_a_runtime_directory_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that another user made beforehand is not used."""
    base = tmp_path / "base"
    base.mkdir(mode=0o700)
    os.chown(base, 12345, 12345)
    monkeypatch.setenv("ASYNCPLOT_RUNTIME_DIR", str(base))
    with asyncplot.Server(Echo) as plot, pytest.raises(asyncplot.ViewerGone, match="12345"):
        plot.check()


def test_what_a_run_leaves_to_others_is_nothing() -> None:
    """No other user can read or write a file of a run."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        plot.update(1)
        assert plot.flush(20)
        assert plot.ready(20)
        paths = [plot.directory, *plot.directory.rglob("*")]
        assert len(paths) > 8
        for path in paths:
            mode = path.lstat().st_mode
            assert path.is_socket() or not mode & 0o077, (path, oct(mode))


# --- switched off ------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["off", "OFF", "0", "no", "false"])
def test_switched_off_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, runtime_dir: Path, word: str
) -> None:
    """`ASYNCPLOT=off` turns every plot into no-ops, also with `required`."""
    monkeypatch.setenv("ASYNCPLOT", word)
    with asyncplot.Server(Echo, required=True) as plot:
        assert plot.update(1).state == "off"
        plot.check()
    assert not list(runtime_dir.iterdir())


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ASYNCPLOT", "maybe"), ("ASYNCPLOT_BACKEND", "gtk9"), ("ASYNCPLOT_LOG", "loud")],
)
def test_a_variable_with_a_value_that_cannot_be(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The error for a misspelt variable shows its value."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(
        asyncplot.ConfigurationError, match=value.lower() if variable != "ASYNCPLOT_LOG" else "LOUD"
    ):
        asyncplot.Server(Echo)


@pytest.mark.parametrize(
    "variable", ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID"]
)
def test_under_mpi_only_rank_0_shows(
    monkeypatch: pytest.MonkeyPatch, runtime_dir: Path, variable: str
) -> None:
    """Rank 1 starts nothing, unless all ranks were asked for. Rank 0 shows."""
    monkeypatch.setenv(variable, "1")
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.update(1).state == "off"
        assert not list(runtime_dir.iterdir())
    monkeypatch.setenv("ASYNCPLOT_RANKS", "all")
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.is_alive
    monkeypatch.delenv("ASYNCPLOT_RANKS")
    monkeypatch.setenv(variable, "0")
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.is_alive


# --- options that cannot work --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cmd": "python -c"}, "list of words"),
        ({"cmd": []}, "list of words"),
        ({"cmd": ["python", 3]}, "list of words"),
        ({"backend": "gtk9"}, "gtk9"),
        ({"max_overhead": 0}, "above 0"),
        ({"max_overhead": -1.0}, "above 0"),
        ({"max_overhead": float("nan")}, "above 0"),
        ({"copy": "never"}, "never"),
        ({"save": "{nothing}.png"}, "nothing"),
    ],
    ids=str,
)
def test_an_option_that_cannot_work_is_refused(options: dict[str, Any], told: str, runtime_dir: Path) -> None:
    """A wrong option raises in the constructor, and starts nothing."""
    with pytest.raises(asyncplot.ConfigurationError, match=told) as raised:
        asyncplot.Server(Echo, **options)
    assert isinstance(raised.value, ValueError)
    assert not list(runtime_dir.iterdir())


def test_a_plotter_that_does_not_pickle_is_refused(runtime_dir: Path) -> None:
    """A plotter with a lock in it raises one error that names the plotter, and leaves nothing."""
    holder = Echo()
    holder.lock = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(asyncplot.ShippingError, match="Echo"):
        asyncplot.Server(holder)
    assert not list(runtime_dir.iterdir())


def test_the_signature_is_short_and_by_keyword() -> None:
    """Plotter and command are positional. All other options are keyword-only."""
    parameters = inspect.signature(asyncplot.Server).parameters
    assert list(parameters)[:2] == ["plotter", "cmd"]
    assert all(
        parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in list(parameters.values())[2:]
    )


# --- plotters ---------------------------------------------------------------------------------------------


def test_class_factory_and_instance() -> None:
    """The viewer calls a class or a factory. An instance is sent as it is. Closures work."""
    offset = 40

    class Local:
        def __init__(self, start: int = 0) -> None:
            self.start = start + offset

        def update(self, value: int) -> int:
            return self.start + value

    for plotter, value in [(Local, 42), (lambda: Local(100), 142), (Local(1), 43)]:
        with asyncplot.Server(plotter, backend="offscreen") as plot:
            assert plot.update(2).value == value


def test_a_module_beside_the_script(tmp_path: Path) -> None:
    """The viewer finds a plotter in the user's module beside the script."""
    (tmp_path / "own_plotter.py").write_text(
        "import own_numbers\nclass Own:\n    def update(self, x):\n        return x + own_numbers.ONE\n"
    )
    (tmp_path / "own_numbers.py").write_text("ONE = 1\n")
    code = (
        "import asyncplot, own_plotter\n"
        "with asyncplot.Server(own_plotter.Own, backend='offscreen') as plot:\n    print(plot.update(1).value)\n"
    )
    done = run_computation(tmp_path, code)
    assert (done.stdout, done.stderr) == ("2\n", "")


# --- viewers that cannot start, and failures -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("cmd", "told"),
    [
        (["/no/such/python", "-c"], ["/no/such/python", "No such file"]),
        (["sh", "-c", "echo the trouble >&2; exit 3"], ["sh -c", "code 3", "the trouble", "never reached"]),
        (["true"], ["true", "code 0", "never reached"]),
        ([sys.executable, "-S", "-E", "-c"], [sys.executable, "code 1", "ModuleNotFoundError"]),
    ],
    ids=["not there", "fails", "not a Python", "without packages"],
)
@pytest.mark.parametrize("loop", ["fast", "slow"])
def test_a_viewer_that_cannot_start_is_one_clear_error(
    caplog: pytest.LogCaptureFixture, cmd: list[str], told: list[str], loop: str
) -> None:
    """One log record, and `check`, have the command, the exit code, and the last lines of its output."""
    between = threading.Event()
    with asyncplot.Server(Echo, cmd) as plot:
        wait_until(
            lambda: (plot.update(1), loop == "slow" and between.wait(0.03), own_records(caplog))[-1],
            what="a log record while calls come",
        )
        for _ in range(2):
            with pytest.raises(asyncplot.ViewerError) as raised:
                plot.check()
            for words in told:
                assert words in str(raised.value)
        assert not plot.is_alive
        assert plot.update(1).state in {"waiting", "taken", "lost"}
        assert not plot.flush(20)
        assert not plot.ready(20)
        assert plot.viewers[0].phase == "ended"
        plot.wait()
    records = own_records(caplog)
    assert len(records) == 1
    for words in told:
        assert words in records[0].getMessage()
    with pytest.raises(asyncplot.ViewerError):
        plot.check()  # after close, too


@pytest.mark.parametrize("cmd", [["/no/such/python", "-c"], ["sh", "-c", "echo the trouble >&2; exit 3"]])
def test_required_raises_if_the_viewer_cannot_start(cmd: list[str], runtime_dir: Path) -> None:
    """`required=True` raises the same error at once, and leaves nothing."""
    with pytest.raises(asyncplot.ViewerGone, match=f"command: {cmd[0]}"):
        asyncplot.Server(Echo, cmd, required=True)
    wait_until(lambda: not list(runtime_dir.iterdir()))


def test_required_waits_until_the_viewer_is_up() -> None:
    """With `required`, the viewer is ready when the constructor returns."""
    with asyncplot.Server(Echo, backend="offscreen", required=True) as plot:
        assert plot.viewers[0].phase == "ready"


def test_a_plotter_that_cannot_be_made_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """If the plotter's constructor raises, `check` raises with its traceback, and so does `required`."""
    with asyncplot.Server(Failing, backend="offscreen") as plot:
        wait_until(lambda: (plot.update(), not plot.is_alive)[-1])
        with pytest.raises(asyncplot.PlotterError, match="no plotter today") as raised:
            plot.check()
        assert "test_server_options.py" in raised.value.remote_traceback
    assert len(own_records(caplog)) == 1
    assert "no plotter today" in own_records(caplog)[0].getMessage()
    with pytest.raises(asyncplot.PlotterError, match="no plotter today"):
        asyncplot.Server(Failing, backend="offscreen", required=True)


def test_check_raises_what_the_plotter_raised_once() -> None:
    """An error of the plotter is raised by the next `check` only, until the plotter raises again."""
    with asyncplot.Server(Moody, backend="offscreen") as plot:
        plot.check()
        for frame in (3, 6):
            plot.update(frame)
            assert plot.flush(20)
            with pytest.raises(asyncplot.PlotterError, match=f"no, not {frame}"):
                plot.check()
            plot.check()


def test_a_viewer_that_crashed_is_started_again() -> None:
    """`respawn=True`: another viewer starts, and shows the newest frame without another call."""
    with asyncplot.Server(Echo, backend="offscreen", respawn=True) as plot:
        last = plot.update("kept")
        assert last.value == "kept"
        os.kill(viewer_pid(plot.directory), signal.SIGKILL)
        wait_until(lambda: len(plot.viewers) == 2)
        assert plot.flush(20)
        assert plot.stats.drawn == 1
        assert plot.update("more").value == "more"
        assert [viewer.phase for viewer in plot.viewers] == ["ended", "ready"]
        assert plot.is_alive


# --- inline and logging ------------------------------------------------------------------------------------


def test_inline_runs_the_plotter_here(runtime_dir: Path) -> None:
    """`inline=True`: each call runs in this process and thread, and raises what the plotter raises."""
    with asyncplot.Server(Moody, inline=True) as plot:
        assert plot.update(1).value == 1
        assert plot.update(1).state == "drawn"
        with pytest.raises(ValueError, match="no, not 3"):
            plot.update(3)
        assert isinstance(plot.plotter, Moody)
        assert plot.flush()
        assert plot.ready()
        assert plot.is_alive
        plot.check()
        assert plot.stats.called == 3
        assert plot.stats.drawn == 2
        assert plot.stats.failed == 1
        assert not list(runtime_dir.iterdir())


def test_debug_log_on_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ASYNCPLOT_LOG=debug` writes the steps of both sides to stderr, with the name of the side."""
    monkeypatch.setenv("ASYNCPLOT_LOG", "debug")
    code = (
        "import asyncplot\nfrom contract_plotters import Echo\n"
        "with asyncplot.Server(Echo, backend='offscreen', name='told') as plot:\n"
        "    plot.update(1)\n    assert plot.flush(20)\n"
    )
    done = run_computation(tmp_path, code)
    assert done.returncode == 0
    assert done.stdout == ""
    assert any(line.startswith("[told] asyncplot[") for line in done.stderr.splitlines()), done.stderr
