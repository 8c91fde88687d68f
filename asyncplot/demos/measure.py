"""Measures how much slower a loop is with its plot, by segments with and without it in one process. Pure but for the clock.

In: steps with and without the plot. Out: the slowdown, with a bootstrap interval.

The segments follow each other in random order. The first 20 ms after each change are not counted: the thread that helps
`update` starts and ends then, which happens once in a run without segments. The slowdown is the ratio of the summed times
per iteration. (Whole runs of a second would need hundreds of pairs to show one per cent. Medians would hide what happens in
few segments.)
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
import numpy.typing as npt

#: The length of segments with the plot and without it, and of the time after each change that is not counted, s.
SHOWN, BARE, SETTLING = 0.16, 0.08, 0.02


class Segments:
    """The segments of one kind: with the plot, or without it.

    Parameters
    ----------
    step : callable
        One iteration.
    length : float
        How long a segment is, s.
    spent : callable
        Returns how much time the calls of ``update`` have taken so far, s.

    Attributes
    ----------
    rows : list of tuple
        For each segment what is counted: seconds, iterations, and how many of the seconds were spent in ``update``.
    """

    def __init__(self, step: Callable[[], None], length: float, spent: Callable[[], float]) -> None:
        self._step = step
        self._length = length
        self._spent = spent
        self.rows: list[tuple[float, int, float]] = []

    def run(self) -> int:
        """Run one more segment; returns all its iterations, also those that are not counted."""
        step, length = self._step, self._length
        start = perf_counter()
        elapsed = settled = spent = 0.0
        iterations = before = 0
        while elapsed < length:
            step()
            iterations += 1
            elapsed = perf_counter() - start
            if settled < SETTLING:
                settled, before, spent = elapsed, iterations, self._spent()
        if iterations > before:
            self.rows.append((elapsed - settled, iterations - before, self._spent() - spent))
        return iterations

    def sums(self) -> tuple[float, float, float]:
        """The columns of `rows`, summed."""
        seconds, iterations, spent = np.array([(0.0, 0.0, 0.0), *self.rows]).sum(0).tolist()
        return seconds, iterations, spent


def slowdown_percent(
    shown: Segments, bare: Segments, draws: int = 2000
) -> tuple[float, tuple[float, float]] | None:
    """How much slower an iteration is with the plot, %, and the bootstrap 95 % interval; None if there are too few."""
    count = min(len(shown.rows), len(bare.rows))
    if count < 2:
        return None
    rows = np.array([shown.rows[:count], bare.rows[:count]])
    chosen = np.random.default_rng(0).integers(0, count, (draws, count))
    low, high = np.percentile(_ratio(rows[:, chosen]), [2.5, 97.5])
    return float(_ratio(rows)), (float(low), float(high))


def _ratio(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """By how many per cent the first is slower; shape (2, ..., segments, 3)."""
    sums = rows.sum(-2)
    shown, bare = sums[..., 0] / sums[..., 1]
    percent: npt.NDArray[np.float64] = 100.0 * (shown / bare - 1.0)
    return percent
