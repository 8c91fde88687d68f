"""``bench hub``: how soon the page of ``asyncplot hub`` shows many runs, and what it costs while it is open.

In: 900 run directories of computations that were killed, and 100 runs without a viewer. Out: figures. The page is open in Chromium.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncplot

from .budgets import Budgets, Figures
from .plotters import Counting
from .progress import counted, said
from .segments import median
from .web.browser import Window, chromium

#: Runs of killed computations, and runs that go on.
_DEAD, _LIVE = 900, 100

KEYS = ("painted", "cpu")

BUDGETS: Budgets = {
    "painted_ms": 300.0,
    "all_ms": None,
    "cpu_percent": 1.0,
    "cpu_without_a_page_percent": 0.0,
}

#: Notes when the list was painted: two animation frames after the first card is there.
_NOTE = """
    window.noted = {};
    new MutationObserver(() => {
      const {length} = document.querySelectorAll('#runs .one');
      const note = (name) => requestAnimationFrame(() => requestAnimationFrame(() => (noted[name] ??= performance.now())));
      if (length) note('first');
      if (length && length >= parseInt(document.getElementById('count').textContent)) note('all');
    }).observe(document, {childList: true, subtree: true});
"""


def measure(_: str, only: set[str], *, quick: bool) -> Figures:
    """Measure these keys; all, if none is named."""
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(variable, None)
    dead, live = (90, 10) if quick else (_DEAD, _LIVE)
    figures: Figures = {}
    with _runs(dead, live), _hub() as (process, url), chromium() as open_window:
        said(f"{dead + live} runs are there")
        if not only or "cpu" in only:
            figures["cpu_without_a_page_percent"] = _cpu(process, 2.0 if quick else 10.0)
        if not only or "painted" in only:
            figures |= _painted(open_window, url, rounds=2 if quick else 7)
        if not only or "cpu" in only:
            window = open_window(url)
            time.sleep(3.0)
            said("CPU with a page")
            figures["cpu_percent"] = _cpu(process, 3.0 if quick else 20.0)
            window.close()
    return figures


@contextmanager
def _runs(dead: int, live: int) -> Iterator[None]:
    """So many runs, in a runtime directory of their own. The dead ones are copies of a living one: nobody holds their locks."""
    with ExitStack() as stack:
        memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
        base = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-hub-", dir=memory))
        os.environ["ASYNCPLOT_RUNTIME_DIR"] = base
        stack.callback(os.environ.pop, "ASYNCPLOT_RUNTIME_DIR")
        for number in counted("runs", range(live), live):
            plot = stack.enter_context(
                asyncplot.Server(Counting, name=f"live-{number}", viewer=None, max_overhead=1.0)
            )
        folder = plot.directory
        assert folder is not None  # it goes on
        for number in range(dead):
            copy = folder.with_name(f"dead-{number}")
            # In another process: here it would release the lock that says that this computation lives.
            subprocess.run(["cp", "-r", folder, copy], check=True)
        yield


@contextmanager
def _hub() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A hub in a process of its own, and its address."""
    command = [sys.executable, "-m", "asyncplot", "hub", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # a pipe was asked for
            yield process, process.stdout.readline().split(" are at ")[1].split(maxsplit=1)[0]
        finally:
            process.terminate()


def _painted(open_window: Any, url: str, rounds: int) -> Figures:
    """From the request for the page to the first screen of cards, and to all of them, ms."""
    first, everything = [], []
    for _ in counted("painted", range(rounds), rounds):
        window: Window = open_window(url, _NOTE)
        until = time.monotonic() + 30.0
        while "all" not in (noted := window.run("return noted")):
            if time.monotonic() > until:
                raise TimeoutError(f"the page did not show all runs within 30 s, only {noted}")
            time.sleep(0.1)
        first.append(noted["first"])
        everything.append(noted["all"])
        window.close()
    return {"painted_ms": median(first), "all_ms": median(everything)}


def _cpu(process: subprocess.Popen[str], seconds: float) -> float:
    """The processor time of the hub, percent of one core."""
    before = _ticks(process.pid)
    time.sleep(seconds)
    return 100.0 * (_ticks(process.pid) - before) / os.sysconf("SC_CLK_TCK") / seconds


def _ticks(pid: int) -> int:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])
