"""How much slower a loop is with its plot: segments with and without it, in one process. Pure but for the clock.

The segments follow each other in random order and the first 20 ms after each change are not counted: there
the thread that helps `update` starts and ends, once in a run and not once in a segment. The slowdown is the ratio of summed times per iteration, with a bootstrap interval: whole runs of a second
would need hundreds of pairs to see one per cent, and medians hide what happens in few segments.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
import numpy.typing as npt

#: How long segments with the plot and without are, and what is not counted after each change, s.
SHOWN, BARE, SETTLING = 0.16, 0.08, 0.02


class Segments:
    """Segments of one kind.

    Parameters
    ----------
    step : callable
        One iteration.
    length : float
        How long a segment is, s.
    spent : callable
        How much time the calls of ``update`` have taken so far, s.

    Attributes
    ----------
    rows : list of tuple
        What counts of each segment: seconds, iterations, and seconds of these that were spent in ``update``.
    """

    def __init__(self, step: Callable[[], None], length: float, spent: Callable[[], float]) -> None:
        self._step = step
        self._length = length
        self._spent = spent
        self.rows: list[tuple[float, int, float]] = []

    def run(self) -> int:
        """Run one more; returns its iterations, with those that do not count."""
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
    """How much slower an iteration is with the plot, %, and its bootstrap 95 % interval; None if too short."""
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
