"""What a single call costs the caller: a superseded one, a taken one, and the slowest in a thousand.

A viewer draws during the measurement. Copies and empty calls alternate with the calls, so that the machine is
in the same state for both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import asyncplot

from .loops import python
from .plotters import Line
from .progress import counted, said
from .segments import median, nothing

#: The sizes of the frames: name -> bytes.
SIZES = {"8kB": 8_000, "80kB": 80_000, "0.8MB": 800_000, "8MB": 8_000_000, "80MB": 80_000_000}


class Taken(NamedTuple):
    """Medians of taken calls and of copies of the same size, us; their spread (10 %, 90 %); their number."""

    taken_us: float
    copy_us: float
    taken_spread_us: tuple[float, float]
    copy_spread_us: tuple[float, float]
    calls: int


def superseded(backend: str, *, quick: bool) -> dict[str, float]:
    """Calls as fast as possible, minus the empty loop, us; for 8 bytes and for 8 MB."""
    arguments = {"8B": np.zeros(1), "8MB": np.zeros(1_000_000)}
    rounds = 20 if quick else 200
    with asyncplot.Server(Line, backend=backend, required=True) as plot:
        for data in arguments.values():
            plot.update(data)
            plot.flush()
        calls: dict[str, tuple[Callable[[Any], Any], Any]] = {"empty": (nothing, arguments["8B"])}
        calls |= {name: (plot.update, data) for name, data in arguments.items()}
        net: dict[str, list[float]] = {name: [] for name in calls}
        for _ in counted("superseded calls", range(rounds), rounds):
            loop = _loop(10_000)
            for name, (call, data) in calls.items():
                net[name].append((_loop(10_000, call, data) - loop) * 1e6)
    figures = {name: median(values) for name, values in net.items()}
    return {
        "superseded_us": max(figures["8B"], figures["8MB"]),
        "superseded_8B_us": figures["8B"],
        "superseded_8MB_us": figures["8MB"],
        "empty_call_us": figures["empty"],
    }


def superseded_by(call: Callable[[Any], Any], data: Any) -> float:
    """A call as fast as possible, minus the empty loop, s; of one round."""
    loop = _loop(10_000)
    return _loop(10_000, call, data) - loop


def taken_unasked(plot: asyncplot.Server, data: Any) -> float:
    """A call that is taken even if no viewer asks, because the one before is long ago; the median, s."""
    seconds = []
    for _ in range(10):
        end = perf_counter() + 0.025
        while perf_counter() < end:
            pass
        start = perf_counter()
        plot.update(data)
        seconds.append(perf_counter() - start)
    return median(seconds)


def _loop(count: int, call: Callable[[Any], Any] | None = None, data: Any = None) -> float:
    """The time of one iteration, s."""
    start = perf_counter()
    if call is None:
        for _ in range(count):
            pass
    else:
        for _ in range(count):
            call(data)
    return (perf_counter() - start) / count


def taken(backend: str, nbytes: int, *, quick: bool) -> Taken:
    """Calls that are taken, alternating with copies into memory that was used before.

    Between two calls the loop goes on, as a computation does, until the viewer has drawn the last frame and
    asks for the next. Calls that were not taken are not counted.
    """
    data = np.ones(nbytes // 8)
    target = np.empty_like(data)
    step = python().step
    rounds = 15 if quick else 60 if nbytes > 10**7 else 200
    calls, copies = [], []
    with asyncplot.Server(Line, backend=backend, max_overhead=1.0, required=True) as plot:
        for _ in range(5):  # these make room, touch pages, and fill caches
            plot.update(data)
            plot.flush()
            np.copyto(target, data)
        pending = plot.update(data)
        count = plot.stats.taken
        for index in counted(f"taken, {nbytes / 1e6:g} MB", range(rounds), rounds):
            data[:] = index  # a real computation, too, writes into its array between frames
            deadline = perf_counter() + 5.0
            while not pending.ready and perf_counter() < deadline:
                step()
            _work(step, 0.004)
            start = perf_counter()
            np.copyto(target, data)
            copies.append(perf_counter() - start)
            data[:] = -index
            _work(step, 0.004)
            start = perf_counter()
            pending = plot.update(data)
            seconds = perf_counter() - start
            before, count = count, plot.stats.taken
            if count == before + 1:
                calls.append(seconds)
    if not calls:
        raise RuntimeError(f"of {rounds} calls with {nbytes} bytes none was taken; the viewer did not draw")
    return Taken(median(calls) * 1e6, median(copies) * 1e6, _spread(calls), _spread(copies), len(calls))


def _spread(seconds: Sequence[float]) -> tuple[float, float]:
    low, high = np.percentile(seconds, [10.0, 90.0]) * 1e6
    return float(low), float(high)


def taken_at_once(backend: str, *, quick: bool) -> dict[str, float]:
    """Small calls as fast as possible. The taken ones are timed, us.

    For small frames, `taken` measures mostly cache misses: the computation's data has pushed our code and
    data out of the caches, and a copy of 8 kB alone takes 10 times as long there. This measures the code
    itself.
    """
    data = np.zeros(1)
    calls: list[float] = []
    with asyncplot.Server(Line, backend=backend, max_overhead=1.0) as plot:
        plot.update(data)
        plot.ready()
        for _ in counted("taken at once", range(rounds := 50 if quick else 400), rounds):
            end = perf_counter() + 0.05
            while perf_counter() < end:
                start = perf_counter()
                pending = plot.update(data)
                seconds = perf_counter() - start
                if pending.state != "waiting":  # no newer call has superseded it yet, so it was taken
                    calls.append(seconds)
    return {"taken_small_us": median(calls) * 1e6}


def _work(step: Callable[[], None], seconds: float) -> None:
    """Compute for this many seconds."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        step()


def growth(taken_by_size: dict[str, Taken]) -> dict[str, Any]:
    """The ratio of taken calls to copies for each size, and the ratio of their slopes over the size."""
    small, large = taken_by_size["8kB"], taken_by_size["80MB"]
    return {
        **{
            size: {**one._asdict(), "ratio": one.taken_us / one.copy_us}
            for size, one in taken_by_size.items()
        },
        "slope_ratio": (large.taken_us - small.taken_us) / (large.copy_us - small.copy_us),
    }


def slowest(backend: str, *, quick: bool) -> dict[str, float]:
    """The slowest in a thousand calls of an ordinary loop, us, without the first call, which makes room."""
    loop = python()
    seconds = []
    said("slowest in a thousand")
    with asyncplot.Server(Line, backend=backend, required=True) as plot:
        plot.update(loop.data)
        plot.flush()
        _work(loop.step, 0.1)
        for _ in range(10_000 if quick else 100_000):
            loop.step()
            start = perf_counter()
            plot.update(loop.data)
            seconds.append(perf_counter() - start)
    p99, p999 = np.percentile(seconds, [99.0, 99.9]) * 1e6
    return {"p99_us": float(p99), "p999_us": float(p999), "max_us": max(seconds) * 1e6}
