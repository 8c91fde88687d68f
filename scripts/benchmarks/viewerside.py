"""What the viewer's side adds: the first frame, the latency, and viewers that are stopped or killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from time import perf_counter
from typing import Any

import numpy as np

import asyncplot

from .loops import python
from .plotters import Arrival, Line, SteadyLine
from .progress import counted, said
from .segments import QUICK, TRIPLES, median, slowdown

#: The same picture in an interpreter without asyncplot. It prints a line when it has drawn.
_BARE = """
import matplotlib, numpy, sys
matplotlib.use(sys.argv[1])
from matplotlib import pyplot as plt
figure, axes = plt.subplots()
line, = axes.plot(numpy.zeros(1000))
axes.set_ylim(-2.0, 2.0)
line.set_data(numpy.arange(1000), numpy.zeros(1000))
if sys.argv[1] != "agg":
    figure.canvas.manager.window.show()
figure.canvas.draw()
if sys.argv[1] != "agg":
    figure.canvas.repaint()
print("drawn", flush=True)
"""


def first_frame(backend: str, *, quick: bool) -> dict[str, float]:
    """The time from `Server` to the first drawn frame, over that of a bare interpreter; `Server` alone."""
    matplotlib_backend = {"qt": "qtagg", "offscreen": "agg"}[backend]
    data = np.zeros(1000)
    bare, ours, returns = [], [], []
    rounds = 2 if quick else 11
    for _ in counted("first frame", range(rounds), rounds):
        start = perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", _BARE, matplotlib_backend], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            if process.stdout.readline() != b"drawn\n":
                raise RuntimeError(f"a bare interpreter drew nothing with {matplotlib_backend}; see above")
            bare.append(perf_counter() - start)
        start = perf_counter()
        with asyncplot.Server(Line, backend=backend) as plot:
            returns.append(perf_counter() - start)
            pending = plot.update(data)
            while not pending.ready:
                time.sleep(0.001)
            ours.append(perf_counter() - start)
            plot.check()
    return {
        "first_frame_ratio": sum(ours) / sum(bare),
        "first_frame_ms": median(ours) * 1e3,
        "bare_first_frame_ms": median(bare) * 1e3,
        "server_returns_ms": median(returns) * 1e3,
    }


def latency(backend: str, *, quick: bool) -> dict[str, dict[str, float]]:
    """From ``update`` to the start of the plotter's ``update``, ms, at 10 calls a second."""
    rounds = 20 if quick else 150
    with asyncplot.Server(Arrival, backend=backend, required=True) as plot:
        said(f"latency: {rounds} rounds")
        p50, p95 = np.percentile(arrivals(plot, rounds), [50.0, 95.0]) * 1e3
    return {"latency_ms": {"p50": float(p50), "p95": float(p95)}}


def arrivals(plot: asyncplot.Server, rounds: int) -> list[float]:
    """How long single frames are under way to an `Arrival`, s; 10 calls a second.

    The calls come at random times, so that they are not in step with the viewer's ticks.
    """
    data = np.zeros(1000)
    jitter = random.Random(1)
    arrive = plot.lane("arrive")
    arrive(data, time.monotonic())
    plot.flush()
    seconds = []
    for _ in range(rounds):
        due = perf_counter() + 0.08 + 0.04 * jitter.random()
        while perf_counter() < due:  # a busy computation: after a sleep its caches would be cold
            pass
        pending = arrive(data, time.monotonic())
        seconds.append(pending.value)
    return seconds


def without_viewer(backend: str, which: str, *, quick: bool) -> dict[str, Any]:
    """How much slower the loop ``python`` is while the viewer is stopped or killed, percent."""
    loop = python()
    with asyncplot.Server(SteadyLine, backend=backend, required=True) as plot:
        plot.update(loop.data)
        plot.flush()
        viewer = plot.viewers[0].pid
        os.kill(viewer, signal.SIGSTOP if which == "stopped" else signal.SIGKILL)
        while which == "killed" and plot.is_alive:
            time.sleep(0.01)
        # If no viewer asks, a frame is taken once a second. So no segment is as long as two of these periods.
        found = slowdown(f"python, viewer {which}", loop, plot, QUICK if quick else TRIPLES, 0.06)
        if which == "stopped":
            os.kill(viewer, signal.SIGCONT)
    return {
        f"slowdown_{which}_percent": found.percent,
        f"slowdown_{which}_ci_percent": list(found.interval),
    }
