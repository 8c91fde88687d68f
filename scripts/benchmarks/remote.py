"""``bench remote``: how much a relay carries, and what viewers cost. In: the backend. Out: figures.

The other host is this one, behind a real sshd on loopback. So the link is as fast as ssh's encryption, and
both ends share the cores. The raw throughput is that of ``ssh far 'cat > /dev/null'`` in the same run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any

import numpy as np

import asyncplot
from asyncplot.join import JoinedViewer, find

from .budgets import Budgets, Figures
from .calls import superseded_by, taken_unasked
from .plotters import Arrival, Counting
from .progress import counted, said
from .segments import median
from .sshd import sshd
from .viewerside import arrivals

SIZES = {"8kB": 8_000, "0.8MB": 800_000, "8MB": 8_000_000}

#: Key -> limit. A limit may depend on other figures of the run. None: the figure is shown without a limit.
BUDGETS: Budgets = {
    "raw_MB_per_s": None,
    **{f"relay/{size}/frames_per_s": None for size in SIZES},
    **{f"relay/{size}/MB_per_s": None for size in SIZES},
    "frame_ms_8kB": 1000.0 / 60.0,
    "raw_over_relay_8MB": 1.0 / 0.6,
    **{
        f"readers/{who}/{key}": None
        for who in ("none", "one", "eight", "dead_link")
        for key in ("superseded_us", "taken_us")
    },
    "superseded_spread_percent": 10.0,
    "taken_spread_percent": 10.0,
    "latency_added_ms": None,
    "received_us": 0.3,
}

KEYS = ("relay", "readers", "latency_added_ms", "received_us")

_PYTHON = [sys.executable, "-c"]


def measure(_: str, only: set[str], *, quick: bool) -> Figures:
    """Measure these keys; all, if none is named."""
    figures: Figures = {}
    measurements = {
        "relay": _relay,
        "readers": _readers,
        "latency_added_ms": _latency,
        "received_us": _received,
    }
    with sshd() as host:
        for key, measurement in measurements.items():
            if not only or key in only:
                figures |= measurement(host, quick=quick)
    return figures


def _relay(host: str, *, quick: bool) -> Figures:
    """Frames and bytes per second, alternating with the raw throughput of the link."""
    rounds, seconds = (1, 1.0) if quick else (5, 3.0)
    raw: list[float] = []
    frames: dict[str, list[float]] = {size: [] for size in SIZES}
    for _ in counted("relay", range(rounds), rounds):
        raw.append(_raw(host, 2.0 * seconds))
        for size, nbytes in SIZES.items():
            frames[size].append(_frames_per_s(host, nbytes, seconds))
    figures: Figures = {
        "raw_MB_per_s": median(raw),
        "relay": {
            size: {
                "frames_per_s": median(frames[size]),
                "MB_per_s": median(frames[size]) * SIZES[size] * 1e-6,
            }
            for size in SIZES
        },
    }
    figures["frame_ms_8kB"] = 1000.0 / figures["relay"]["8kB"]["frames_per_s"]
    figures["raw_over_relay_8MB"] = figures["raw_MB_per_s"] / figures["relay"]["8MB"]["MB_per_s"]
    return figures


def _raw(host: str, seconds: float) -> float:
    """The throughput of ssh itself, MB/s, until the last byte has arrived."""
    chunk = memoryview(np.random.default_rng(1).bytes(1 << 20))
    process = subprocess.Popen(["ssh", "--", host, "cat > /dev/null"], stdin=subprocess.PIPE)
    assert process.stdin is not None  # because of stdin=PIPE
    process.stdin.write(chunk)
    process.stdin.flush()
    written, start = 0, perf_counter()
    while perf_counter() - start < seconds:
        written += process.stdin.write(chunk)
    process.stdin.close()
    process.wait()
    return written * 1e-6 / (perf_counter() - start)


def _frames_per_s(host: str, nbytes: int, seconds: float) -> float:
    """Frames per second that reach a plotter on the other host, which draws nothing."""
    data = np.random.default_rng(1).normal(size=nbytes // 8)
    with asyncplot.Server(
        Counting, _PYTHON, host=host, backend="offscreen", max_overhead=1.0, required=True
    ) as plot:
        _call(plot, data, 1.0)
        before, start = plot.stats.drawn, perf_counter()
        _call(plot, data, seconds)
        return (plot.stats.drawn - before) / (perf_counter() - start)


def _call(plot: asyncplot.Server, data: Any, seconds: float) -> None:
    end = perf_counter() + seconds
    while perf_counter() < end:
        plot.update(data)
        time.sleep(0.001)  # stands for a computation on another host: here both ends share the cores


def _readers(host: str, *, quick: bool) -> Figures:
    """What a call costs without a viewer, with one, with eight, and with one whose link is dead."""
    rounds = 4 if quick else 40
    data = np.zeros(1000)
    ways = {
        "none": _looked_at_by(0),
        "one": _looked_at_by(1),
        "eight": _looked_at_by(8),
        "dead_link": _cut_off(host),
    }
    found: dict[str, dict[str, list[float]]] = {who: {"superseded_us": [], "taken_us": []} for who in ways}
    with ExitStack() as stack:
        plots = {who: stack.enter_context(way) for who, way in ways.items()}
        for _ in counted("readers", range(rounds), rounds):
            for who, plot in plots.items():
                found[who]["superseded_us"].append(superseded_by(plot.update, data) * 1e6)
                found[who]["taken_us"].append(taken_unasked(plot, data) * 1e6)
    medians = {who: {key: median(values) for key, values in one.items()} for who, one in found.items()}

    def spread(key: str) -> float:
        values = [one[key] for one in medians.values()]
        return 100.0 * (max(values) / min(values) - 1.0)

    return {
        "readers": medians,
        "superseded_spread_percent": spread("superseded_us"),
        "taken_spread_percent": spread("taken_us"),
    }


@contextmanager
def _looked_at_by(viewers: int) -> Iterator[asyncplot.Server]:
    with ExitStack() as stack:
        plot = stack.enter_context(
            asyncplot.Server(Counting, backend="offscreen", viewer=None, max_overhead=1.0)
        )
        joined = [JoinedViewer(find(plot.name), backend="offscreen") for _ in range(viewers)]
        for viewer in joined:
            stack.callback(viewer.close)
            viewer.ready(60.0)
        yield plot


@contextmanager
def _cut_off(host: str) -> Iterator[asyncplot.Server]:
    """The far viewer and all between are stopped: nobody reads from the link any more."""
    with asyncplot.Server(
        Counting, _PYTHON, host=host, backend="offscreen", max_overhead=1.0, required=True
    ) as plot:
        plot.update(np.zeros(1000))
        plot.flush()
        relay = plot.viewers[0].pid
        os.kill(relay, signal.SIGSTOP)
        try:
            yield plot
        finally:
            os.kill(relay, signal.SIGCONT)


def _latency(host: str, *, quick: bool) -> Figures:
    """From ``update`` to the start of the plotter's ``update``, there and here; the difference, ms."""
    rounds = 2 if quick else 10
    here: list[float] = []
    there: list[float] = []
    with (
        asyncplot.Server(Arrival, backend="offscreen", required=True) as near,
        asyncplot.Server(Arrival, _PYTHON, host=host, backend="offscreen", required=True) as far,
    ):
        for _ in counted("latency", range(rounds), rounds):
            here += arrivals(near, 10)
            there += arrivals(far, 10)
    said(f"latency: {median(here) * 1e3:.2f} ms here, {median(there) * 1e3:.2f} ms on the other host")
    return {"latency_added_ms": (median(there) - median(here)) * 1e3}


def _received(_: str, *, quick: bool) -> Figures:
    """One read of ``received`` when nothing new has come, minus the empty loop, us."""
    rounds = 20 if quick else 200
    with asyncplot.Server(Counting, backend="offscreen", required=True) as plot:
        seconds = [superseded_by(lambda name: plot.received.get(name, 1.0), "trap") for _ in range(rounds)]
        wrapped = [superseded_by(lambda name: name, "trap") for _ in range(rounds)]
    return {"received_us": (median(seconds) - median(wrapped)) * 1e6}
