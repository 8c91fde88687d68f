"""The two plots that a browser shows: asyncplot's, and matplotlib's WebAgg. Each can be held up, so that they take turns.

In: the name of a case. Out: an address, and a plot that moves only while it is told to.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncplot

from ..draw_live import Plain
from ..segments import median
from .stock import PERIOD_MS


class Watched(Plain):
    """The plotter of a case. It also tells what the viewer has encoded."""

    def encodings(self) -> int:
        """How many boxes the viewer has encoded until now."""
        from asyncplot.viewer.web.encoder import Encoder

        return sum(each.count for each in gc.get_objects() if isinstance(each, Encoder))


class Bar(Watched):
    """The same with a red bar, which moves with the mouse when the axes are panned."""

    def update(self, values: Any) -> None:
        """Show the values."""
        is_first = not self._artists
        super().update(values)
        if is_first:
            self._artists[0].axes.axvline(0.3, color=(1.0, 0.0, 0.0), linewidth=6.0, zorder=9.0)

    def draw_ms(self) -> float:
        """What it takes to draw all of the figure, as panning does; the median, ms."""
        canvas = self._artists[0].figure.canvas
        seconds = []
        for _ in range(10):
            start = time.perf_counter()
            canvas.draw()
            seconds.append(time.perf_counter() - start)
        return 1e3 * median(seconds)


class Ours:
    """A computation that calls ``update`` from its own thread, while it is told to.

    Attributes
    ----------
    plot : Server
        Its plot.
    called_at : list of float
        When ``update`` was called, unix seconds.
    """

    def __init__(self, plot: asyncplot.Server, frames: list[Any]) -> None:
        self.plot = plot
        self.called_at: list[float] = []
        self._frames = frames
        self._moves = threading.Event()
        self._ends = False
        self._period = PERIOD_MS * 1e-3
        self._thread = threading.Thread(target=self._run, name="computation")

    @property
    def url(self) -> str:
        """The address of the page."""
        url = self.plot.url
        if url is None:
            raise RuntimeError("the viewer tells no address; see its log")
        return url

    @contextmanager
    def moving(self, period: float = PERIOD_MS * 1e-3) -> Iterator[None]:
        """Call ``update`` every ``period`` seconds in this context."""
        self._period = period
        self._moves.set()
        try:
            yield
        finally:
            self._moves.clear()

    def _run(self) -> None:
        number = 0
        while not self._ends:
            self._moves.wait()
            self.called_at.append(time.time())
            self.plot.update(self._frames[number % len(self._frames)])
            number += 1
            time.sleep(self._period)

    @contextmanager
    def running(self) -> Iterator[Ours]:
        """The thread lives in this context."""
        self._thread.start()
        try:
            yield self
        finally:
            self._ends = True
            self._moves.set()
            self._thread.join()


@contextmanager
def ours(plotter: Any, frames: list[Any]) -> Iterator[Ours]:
    """A plot of ours, with a web viewer, and its first frames drawn."""
    with asyncplot.Server(plotter, backend="web", max_overhead=1.0, required=True) as plot:
        for frame in frames[:2]:
            plot.update(frame)
            plot.flush(60.0)
        plot.check()
        with Ours(plot, frames).running() as source:
            yield source


class Stock:
    """A process with matplotlib's WebAgg. It is stopped while it shall not move."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}/1"

    @contextmanager
    def moving(self) -> Iterator[None]:
        """It runs in this context."""
        os.kill(self._process.pid, signal.SIGCONT)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGSTOP)


@contextmanager
def stock(case: str) -> Iterator[Stock]:
    """The same picture by matplotlib's WebAgg."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.web.stock", case, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_port(process, port)
        yield Stock(process, port)
    finally:
        process.kill()
        process.wait()


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60.0
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"matplotlib's WebAgg did not listen on port {port}: exit code {process.poll()}")
