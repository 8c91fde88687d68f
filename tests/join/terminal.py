"""The command line as its user has it: `asyncplot` in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncplot
from conditions import wait_until

COMMAND = [sys.executable, "-m", "asyncplot"]

#: A computation that calls until its stdin ends, each iteration a line of numbers; its plotter is ours.
_COMPUTATION = """
import sys, threading, time, asyncplot
from join_plotters import Trace
if __name__ == "__main__":
    plot = asyncplot.Server(Trace, name="gpe", viewer=None)
    print("computing", flush=True)
    goes_on = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), goes_on.set()), daemon=True).start()
    number = 0
    while not goes_on.wait(0.001):
        number += 1
        plot.update(number)
    plot.close()
"""


def environment() -> dict[str, str]:
    """With asyncplot, and the plotters of these tests."""
    paths = [str(Path(asyncplot.__file__).parents[1]), str(Path(__file__).parent)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def listed() -> dict[str, Any]:
    """What `asyncplot list --json` says, by name."""
    return {one["name"]: one for one in json.loads(run("list", "--json").stdout)}


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Start a verb; it is killed at the end if it has not ended."""
    process = subprocess.Popen(
        [*COMMAND, *words],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def computation(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A computation called ``gpe``, without a viewer; it ends when this does."""
    script = folder / "script.py"
    script.write_text(_COMPUTATION)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "computing\n"
            yield process
            if process.poll() is None:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(20)
        finally:
            process.kill()


def wait_for_viewers(directory: Path, count: int) -> list[dict[str, Any]]:
    """Until so many viewers of a run have shown a frame; returns their states."""

    def ready() -> list[dict[str, Any]]:
        states = []
        for path in directory.glob("viewer-*/state.json"):
            try:
                states.append(json.loads(path.read_text()))
            except (OSError, ValueError):
                continue
        return [state for state in states if state.get("phase") == "ready"]

    wait_until(lambda: len(ready()) >= count, 40, what=f"{count} viewers that are ready")
    return ready()
