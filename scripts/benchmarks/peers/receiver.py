"""The receiver for peers that have no viewer: a process that draws each array as a line, with Agg."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np

from ..plotters import Line


class Drawing(Line):
    """Draws at once, without a window."""

    def __init__(self) -> None:
        import matplotlib as mpl

        mpl.use("agg")
        super().__init__()

    def update(self, array: Any) -> None:
        """Show an array, and draw."""
        super().update(np.asarray(array))
        self.figure.canvas.draw()


def start(module: str, *words: str) -> subprocess.Popen[str]:
    """Run a module of the peers as the receiver. Returns when it has written its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.peers.{module}", *words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError(f"the receiver of {module} ended before it was ready: exit code {process.wait()}")
    return process
