"""However Python was started, and whatever the paths are: the viewer starts, draws, and leaves nothing."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

import asyncplot
from conditions import wait_until
from run_processes import computation_environment, named_pids

#: The folders of asyncplot and its dependencies, for interpreters that do not find them by themselves.
PLACES = [str(Path(module.__file__).parents[1]) for module in (asyncplot, numpy) if module.__file__]

#: A script whose plotter reports the path of its numpy. The options of the server are the script's arguments.
SCRIPT = """
import sys
sys.path += {places!r}
import asyncplot
class Plotter:
    def __init__(self):
        from matplotlib import pyplot
        self.figure = pyplot.figure()
    def update(self, value):
        import numpy
        return [value, numpy.__file__, "site" in sys.modules]
if __name__ == "__main__":
    options = eval(sys.argv[1]) if sys.argv[1:] else {{}}
    with asyncplot.Server(Plotter, backend="offscreen", **options) as plot:
        try:
            print("said", plot.update(41).value[0], flush=True)
        except asyncplot.AsyncplotError as error:
            print("told", error, flush=True)
"""


def run(
    runtime_dir: Path,
    folder: Path,
    *options: str,
    name: str = "script.py",
    words: tuple[str, ...] = (),
    **changes: str,
) -> subprocess.CompletedProcess[str]:
    """Run the script in a folder, with this Python and these options, and wait until its processes have ended."""
    script = folder / name
    script.write_text(SCRIPT.format(places=PLACES))
    environment = computation_environment(**changes)
    ran = subprocess.run(
        [sys.executable, *options, str(script), *words],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    wait_until(lambda: not named_pids(runtime_dir), 5)
    return ran


@pytest.mark.parametrize(
    "options",
    ["-O", "-OO", "-I", "-E", "-s", "-P", "-S", "-X importtime", "-X utf8", "-W error", "-X dev", "-b -bb"],
)
def test_options(tmp_path: Path, runtime_dir: Path, options: str) -> None:
    """If the interpreter has options, the viewer works as without them."""
    ran = run(runtime_dir, tmp_path, *options.split())
    assert ran.stdout == "said 41\n", ran.stderr
    assert ran.returncode == 0


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONOPTIMIZE": "2", "PYTHONDONTWRITEBYTECODE": "1"},
        {"PYTHONINSPECT": "", "PYTHONSTARTUP": "/nowhere", "PYTHONUNBUFFERED": "1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_variables(tmp_path: Path, runtime_dir: Path, variables: dict[str, str]) -> None:
    """Python's own variables, set for the computation, do not keep the viewer from starting."""
    ran = run(runtime_dir, tmp_path, **variables)
    assert ran.stdout == "said 41\n", ran.stderr


@pytest.mark.parametrize("flags", ["-S", ""])
def test_packages_on_a_path_that_the_script_set(tmp_path: Path, runtime_dir: Path, flags: str) -> None:
    """A viewer whose Python has no numpy finds it on the path that the script set. So does any other viewer."""
    command = str([sys.executable, flags, "-c"] if flags else [sys.executable, "-c"])
    ran = run(runtime_dir, tmp_path, "-S", words=(f"dict(cmd={command})",), PYTHONPATH="")
    assert ran.stdout == "said 41\n", ran.stderr


def test_the_order_of_the_path_is_that_of_the_script(tmp_path: Path, runtime_dir: Path) -> None:
    """If the script puts a folder first on its path, the viewer imports the module from that folder, too."""
    for folder in ("mine", "theirs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shared_name.py").write_text(f"where = {folder!r}\n")
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys\nsys.path += {PLACES!r}\nsys.path.insert(0, {str(tmp_path / 'mine')!r})\n"
        "import asyncplot\n"
        "class Plotter:\n"
        "    def update(self):\n"
        "        import shared_name\n"
        "        return shared_name.where\n"
        "with asyncplot.Server(Plotter, backend='offscreen') as plot:\n"
        "    print(plot.update().value)\n"
    )
    environment = computation_environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "theirs"), environment["PYTHONPATH"]])
    ran = subprocess.run(
        [sys.executable, str(script)],
        env=environment, cwd=tmp_path / "theirs", capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert ran.stdout == "mine\n", ran.stderr


@pytest.mark.parametrize("told", ["", "cmd"])
def test_a_frozen_application(tmp_path: Path, runtime_dir: Path, told: str) -> None:
    """Its executable is no Python: with `cmd` it plots; without, it goes on without a plot, and tells what to do."""
    application = tmp_path / "application"
    application.write_text("#!/bin/sh\necho 'the application, once more' >&2\n")
    application.chmod(0o755)
    script = tmp_path / "script.py"
    frozen = f"import sys\npython, sys.executable, sys.frozen = sys.executable, {str(application)!r}, True\n"
    code = SCRIPT.format(places=PLACES).replace("**options", "cmd=[python, '-c']" if told else "")
    script.write_text(frozen + code)
    ran = subprocess.run(
        [sys.executable, str(script)],
        env=computation_environment(), capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert ran.returncode == 0
    assert "once more" not in ran.stderr
    if told:
        assert ran.stdout == "said 41\n", ran.stderr
        return
    assert "told" in ran.stdout
    assert ran.stderr.count("\n") == 1
    assert "this is a frozen application" in ran.stderr
    assert "cmd=['python3', '-c']" in ran.stderr


@pytest.mark.parametrize(
    "word",
    [
        "NUMBER_THEORY",
        "a b",
        "Größe µ 图",
        'it\'s "so" `x` $HOME',
        "100 %s {frame} {0}",
        "two\nlines",
        "a=b;#&|",
    ],
)
def test_words_in_paths(tmp_path: Path, runtime_dir: Path, word: str) -> None:
    """Script, current folder, run directory, command and picture may have any name."""
    folder = tmp_path / word
    folder.mkdir()
    runs = runtime_dir / word
    python = folder / f"python {word}"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    picture = folder / f"{word}.png"
    save = str(picture).replace("{", "{{").replace("}", "}}")
    options = repr({"cmd": [str(python), "-c"], "save": save})
    ran = run(runtime_dir, folder, name=f"{word}.py", words=(options,), ASYNCPLOT_RUNTIME_DIR=str(runs))
    assert ran.stdout == "said 41\n", ran.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert list(runs.iterdir()) == []
    runs.rmdir()


def test_a_python_with_such_a_word_in_its_path(tmp_path: Path, runtime_dir: Path) -> None:
    """The computation's own interpreter, which starts the supervisor, may have any name."""
    python = tmp_path / "a=b 'c' python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    script = tmp_path / "NUMBER.py"
    script.write_text(f"import sys\nsys.executable = {str(python)!r}\n" + SCRIPT.format(places=PLACES))
    ran = subprocess.run(
        [sys.executable, str(script)],
        env=computation_environment(), capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert ran.stdout == "said 41\n", ran.stderr
