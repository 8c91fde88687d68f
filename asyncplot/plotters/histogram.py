"""`Histogram`: how samples are distributed. In: samples. Out: counts, and steps that show them.

The samples are counted on the compute side, so 1e7 of them are sent as 100 counts. Everything else runs in the viewer, on the
GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import ConfigurationError
from .arguments import numbers
from .autoscale import StillLimits, autoscale
from .base import Plotter, keep_tick_colours, legend_above, title_above


class Prepared(NamedTuple):
    """Counts by name, in bins between common edges."""

    counts: dict[str, Any]
    edges: Any


class Histogram(Plotter):
    """Named samples in common bins.

    Parameters
    ----------
    *names : str
        Of the samples.
    bins : int
        About how many bins there are. Their edges are round numbers that stay still: they change if samples are beyond
        them, or fill less than half of them.
    xlabel, ylabel, title, theme
        As for `Lines`.

    Examples
    --------
    >>> import asyncplot, numpy
    >>> from asyncplot.plotters import Histogram
    >>> with asyncplot.Server(Histogram("speed", bins=20), backend="offscreen") as plot:
    ...     plot.update(numpy.random.default_rng(1).normal(size=1000)).wait()
    """

    _of_the_viewer: tuple[str, ...] = (*Plotter._of_the_viewer, "axes", "_steps", "_colours", "_top")

    def __init__(
        self,
        *names: str,
        bins: int = 100,
        xlabel: str = "",
        ylabel: str = "count",
        title: str = "",
        theme: str = "auto",
    ) -> None:
        super().__init__(title, theme)
        if bins < 1:
            raise ConfigurationError(f"bins={bins!r}: at least 1")
        if len(set(names)) < len(names):
            raise ConfigurationError(f"a name is used twice among {', '.join(names)}")
        self.names, self.bins = names, bins
        self.xlabel, self.ylabel = xlabel, ylabel
        self.axes: Any = None
        self._limits = StillLimits()
        self._steps: dict[str, Any] = {}

    def prepare(self, *samples: Any, **named: Any) -> tuple[Prepared]:
        """Count the samples. Compute side, on the object that was given to `Server`, because it remembers the edges."""
        names = [*self.names, *(f"{number + 1}" for number in range(len(self.names), len(samples)))]
        arrays = {
            name: _checked(name, each) for name, each in [*zip(names, samples, strict=False), *named.items()]
        }
        low, high, count = self._edges(list(arrays.values()))
        counts = {name: np.histogram(each, bins=count, range=(low, high))[0] for name, each in arrays.items()}
        return (Prepared(counts, np.linspace(low, high, count + 1)),)

    def update(self, *samples: Any, **named: Any) -> None:
        """Show how samples are distributed. Samples that are not given this time disappear.

        Parameters
        ----------
        *samples : array
            In the order of the names, of any shape. Values that are not finite are not counted.
        **named
            Samples by name.

        Raises
        ------
        FrameError
            If they are not real; the picture stays.
        """
        given = len(samples) == 1 and isinstance(samples[0], Prepared)
        prepared: Prepared = samples[0] if given else self.prepare(*samples, **named)[0]
        self.start()
        for name, counts in prepared.counts.items():
            self._step(name).set_data(counts, prepared.edges)
        for name, steps in self._steps.items():
            steps.set_visible(name in prepared.counts)
        low, high = float(prepared.edges[0]), float(prepared.edges[-1])
        if self.axes.get_xlim() != (low, high):
            self.axes.set_xlim(low, high)
        top = max((float(counts.max()) for counts in prepared.counts.values()), default=1.0)
        self._top.set_ydata([0.0, max(top, 1.0)])
        if autoscale(self.axes, x=False):
            self.axes.set_ylim(0.0, self.axes.get_ylim()[1], auto=None)

    def make(self, figure: Any) -> None:
        """Make the axes."""
        import itertools

        import matplotlib

        self.axes = figure.subplots()
        self.axes.set(xlabel=self.xlabel, ylabel=self.ylabel)
        title_above(figure, self.title)
        keep_tick_colours(self.axes)
        self._colours = itertools.cycle(matplotlib.rcParams["axes.prop_cycle"].by_key()["color"])
        # A line that draws nothing. The vertical limits follow it.
        (self._top,) = self.axes.plot([0.0, 0.0], [0.0, 1.0], linestyle="none")
        self._steps = {}

    def _step(self, name: str) -> Any:
        if name not in self._steps:
            from matplotlib.patches import StepPatch

            colour = next(self._colours)
            steps = StepPatch(
                [0.0], [0.0, 1.0], label=name, facecolor=(colour, 0.35), edgecolor=colour, fill=True
            )
            self.axes.add_artist(steps)
            self._steps[name] = steps
            if list(self._steps) != ["1"]:
                legend_above(self.axes, list(self._steps.values()))
        return self._steps[name]

    def _edges(self, arrays: Sequence[Any]) -> tuple[float, float, int]:
        """The first and the last edge, and the number of bins. The edges stay the same as long as they fit."""
        spans = [(float(each.min()), float(each.max())) for each in arrays if each.size]
        if spans:
            self._limits.follow(min(span[0] for span in spans), max(span[1] for span in spans), margin=0.0)
        first, last = self._limits.limits or (0.0, 1.0)
        width = 10.0 ** math.floor(math.log10((last - first) / self.bins))
        step = next(
            width * each for each in (1.0, 2.0, 5.0, 10.0) if (last - first) / (width * each) <= self.bins
        )
        return first, last, max(round((last - first) / step), 1)


def _checked(name: str, samples: Any) -> Any:
    array = numbers(f"the array of samples {name}", samples, None).ravel()
    if array.dtype.kind == "b":
        return array.view(np.uint8)
    if array.dtype.kind == "f" and array.size and not math.isfinite(float(array.min()) + float(array.max())):
        return array[np.isfinite(array)]
    return array
