"""Slowdowns: one loop in short segments of three kinds, in random order, in one process.

The kinds: no call, an empty call, ``update``. Whatever else the machine does affects all three alike. So the
ratio of the summed times per iteration, over many triples, shows 0.1 %. Whole runs need hundreds of pairs to
show 1 %. Medians do not show a cost that only a few segments have.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import asyncplot

from .loops import Loop
from .pausing import Pausing
from .progress import counted, said

KINDS = ("none", "empty", "update")

#: This long after a switch of the kind nothing is measured, s.
DISCARDED = 0.02

#: The length of a segment: this many take periods, but within these limits, s.
PERIODS, SHORTEST, LONGEST = 4, 0.04, 0.2

TRIPLES, QUICK = 250, 12

#: In all segments the viewer draws at the rate of the takes, and at least once in this many seconds.
SLOWEST_DRAWING = 0.1


class Slowdown(NamedTuple):
    """How much slower the loop is, percent, with its 95 % bootstrap interval; and how many frames are taken."""

    percent: float
    interval: tuple[float, float]
    empty_percent: float
    empty_interval: tuple[float, float]
    taken_per_s: float
    share_percent: float
    segment_s: float
    iteration_us: float

    def as_dict(self) -> dict[str, Any]:
        """The same, for JSON."""
        return {
            "ratio": self.percent,
            "ci": list(self.interval),
            "taken_per_s": self.taken_per_s,
            "share_percent": self.share_percent,
            "empty_call": {"ratio": self.empty_percent, "ci": list(self.empty_interval)},
            "segment_ms": self.segment_s * 1e3,
            "iteration_us": self.iteration_us,
        }


def slowdown(
    name: str, loop: Loop, plot: asyncplot.Server, triples: int, seconds: float | None = None
) -> Slowdown:
    """Measure how much slower ``plot.update`` makes a loop.

    Parameters
    ----------
    name : str
        The loop's name, for the progress.
    loop : Loop
        The iterations, and the data of each.
    plot : Server
        A server with a `SteadyLine` that has drawn its first frame.
    triples : int
        The number of segments of each kind.
    seconds : float, optional
        The length of a segment. Default: computed from the take period.
    """
    calls: dict[str, Callable[[Any], Any] | None] = {"none": None, "empty": nothing, "update": plot.update}
    if seconds is None:
        period = _take_period(loop, plot)
        plot.lane("pace")(min(period, SLOWEST_DRAWING))
        plot.flush()
        seconds = min(max(PERIODS * period, SHORTEST), LONGEST)
    said(f"{name}: segments of {seconds * 1e3:.0f} ms")
    pausing = Pausing(plot)
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    order = random.Random(1)
    for _ in counted(name, range(triples), triples):
        for kind in order.sample(KINDS, len(KINDS)):
            _run(loop, calls[kind], DISCARDED)
            if kind == "update":
                pausing.begin()
            else:
                _ = plot.stats  # `begin` reads it, too; this leaves the caches equally cold
            times[kind].append(_run(loop, calls[kind], seconds))
            if kind == "update":
                pausing.end()
    arrays = {kind: np.array(values) for kind, values in times.items()}
    return Slowdown(
        *_percent(arrays["update"], arrays["none"]),
        *_percent(arrays["empty"], arrays["none"]),
        taken_per_s=pausing.taken / pausing.seconds,
        share_percent=100.0 * pausing.spent / pausing.seconds,
        segment_s=seconds,
        iteration_us=float(np.mean(arrays["none"])) * 1e6,
    )


def nothing(data: Any) -> None:
    """The empty call."""


def _run(loop: Loop, call: Callable[[Any], Any] | None, seconds: float) -> float:
    """Iterate for this many seconds. Returns the time per iteration, s."""
    step, data = loop
    iterations = 0
    start = now = perf_counter()
    end = start + seconds
    if call is None:
        while now < end:
            step()
            iterations += 1
            now = perf_counter()
    else:
        while now < end:
            step()
            call(data)
            iterations += 1
            now = perf_counter()
    return (now - start) / iterations


def _take_period(loop: Loop, plot: asyncplot.Server) -> float:
    """The time between two takes, s, measured for one second.

    The second before it is not measured: it uses up the full bucket.
    """
    _run(loop, plot.update, 1.0)
    before = plot.stats.taken
    _run(loop, plot.update, 1.0)
    return 1.0 / max(plot.stats.taken - before, 1)


def _percent(some: NDArray[Any], base: NDArray[Any]) -> tuple[float, tuple[float, float]]:
    """How much larger the sum of ``some`` is, percent, and its interval by resampling the triples."""
    drawn = np.random.default_rng(1).integers(0, len(base), (4000, len(base)))
    ratios = some[drawn].sum(axis=1) / base[drawn].sum(axis=1)
    low, high = np.percentile(100.0 * (ratios - 1.0), [2.5, 97.5])
    return 100.0 * float(some.sum() / base.sum() - 1.0), (float(low), float(high))


def median(values: Sequence[float]) -> float:
    """The median, as a float."""
    return float(np.median(values))
