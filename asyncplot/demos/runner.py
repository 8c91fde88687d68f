"""Runs a demo: the computation, with and without its plot in turns, and what the plot costs it.

The user's process and thread, like any computation. Segments with `update` and segments without follow
each other in random order, the first 20 ms after each change are not counted, and the slowdown is the
ratio of summed times per iteration, with a bootstrap interval: whole runs of a second would need hundreds
of pairs to see one per cent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from .. import Server, lazy

#: How long a segment with and without the plot is, and what is not counted after each change, s.
WITH, WITHOUT, SETTLING = 0.16, 0.08, 0.02

#: How often progress is reported, s.
_PROGRESS = 2.0


@dataclasses.dataclass(frozen=True)
class Report:
    """What a run of a demo has cost and shown.

    Attributes
    ----------
    seconds : float
        Length of the run.
    iterations, called, taken, superseded, drawn : int
        Steps of the computation, and what became of the calls of ``update``.
    update_us, update_percent : float
        Mean time inside ``update`` per call, us, and its share of the segments with the plot, %.
    fps : float
        Frames drawn per second of those segments.
    slowdown_percent : float
        Against the same loop without the plot, %.
    slowdown_interval : tuple of float
        Its bootstrap 95 % interval, %; NaNs for a run too short to tell.
    """

    seconds: float
    iterations: int
    called: int
    taken: int
    superseded: int
    drawn: int
    update_us: float
    update_percent: float
    fps: float
    slowdown_percent: float
    slowdown_interval: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        """The same as a dictionary."""
        return dataclasses.asdict(self)


class Segments:
    """Times of segments: one row each of seconds and iterations."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, int]] = []

    def run(self, step: Callable[[], None], seconds: float) -> int:
        """Run ``step`` for a while and keep what is to be counted; returns the iterations in all."""
        start = perf_counter()
        settled, iterations = 0.0, 0
        before = 0
        while (elapsed := perf_counter() - start) < seconds:
            if not settled and elapsed >= SETTLING:
                settled, before = elapsed, iterations
            step()
            iterations += 1
        if iterations > before:
            self.rows.append((elapsed - settled, iterations - before))
        return iterations

    def per_iteration(self, chosen: Any = slice(None)) -> float:
        """Seconds an iteration, over the chosen rows."""
        seconds, iterations = np.array(self.rows)[chosen].sum(0)
        return float(seconds / iterations)


def run(demo: Any, seconds: float, progress: Callable[[str], None], **options: Any) -> Report:
    """Run a demo until time is up, its window is closed, or Ctrl-C.

    Parameters
    ----------
    demo : Demo
        Of one of the demo modules.
    seconds : float
        How long, once the window is up.
    progress : callable
        Called every 2 s with one line of text.
    **options
        For `Server`.
    """
    shown, bare = Segments(), Segments()
    iterations, spent = 0, 0.0
    with Server(demo.plotter, **options) as plot:
        plot.update(*demo.arguments(lazy))
        plot.ready()

        def step_and_show() -> None:
            nonlocal spent
            demo.step()
            arguments = demo.arguments(lazy)
            start = perf_counter()
            plot.update(*arguments)
            spent += perf_counter() - start

        def step_alone() -> None:
            demo.step()
            demo.arguments(lazy)

        start = last = perf_counter()
        random = np.random.default_rng(0)
        try:
            while (now := perf_counter()) - start < seconds and plot.is_alive:
                turns = [(shown, step_and_show, WITH), (bare, step_alone, WITHOUT)]
                for segments, step, length in turns if random.random() < 0.5 else turns[::-1]:
                    iterations += segments.run(step, length)
                if now - last > _PROGRESS:
                    last = now
                    progress(f"{now - start:5.0f} s  {demo.summary()}, {plot.stats.fps:.0f} frames/s")
        except KeyboardInterrupt:
            progress("stopped by Ctrl-C")
        plot.flush(2.0)
        stats = plot.stats
    elapsed = perf_counter() - start
    with_plot = sum(seconds for seconds, _ in shown.rows) + SETTLING * len(shown.rows)
    slowdown, interval = slowdown_percent(shown, bare)
    return Report(
        seconds=elapsed,
        iterations=iterations,
        called=stats.called,
        taken=stats.taken,
        superseded=stats.superseded,
        drawn=stats.drawn,
        update_us=1e6 * spent / max(stats.called, 1),
        update_percent=100.0 * spent / max(with_plot, 1e-9),
        fps=stats.drawn / max(with_plot, 1e-9),
        slowdown_percent=slowdown,
        slowdown_interval=interval,
    )


def slowdown_percent(shown: Segments, bare: Segments, draws: int = 1000) -> tuple[float, tuple[float, float]]:
    """How much slower an iteration is with the plot, %, and the bootstrap 95 % interval of that."""
    count = min(len(shown.rows), len(bare.rows))
    if count < 2:
        return float("nan"), (float("nan"), float("nan"))
    random = np.random.default_rng(0)
    ratios = []
    for _ in range(draws):
        chosen = random.integers(0, count, count)
        ratios.append(shown.per_iteration(chosen) / bare.per_iteration(chosen))
    low, high = np.percentile(ratios, [2.5, 97.5])
    ratio = shown.per_iteration(slice(count)) / bare.per_iteration(slice(count))
    return 100.0 * (ratio - 1.0), (100.0 * float(low - 1.0), 100.0 * float(high - 1.0))
