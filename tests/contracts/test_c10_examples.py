"""Every example of the docs runs to its end if nothing is shown, and if its viewer ends."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import asyncplot
from asyncplot.join import close_viewers
from asyncplot.rundir import read_json
from conditions import wait_until
from run_processes import viewer_pids

ROOT = Path(asyncplot.__file__).parents[1]
EXAMPLES = sorted((ROOT / "docs" / "examples").rglob("*.py"))
PAGES = sorted(page for page in (ROOT / "docs").glob("*.rst") if ">>> " in page.read_text())

#: The loop of an example. It is made short, because the code after it is what may raise.
LOOP = re.compile(r"in range\((10\*\*\d|[\d_]{3,})\)")

#: Environments in which the script shows nothing.
NOTHING_SHOWN = {"off": {"ASYNCPLOT": "off"}, "rank 1": {"OMPI_COMM_WORLD_RANK": "1"}}


def script_of(name: str, folder: Path) -> Path:
    """The example of this name, as a script with a short loop."""
    text = program_of_readme() if name == "README" else (ROOT / name).read_text()
    short, loops = LOOP.subn("in range(30)", text)
    assert loops == 1, "one loop"
    script = folder / Path(name).with_suffix(".py").name
    script.write_text(short)
    return script


def program_of_readme() -> str:
    """The first program of README."""
    blocks = re.finditer(r"\.\. code-block:: python\n\n((?: {4}.*\n|\n)+)", (ROOT / "README.rst").read_text())
    block = next(
        block for block in blocks if "import asyncplot" in block.group(1) or ", asyncplot" in block.group(1)
    )
    return "".join(line[4:] or "\n" for line in block.group(1).splitlines(keepends=True))


@contextlib.contextmanager
def running(
    script: Path, folder: Path, environment: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], str]]]:
    """A script in its own process, and what it writes to stderr."""
    (folder / "cache").mkdir(exist_ok=True)
    said = folder / "errors"
    with open(said, "w") as errors:
        process = subprocess.Popen(
            [sys.executable, script],
            stderr=errors,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
    try:
        yield process, said.read_text
    finally:
        process.kill()
        process.wait()


each_script = pytest.mark.parametrize("name", ["README", *(str(path.relative_to(ROOT)) for path in EXAMPLES)])


@each_script
@pytest.mark.parametrize("state", NOTHING_SHOWN)
def test_an_example_runs_to_its_end_where_nothing_is_shown(name: str, state: str, tmp_path: Path) -> None:
    """Switched off, or on another rank: exit code 0, and no output on stderr."""
    with running(script_of(name, tmp_path), tmp_path, NOTHING_SHOWN[state]) as (process, said):
        assert process.wait(40) == 0, said()
        assert said() == ""


@each_script
@pytest.mark.parametrize("end", ["closed", "killed"])
def test_an_example_runs_to_its_end_without_its_viewer(
    name: str, end: str, display: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user closes its window, or its viewer is killed, at a random time: exit code 0, no traceback."""
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        print(f"[seed {seed}]", end=" ")
    qt = "qt" in name or "scope" in name
    environment = {} if qt else {"ASYNCPLOT_BACKEND": "offscreen"}
    with running(script_of(name, tmp_path), tmp_path, environment) as (process, said):
        wait_until(lambda: process.poll() is not None or asyncplot.runs(), 20)
        instant = time.monotonic() + random.Random(seed).uniform(0.0, 2.0)
        wait_until(lambda: process.poll() is not None or time.monotonic() > instant)
        wait_until(lambda: process.poll() is not None or end_of_viewers(end), 20)
        assert process.wait(40) == 0, said()
        assert "Traceback" not in said(), said()


def end_of_viewers(end: str) -> bool:
    """End the viewers of the run that are ready. Returns whether there was one."""
    ended = 0
    for run in asyncplot.runs():
        if end == "closed":
            states = [read_json(folder / "state.json") or {} for folder in run.directory.glob("viewer-*")]
            if any(
                state.get("phase") == "ready" for state in states
            ):  # before that, there is no window to close
                ended += close_viewers(run)
            continue
        for pid in viewer_pids(run.directory):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                ended += 1
    return ended > 0


#: These examples need something that does not exist if nothing is shown: a written picture, or a run to join.
NEEDS_A_VIEWER = (FileNotFoundError, asyncplot.RunNotFound, asyncplot.ViewerGone)


@pytest.mark.parametrize("state", NOTHING_SHOWN)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_in_a_page_raise_nothing_where_nothing_is_shown(
    page: Path, state: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each prompt of a page runs, switched off or on another rank. Its output may differ from the page."""
    for variable, value in {"ASYNCPLOT_BACKEND": "offscreen", **NOTHING_SHOWN[state]}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)
    import numpy as np

    names = {"asyncplot": asyncplot, "np": np, "__name__": "__main__"}
    for example in doctest.DocTestParser().get_examples(page.read_text()):
        if example.exc_msg is not None or example.options.get(doctest.SKIP):
            continue
        with contextlib.suppress(*NEEDS_A_VIEWER), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(example.source, page.name, "single"), names)
