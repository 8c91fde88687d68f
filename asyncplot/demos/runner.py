"""Runs a demo: the computation, alternately with and without its plot, and measures what the plot costs.

Runs in the user's process and thread, like any computation. In: a demo. Out: its `Report`.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from time import perf_counter, sleep
from typing import Any

from .. import Server, Stats
from ..errors import ConfigurationError
from .measure import BARE, SETTLING, SHOWN, Segments, slowdown_percent
from .report import Report

#: How often it is asked whether somebody looks, s.
_LOOK = 0.1

#: How often progress is reported, s.
_PROGRESS = 2.0


class Steps:
    """The steps of a demo, with and without the plot.

    Attributes
    ----------
    seconds : float
        How much time the calls of ``update`` have taken, s.
    """

    def __init__(self, demo: Any, plot: Server) -> None:
        self._demo = demo
        self._plot = plot
        self.seconds = 0.0

    def _step(self) -> None:
        """A step of the computation. It follows the knobs with and without the plot."""
        self._demo.steer(self._plot.received)
        self._demo.step()

    def shown(self) -> None:
        """A step with the plot. Making the arguments belongs to the cost."""
        self._step()
        start = perf_counter()
        self._plot.update(*self._demo.arguments())
        self.seconds += perf_counter() - start

    def bare(self) -> None:
        """A step without the plot. It reads the clock, too, so that reading the clock does not count as the plot's cost."""
        self._step()
        perf_counter()
        perf_counter()


def run(
    demo: Any,
    seconds: float,
    progress: Callable[[str], None],
    *,
    max_overhead: float = 0.01,
    for_somebody: bool = False,
    **options: Any,
) -> Report:
    """Run a demo until time is up, its window is closed, or Ctrl-C.

    Parameters
    ----------
    demo : Demo
        Of one of the demo modules.
    seconds : float
        How long it runs after its window has appeared.
    progress : callable
        Called every 2 s with one line of text.
    max_overhead : float
        The share of the loop's time that the plot may cost while it is shown.
    for_somebody : bool
        If the figures are on a page: wait until somebody looks, before the time counts.
    **options
        For `Server`.

    Raises
    ------
    ViewerError
        If there is no viewer at the beginning, or it crashed.
    """
    # The budget also fills in the segments without the plot. The segments with the plot must not spend that, too.
    budget = max_overhead * SHOWN / (SHOWN + BARE)
    with Server(demo.plotter, max_overhead=budget, **options) as plot:
        plot.update(*demo.arguments())
        if not plot.ready():
            plot.check()
            raise ConfigurationError("nothing is shown: ASYNCPLOT=off, or an MPI rank other than 0")
        if for_somebody and plot.url:
            progress("waiting for somebody who opens the page; Ctrl-C ends the demo")
            _wait_for_a_page(plot)
        measured = _measure(demo, plot, seconds, progress)
        plot.flush(2.0)
        stats = plot.stats
        plot.check()
    return measured.report(stats)


def _wait_for_a_page(plot: Server) -> None:
    """Wait until a page shows the figures, or the viewer has ended."""
    while plot.is_alive and not any(viewer.pages for viewer in plot.viewers):
        sleep(_LOOK)


@dataclasses.dataclass
class _Measured:
    """A run: its segments, its length in seconds, and its iterations."""

    shown: Segments
    bare: Segments
    seconds: float = 0.0
    iterations: int = 0

    def report(self, stats: Stats) -> Report:
        """What the plot has cost and shown."""
        slowdown, interval = slowdown_percent(self.shown, self.bare) or (None, None)
        counted, calls, spent = self.shown.sums()
        return Report(
            seconds=self.seconds,
            iterations=self.iterations,
            called=stats.called,
            taken=stats.taken,
            superseded=stats.superseded,
            drawn=stats.drawn,
            update_us=1e6 * spent / max(calls, 1.0),
            update_percent=100.0 * spent / max(counted, 1e-9),
            fps=stats.drawn / max(counted + SETTLING * len(self.shown.rows), 1e-9),
            slowdown_percent=slowdown,
            slowdown_interval=interval,
        )


def _measure(demo: Any, plot: Server, seconds: float, progress: Callable[[str], None]) -> _Measured:
    """Run segments with and without the plot until time is up, the window is closed, or Ctrl-C."""
    steps = Steps(demo, plot)
    measured = _Measured(
        shown=Segments(steps.shown, SHOWN, lambda: steps.seconds),
        bare=Segments(steps.bare, BARE, lambda: steps.seconds),
    )
    order = random.Random(0)
    start = last = perf_counter()
    try:
        while (now := perf_counter()) - start < seconds and plot.is_alive:
            for segments in order.sample((measured.shown, measured.bare), 2):
                measured.iterations += segments.run()
                # Now, so that the helper does not do it in the middle of a segment without the plot.
                plot.flush(0.0)
            if now - last > _PROGRESS:
                last = now
                progress(f"{now - start:5.0f} s  {demo.summary()}, {plot.stats.fps:.0f} frames/s")
    except KeyboardInterrupt:
        progress("stopped by Ctrl-C")
    measured.seconds = perf_counter() - start
    return measured
