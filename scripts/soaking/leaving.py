"""A program that ends in some way while its viewer lives: ``python -m soaking.leaving HOW``.

In: how it ends. Out: its exit code and what it writes to stderr, which are to be the same with plots and without them.
"""

from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np

import asyncplot

from .hostile import PLOTTERS


def main(how: str) -> None:
    """Compute for a moment, and end."""
    plot_class = asyncplot.Server  # what it imports is there before the first Ctrl-C
    print("begun", flush=True)
    plot = plot_class(PLOTTERS["ordinary"], backend="offscreen")
    array = np.zeros(10_000)
    plot.update(0, array)
    if how.endswith("with a viewer"):
        plot.flush(20)
    print("calling", flush=True)
    until = time.monotonic() + (60 if how.startswith("Ctrl-C") or how == "SIGTERM" else 0.2)
    while time.monotonic() < until:
        plot.update(1, array)
    end(how)


def end(how: str) -> None:
    """End this program."""
    if how.startswith("sys.exit"):
        sys.exit(3)
    if how.startswith("exception"):
        raise ValueError("mine")
    if how.startswith("os._exit"):
        os._exit(4)
    if how.startswith("SIGABRT"):
        os.kill(os.getpid(), signal.SIGABRT)


if __name__ == "__main__":
    main(sys.argv[1])
