"""Slowdowns: one loop in short segments of three kinds, in random order, in one process.

No call, an empty call, ``update``. What the machine does beside meets all three alike, so the ratio of
the summed times per iteration, over many triples, sees 0.1 %, where whole runs need hundreds of pairs to see 1 %, and
medians hide what happens in few segments.
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

#: After a switch this much is not measured, s.
DISCARDED = 0.02

#: Segments are this many take periods long, within these limits, s.
PERIODS, SHORTEST, LONGEST = 4, 0.04, 0.2

TRIPLES, QUICK = 250, 12

#: The viewer draws at the rate of the takes, and at least each so many s, in all segments.
SLOWEST_DRAWING = 0.1


class Slowdown(NamedTuple):
    """What the loop loses, percent, with the bootstrap 95 % interval; and what it shows for that."""

    percent: float
    interval: tuple[float, float]
    empty_percent: float
    empty_interval: tuple[float, float]
    taken_per_s: float
    share_percent: float
    segment_s: float
    iteration_us: float

    def as_dict(self) -> dict[str, Any]:
        """For the JSON."""
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
    """Measure what ``plot.update`` costs a loop.

    Parameters
    ----------
    name : str
        For the progress.
    loop : Loop
        Iterations, and what each hands over.
    plot : Server
        With its first frame drawn, by a `SteadyLine`.
    triples : int
        How many segments of each kind.
    seconds : float, optional
        How long they are; default: by the take period.
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
                _ = plot.stats  # the account that `begin` reads; it leaves the caches cold
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
    """Iterate for so long; the time per iteration, s."""
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
    """How far apart takes are, s, as a run of a second shows (the one before lives on a full bucket)."""
    _run(loop, plot.update, 1.0)
    before = plot.stats.taken
    _run(loop, plot.update, 1.0)
    return 1.0 / max(plot.stats.taken - before, 1)


def _percent(some: NDArray[Any], base: NDArray[Any]) -> tuple[float, tuple[float, float]]:
    """By how much the sum of ``some`` is larger, percent, and its interval over triples drawn anew."""
    drawn = np.random.default_rng(1).integers(0, len(base), (4000, len(base)))
    ratios = some[drawn].sum(axis=1) / base[drawn].sum(axis=1)
    low, high = np.percentile(100.0 * (ratios - 1.0), [2.5, 97.5])
    return 100.0 * float(some.sum() / base.sum() - 1.0), (float(low), float(high))


def median(values: Sequence[float]) -> float:
    """The median, as a float."""
    return float(np.median(values))
