"""`History`: scalars against the iteration, from the beginning of the run. They are kept on the compute side.

In: `append`, in each step. Out: curves. A plotter in the viewer cannot keep a series, because superseded calls of ``update``
never reach it. So the object that keeps the series stays with the computation, and a frame is all of it, read when the frame
is taken. Its size is bounded: a curve that is full is thinned to the extremes of stretches of equally many steps. So no
extreme is ever lost, and the beginning of a long run is shown as finely as its end.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ConfigurationError, FrameError
from ..frames import shipment
from .lines import Lines, Prepared
from .reduction import ascends, extremes, reduced

#: A gap between two values that is longer than so many usual steps is a rest.
_REST = 100.0


class History(Lines):
    """Named scalars against the iteration.

    Parameters
    ----------
    *names : str
        Of the scalars.
    capacity : int
        A curve keeps at least so many points. It is thinned when it has twice as many.
    xlabel, ylabel, title, logy, theme
        As for `Lines`.

    Examples
    --------
    >>> import asyncplot
    >>> from asyncplot.plotters import History
    >>> history = History("loss")
    >>> with asyncplot.Server(history, backend="offscreen") as plot:
    ...     for step in range(1000):
    ...         history.append(step, 1.0 / (1 + step))
    ...         pending = plot.update(history)
    ...     plot.flush()
    True
    """

    def __init__(
        self,
        *names: str,
        capacity: int = 10_000,
        xlabel: str = "iteration",
        ylabel: str = "",
        title: str = "",
        logy: bool = False,
        theme: str = "auto",
    ) -> None:
        if not names:
            raise ConfigurationError("History() needs the names of what is appended, such as History('loss')")
        if capacity < 4:
            raise ConfigurationError(f"capacity={capacity!r}: a curve needs 4 points at least")
        super().__init__(*names, xlabel=xlabel, ylabel=ylabel, title=title, logy=logy, theme=theme)
        self.capacity = capacity
        self._series = [(array("d"), array("d")) for _ in names]

    def append(self, step: float, *values: float) -> None:
        """Keep the values of one step. Takes 0.3 us, and 0.2 us for each value. Call it in the thread that calls ``update``.

        Parameters
        ----------
        step : float
            The iteration, or a time; it never decreases.
        *values : float
            In the order of the names; None if there is no value this time.

        Raises
        ------
        FrameError
            If there are more values than names, or one is not a number. The values before it are kept.
        """
        full = 2 * self.capacity
        for number, value in enumerate(values):
            if value is None:
                continue
            try:
                steps, kept = self._series[number]
                at = float(step)  # before the value is kept: a value must not be kept without its step
                kept.append(value)
            except (IndexError, TypeError, ValueError, OverflowError) as error:
                raise self._refused(step, values, error) from error
            steps.append(at)
            if len(kept) >= full:
                self._thin(number)

    def _refused(self, step: Any, values: tuple[Any, ...], error: Exception) -> FrameError:
        """The error that says what was wrong with a step."""
        if isinstance(error, IndexError):
            return FrameError(f"{len(values)} values for {len(self.names)} names: {', '.join(self.names)}")
        return FrameError(f"append({step!r}, {', '.join(map(repr, values))}): {error}; None is for no value")

    def curves(self) -> dict[str, tuple[Any, Any]]:
        """Copies of the steps and the values of each curve. On any thread."""
        found = {}
        for name, (steps, kept) in zip(self.names, self._series, strict=True):
            # `tobytes` copies while it holds the GIL. If numpy read the array's own memory, the array could not grow, and an
            # `append` in the computation would raise. There may be one value more than steps: it is appended first.
            at = np.frombuffer(steps.tobytes())
            found[name] = at, np.frombuffer(kept.tobytes())[: len(at)]
        return found

    @staticmethod
    def prepare(history: History, *, views: Sequence[Any] = ()) -> tuple[Prepared]:  # type: ignore[override]
        """Read the curves, and reduce them to what the views show. Compute side."""
        if not isinstance(history, History):
            raise FrameError(
                f"the history itself is what is shown, and not a {type(history).__name__}: update(history)"
            )
        return (Prepared([], {name: reduced(*curve, views) for name, curve in history.curves().items()}),)

    def update(self, history: Any) -> None:  # type: ignore[override]
        """Show everything that was appended.

        Parameters
        ----------
        history : History
            The object to which the computation appends.

        Raises
        ------
        FrameError
            If it is something else.
        """
        super().update(history if isinstance(history, Prepared) else self.prepare(history)[0])

    def _thin(self, number: int) -> None:
        steps, kept = self._series[number]
        values, at = np.array(kept), np.array(steps)
        # Stretches of equally many steps, not points: where the curve was thinned before, few points are left.
        indices = extremes(values, self.capacity // 2, _without_rests(at) if ascends(at) else None)
        if len(indices) < self.capacity // 2:  # the rests take too many stretches
            indices = np.union1d(indices, extremes(values, self.capacity // 4))
        at = at[indices]
        # New arrays: another thread may be reading the old ones.
        self._series[number] = array("d", at.tobytes()), array("d", values[indices].tobytes())

    def __getstate__(self) -> dict[str, Any]:
        """The description. A copy and a checkpoint have the series, too; a viewer gets it with each frame."""
        nothing = shipment.load() == "plotter"
        series = [(array("d"), array("d")) if nothing else _copied(*each) for each in self._series]
        return {**super().__getstate__(), "_series": series}


def _copied(steps: array[float], kept: array[float]) -> tuple[array[float], array[float]]:
    """Another series with the same steps and values. On any thread: `append` keeps a value before its step."""
    steps = steps[:]
    return steps, kept[: len(steps)]


def _without_rests(steps: Any) -> Any:
    """The steps with shorter rests. Otherwise a night without values would take nearly all stretches.

    >>> _without_rests(np.array([0.0, 1.0, 2.0, 1000.0, 1001.0])).tolist()
    [0.0, 1.0, 2.0, 102.0, 103.0]
    """
    lengths = np.diff(steps)
    counted = lengths[(lengths > 0.0) & np.isfinite(lengths)]
    if not counted.size:
        return steps
    return np.concatenate([[0.0], np.cumsum(np.minimum(lengths, _REST * np.median(counted)))])
