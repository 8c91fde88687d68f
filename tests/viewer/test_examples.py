"""The examples of the documentation, run as a user would run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import asyncplot
from conditions import wait_until

EXAMPLES = Path(asyncplot.__file__).parents[1] / "docs" / "examples"
SCRIPTS = sorted(EXAMPLES.rglob("*.py"))


@pytest.mark.timeout(120)  # some end by themselves, after a while
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_an_example_shows_something(script: Path, display: str, tmp_path: Path) -> None:
    """It draws frames without a word of complaint, and ends by itself or by Ctrl-C."""
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parents[1]), "MPLCONFIGDIR": str(tmp_path)}
    if script.name != "scope.py":  # a window of pyqtgraph's
        environment["ASYNCPLOT_BACKEND"] = "offscreen"
    with open(tmp_path / "errors", "w+") as errors:
        process = subprocess.Popen([sys.executable, script], stderr=errors, env=environment, cwd=tmp_path)
        try:
            wait_until(
                lambda: process.poll() is not None or any(run.stats.drawn > 2 for run in asyncplot.runs()), 60
            )
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            code = process.wait(30)
        finally:
            process.kill()
            process.wait()
        errors.seek(0)
        said = errors.read()
    assert code in {0, -signal.SIGINT}, said
    # A computation whose viewer dies goes on, and ends with code 0: its words tell.
    assert "without a plot" not in said, said
    if code:
        assert said.rstrip().endswith("KeyboardInterrupt"), said
    else:
        assert "Error" not in said, said
