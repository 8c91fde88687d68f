"""Plotting interpreters: any command that takes a string of Python code; and plotters from anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

import asyncplot
from asyncplot import ConfigurationError, ShippingError, ViewerError, ViewerGone
from conditions import missing, wait_until
from pythons import another_python
from viewer_plotters import Echo, Panel

#: Read here, as each test begins without such variables.

IPYTHON = [sys.executable, "-m", "IPython"]

PACKAGE_PARENT = Path(asyncplot.__file__).parents[1]

#: The end of a script that shows one frame, and says what drew it.
SHOW = """
if __name__ == "__main__":
    import json, sys, asyncplot
    cmd = json.loads(sys.argv[1]) if len(sys.argv) > 1 else None
    with asyncplot.Server(PLOTTER, cmd, backend="offscreen", required=True) as plot:
        print(json.dumps([plot.update(20).value, plot.viewers[0].python]))
"""


def run_script(folder: Path, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a user does, from another folder than its own."""
    folder.mkdir(exist_ok=True)
    (folder / "script.py").write_text(textwrap.dedent(code))
    return subprocess.run(
        [sys.executable, str(folder / "script.py"), *words],
        env={**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def said(ran: subprocess.CompletedProcess[str]) -> str:
    """What a script printed, if all went well."""
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


# --- commands --------------------------------------------------------------------------------------


def test_the_default_is_this_interpreter() -> None:
    """Without a command the running interpreter plots, with its packages."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.update([1, "a"]).value == [1, "a"]
        assert plot.plotter.runs_in() == (sys.executable, sys.prefix)


@pytest.mark.parametrize(
    ("options", "backends"),
    [(["--pylab=qt"], {"qt"}), (["--pylab=tk"], {"tk"}), (["--pylab"], {"qt", "tk"}), ([], {"qt"})],
)
def test_ipython(display: str, options: list[str], backends: set[str]) -> None:
    """IPython shows windows, with the GUI that its options choose."""
    pytest.importorskip("IPython")
    with asyncplot.Server(Panel, [*IPYTHON, *options, "-c"]) as plot:
        plot.update("#102030")
        assert plot.flush(30), plot.viewers
        (viewer,) = plot.viewers
        assert viewer.backend in backends
        assert viewer.windows == 1


def test_ipython_by_name(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is looked for on PATH, as a shell does: ``["ipython", "--pylab=qt", "-c"]``."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if shutil.which("ipython") is None:
        missing("no ipython on PATH")
    with asyncplot.Server(Echo, ["ipython", "--pylab=qt", "-c"]) as plot:
        assert plot.update("drawn").value == "drawn"
        assert plot.viewers[0].backend == "qt"


def test_ipython_without_a_display_is_offscreen() -> None:
    """`ipython --pylab=qt` goes on with Agg there; the viewer says so instead of pretending."""
    pytest.importorskip("IPython")
    with asyncplot.Server(Echo, [*IPYTHON, "--pylab=qt", "-c"]) as plot:
        assert plot.update("drawn").value == "drawn"
        (viewer,) = plot.viewers
        assert viewer.backend == "offscreen"
        assert viewer.reason


def test_a_wrapper_is_a_command() -> None:
    """Whatever starts an interpreter in the end, such as `env` or `conda run`, is one."""
    with asyncplot.Server(Echo, ["env", "MARK=1", "nice", sys.executable, "-c"], backend="offscreen") as plot:
        assert plot.update("drawn").value == "drawn"
        assert plot.plotter.environment("MARK") == "1"


BESIDE = """
from dataclasses import dataclass
@dataclass
class Doubler:
    factor: int = 2
    def update(self, value):
        return self.factor * value
"""


@pytest.mark.parametrize("plotter", ["beside.Doubler", "beside.Doubler(2)"])
def test_another_python_version(tmp_path: Path, plotter: str) -> None:
    """Another minor version runs a plotter, or an instance, from a module beside the script."""
    python = another_python()
    (tmp_path / "beside.py").write_text(BESIDE)
    ran = run_script(
        tmp_path, "import beside\n" + SHOW.replace("PLOTTER", plotter), json.dumps([python, "-c"])
    )
    value, version = json.loads(said(ran))
    assert value == 40
    assert not version.startswith("{}.{}.".format(*sys.version_info[:2]))


def test_another_python_version_and_a_plotter_of_the_script(tmp_path: Path) -> None:
    """A plotter from the script itself cannot cross to another minor version: one error with both versions."""
    python = another_python()
    ran = run_script(tmp_path, BESIDE + SHOW.replace("PLOTTER", "Doubler"), json.dumps([python, "-c"]))
    assert ran.returncode == 1
    error = ran.stderr.strip().splitlines()
    assert any("the computation runs Python" in line and "module of its own" in line for line in error)
    assert "{}.{}".format(*sys.version_info[:2]) in ran.stderr


def test_another_environment(tmp_path: Path) -> None:
    """Another virtual environment, without asyncplot in it, plots with its own packages."""
    environment = tmp_path / "environment"
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(environment)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert made.returncode == 0, made.stderr
    python = environment / "bin" / "python"
    site = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    # Instead of an installation, which takes a minute: its packages are those of this environment.
    (Path(site) / "packages.pth").write_text(str(Path(np.__file__).parents[1]))
    (Path(site) / "only_there.py").write_text("word = 'there'")
    with asyncplot.Server(Echo, [str(python), "-c"], backend="offscreen") as plot:
        assert plot.update("drawn").value == "drawn"
        assert plot.plotter.runs_in() == (str(python), str(environment))
        assert plot.plotter.word_of("only_there") == "there"


def test_an_environment_without_rpyc_draws() -> None:
    """A viewer whose Python has no rpyc shows frames; only the live plotter cannot be reached, and says why."""
    code = "import sys; sys.modules['rpyc'] = None; exec(sys.argv[1])"
    with asyncplot.Server(Echo, [sys.executable, "-c", code], backend="offscreen") as plot:
        assert plot.ready(20)
        assert plot.update("drawn").value == "drawn"
        assert not plot.plotter
        assert "rpyc" in repr(plot.plotter)


def test_an_environment_without_matplotlib_is_a_clear_error() -> None:
    """A viewer whose Python lacks matplotlib says what is missing."""
    code = "import sys; sys.modules['matplotlib'] = None; exec(sys.argv[1])"
    with asyncplot.Server(Echo, [sys.executable, "-c", code], backend="offscreen") as plot:
        assert not plot.ready(20)
        with pytest.raises(ViewerError, match="matplotlib"):
            plot.check()


# --- commands that cannot work -----------------------------------------------------------------------


def problem(cmd: list[str]) -> str:
    """What `check` raises for a command; the computation goes on all the while."""
    with asyncplot.Server(Echo, cmd, backend="offscreen") as plot:
        wait_until(lambda: not plot.is_alive, 20)
        assert plot.update(1).state in {"lost", "superseded"}
        assert not plot.flush(1)
        with pytest.raises(ViewerGone) as caught:
            plot.check()
        assert plot.viewers[0].phase == "ended"
    return str(caught.value)


def test_a_command_that_does_not_exist(caplog: pytest.LogCaptureFixture) -> None:
    """The error names the command; it is logged once, and `required` raises it."""
    told = problem(["/no/such/python", "-c"])
    assert "/no/such/python -c" in told
    assert "No such file" in told
    assert len([record for record in caplog.records if "/no/such/python" in record.getMessage()]) == 1
    with pytest.raises(ViewerGone, match="/no/such/python"):
        asyncplot.Server(Echo, ["/no/such/python", "-c"], required=True)


def test_a_command_that_fails() -> None:
    """The error has the command, the exit code and the end of the output."""
    told = problem(["sh", "-c", "echo beginning; echo the end >&2; exit 3; :"])
    assert "exited with code 3" in told
    assert "the end" in told
    assert "sh -c" in told


def test_a_command_that_ignores_the_code() -> None:
    """A command that ends well without having run the code is an error that says so."""
    told = problem(["echo", "hello"])
    assert "exited with code 0" in told
    assert "never reached" in told
    assert "hello" in told


def test_a_command_that_is_killed() -> None:
    """The error names the signal."""
    assert "SIGKILL" in problem([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])


@pytest.mark.parametrize("cmd", ["ipython --pylab -c", [], ["python", 3], [None]])
def test_a_command_that_is_no_list_of_words(cmd: object) -> None:
    """It is refused where it is given."""
    with pytest.raises(ConfigurationError, match="cmd="):
        asyncplot.Server(Echo, cmd)  # type: ignore[arg-type]


# --- plotters from anywhere --------------------------------------------------------------------------


CLASS = """
import math
FACTOR = 2
def helper(value): return FACTOR * value
class Doubler:
    def update(self, value): return helper(value) + int(math.floor(0.5))
"""


@pytest.mark.parametrize(
    ("code", "plotter"),
    [
        (CLASS, "Doubler"),
        (CLASS, "Doubler()"),
        (CLASS, "lambda: Doubler()"),
        (CLASS + "def make():\n    return Doubler()\n", "make"),
        (CLASS + "import functools\n", "functools.partial(Doubler)"),
        (
            CLASS + "def closure(factor):\n class Plotter(Doubler):\n  pass\n return Plotter\n",
            "closure(2)",
        ),
        (f"names = {{'__name__': '__main__'}}\nexec({CLASS!r}, names)\n", "names['Doubler']"),
        ("import package.inner\n", "package.inner.Doubler"),
    ],
    ids=["class", "instance", "lambda", "factory", "partial", "closure", "exec", "package"],
)
def test_a_plotter_of_a_script(tmp_path: Path, code: str, plotter: str) -> None:
    """A class, an instance, a factory or a closure of the script, or of a package beside it, works."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "inner.py").write_text(CLASS)
    ran = run_script(tmp_path, code + SHOW.replace("PLOTTER", plotter))
    assert said(ran).startswith("[40,"), ran.stderr


@pytest.mark.parametrize("how", ["-c", "stdin", "-m"])
def test_a_plotter_of_code_without_a_file(tmp_path: Path, how: str) -> None:
    """From ``python -c``, from stdin and from ``python -m`` as well."""
    code = CLASS + SHOW.replace("PLOTTER", "Doubler")
    (tmp_path / "as_module.py").write_text(code)
    words = {"-c": ["-c", code], "stdin": ["-"], "-m": ["-m", "as_module"]}[how]
    ran = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)},
        cwd=tmp_path,
        input=code if how == "stdin" else "",
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert said(ran).startswith("[40,"), ran.stderr


def test_a_plotter_of_ipython(tmp_path: Path) -> None:
    """From an IPython session as well, whose ``__main__`` is not a file."""
    pytest.importorskip("IPython")
    ran = subprocess.run(
        [*IPYTHON, "-c", CLASS + SHOW.replace("PLOTTER", "Doubler").replace("sys.argv[1]", "'null'")],
        env={**os.environ, "PYTHONPATH": str(PACKAGE_PARENT), "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert "[40," in said(ran)


def test_a_plotter_that_cannot_be_sent_is_an_error_at_once() -> None:
    """A plotter that holds a lock, or the like, is refused with its name and the reason."""

    class Holder(Echo):
        lock = threading.Lock()

    with pytest.raises(ShippingError, match=r"Holder.*lock"):
        asyncplot.Server(Holder, backend="offscreen")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("def __init__(self): raise OSError('no data here')\n    def update(self): pass", "no data here"),
        ("def redraw(self): pass", "has no method update"),
        ("def __init__(self, needed): pass\n    def update(self): pass", "needed"),
    ],
)
def test_a_plotter_that_cannot_be_made(body: str, told: str) -> None:
    """A constructor that raises, and a class without `update`, are told by `check`; the run goes on."""
    names: dict[str, type] = {}
    exec(f"class Plotter:\n    {body}", names)
    with asyncplot.Server(names["Plotter"], backend="offscreen") as plot:
        assert not plot.ready(20)
        with pytest.raises(ViewerError, match=told):
            plot.check()
        assert plot.update(1).state == "lost"
