"""The processes of a run, found in the process table; and computations in their own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

import asyncplot
from asyncplot.rundir import is_held
from conditions import wait_until

PACKAGE_PARENT = Path(asyncplot.__file__).parents[1]


def command_lines() -> Iterator[tuple[int, str]]:
    """Each process and its command line. psutil takes ten times as long, too long for a kill at a random time."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                line = Path(f"/proc/{entry}/cmdline").read_bytes()
            except OSError:
                continue  # it has ended meanwhile
            yield int(entry), line.replace(b"\0", b" ").decode(errors="replace")


def viewer_pids(directory: Path, number: int | None = None) -> list[int]:
    """The viewers of a run, from the moment of their start; or only the one with this number."""
    told = f"main('{directory}',{'' if number is None else f'{number})'}"
    return [pid for pid, line in command_lines() if told in line]


def viewer_pid(directory: Path) -> int:
    """The one viewer of a run. Waits until it is there."""
    return wait_until(lambda: viewer_pids(directory), what="a viewer process")[0]


def named_pids(word: str | Path) -> list[int]:
    """The processes whose command line has this word. The processes of a run have its directory there."""
    return [pid for pid, line in command_lines() if str(word) in line and pid != os.getpid()]


def wait_until_nobody_uses(directory: Path) -> None:
    """Wait until no process of the run holds its locks: a moment after their command lines have gone."""
    users = [directory, directory / "supervisor", *directory.glob("viewer-*")]
    wait_until(lambda: not named_pids(directory) and not any(is_held(user) for user in users), 5.0)


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped."""
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


def computation_environment(**changes: str) -> dict[str, str]:
    """The environment of a computation that finds asyncplot, and whose libraries start no threads."""
    paths = [str(PACKAGE_PARENT), str(Path(__file__).parent)]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths), **changes}


@contextmanager
def computation(folder: Path, code: str, *words: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a script as a user does. If it has not ended at the end of the context, it is killed."""
    script = folder / "script.py"
    script.write_text(code)
    process = subprocess.Popen(
        [sys.executable, str(script), *words],
        env=computation_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run_computation(folder: Path, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end. Returns its output and its exit code."""
    with computation(folder, code, *words) as process:
        out, err = process.communicate(timeout=50)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)
