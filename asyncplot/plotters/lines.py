"""`Lines`: any number of named curves in one axes. In: arrays. Out: lines that show them, reduced to the screen.

`prepare` runs on the compute side, everything else in the viewer, on the GUI thread.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import ConfigurationError, FrameError
from .arguments import NUMERIC, numbers
from .autoscale import autoscale
from .base import Plotter, keep_tick_colours, legend_above, title_above
from .reduction import reduced


class Prepared(NamedTuple):
    """Curves as `prepare` leaves them: pairs of abscissas (None: 0, 1, 2, ...) and values, some in order, some by name."""

    curves: list[tuple[Any, Any]]
    named: dict[str, tuple[Any, Any]]


class Lines(Plotter):
    """Curves over a common axis.

    Parameters
    ----------
    *names : str
        The curves' names, for the legend and for ``update(name=...)``. More names may come later.
    xlabel, ylabel, title : str
        Texts at the axes and above them.
    logy : bool
        Whether the vertical axis is logarithmic.
    theme : {"auto", "light", "dark"}
        "auto": what ``ASYNCPLOT_THEME`` says in the viewer, else light.

    Raises
    ------
    ConfigurationError
        If a name is used twice, or there is no such theme.

    Attributes
    ----------
    axes : matplotlib.axes.Axes or None
        In the viewer, to be changed as you like; None before the first frame.

    Notes
    -----
    A long curve is reduced to the minimum and the maximum of each pixel column of the part that is looked at. This is done on
    the compute side for a frame that is taken, so that little is copied, and again when the curve is drawn. Masked values,
    and those that are not numbers, leave a gap.

    Examples
    --------
    >>> import asyncplot
    >>> from asyncplot.plotters import Lines
    >>> with asyncplot.Server(Lines("E", "N", xlabel="t"), backend="offscreen") as plot:
    ...     plot.update([1.0, 2.0], [5.0, 4.0]).wait()
    ...     plot.update(E=[1.0, 2.0, 3.0], x=[0.0, 0.1, 0.2]).wait()
    """

    _of_the_viewer: tuple[str, ...] = (*Plotter._of_the_viewer, "axes", "_lines", "_colours")

    def __init__(
        self,
        *names: str,
        xlabel: str = "",
        ylabel: str = "",
        title: str = "",
        logy: bool = False,
        theme: str = "auto",
    ) -> None:
        super().__init__(title, theme)
        if len(set(names)) < len(names):
            raise ConfigurationError(f"a name is used twice among {', '.join(names)}")
        self.names = names
        self.xlabel, self.ylabel, self.logy = xlabel, ylabel, logy
        self.axes: Any = None
        self._lines: dict[str, Any] = {}

    @staticmethod
    def prepare(*curves: Any, x: Any = None, views: Sequence[Any] = (), **named: Any) -> tuple[Prepared]:
        """Reduce long curves to what the views show. Compute side."""
        common = None if x is None else abscissas(x)
        pairs = [pair(curve, common, str(number)) for number, curve in enumerate(curves)]
        named_pairs = {name: pair(curve, common, name) for name, curve in named.items()}
        return (
            Prepared(
                [reduced(*each, views) for each in pairs],
                {name: reduced(*each, views) for name, each in named_pairs.items()},
            ),
        )

    def update(self, *curves: Any, x: Any = None, **named: Any) -> None:
        """Show curves. Curves that are not given this time stay as they are.

        Parameters
        ----------
        *curves : array, or pair of arrays
            In the order of the names. Each is y, shape (n,), over 0, 1, 2, ... or over ``x``; or a pair of x and y. The
            real part of complex values is solid, the imaginary part dashed.
        x : array, shape (n,), optional
            The abscissas of all curves that are not pairs.
        **named
            Curves by name. A curve called x or views cannot be given by its name, only in its order.

        Raises
        ------
        FrameError
            If an array is not one-dimensional, or if x and y have different lengths; the picture stays.
        """
        made: Prepared = (
            curves[0]
            if len(curves) == 1 and isinstance(curves[0], Prepared)
            else self.prepare(*curves, x=x, **named)[0]
        )
        self.start()
        self._show({**dict(zip(self._names(len(made.curves)), made.curves, strict=True)), **made.named})

    def _show(self, curves: dict[str, tuple[Any, Any]]) -> None:
        for name, (at, y) in curves.items():
            if np.iscomplexobj(y):
                self._line(name, "-").set_values(y.real, at)
                self._line(name, "--").set_values(y.imag, at)
            else:
                self._line(name, "-").set_values(y, at)
                if (
                    imaginary := self._lines.get(f"{name} (imaginary)")
                ) is not None:  # an earlier frame was complex
                    imaginary.set_values(np.empty(0))
        autoscale(self.axes, y=False, margin=0.0)
        autoscale(self.axes, x=False)

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at, for `prepare`; None for all of it."""
        if self.axes is None:
            return None
        low, high = sorted(float(limit) for limit in self.axes.get_xlim())
        limits = [line.data_limits()[0] for line in self._lines.values()]
        first = min((x[0] for x in limits if len(x)), default=low)
        last = max((x[-1] for x in limits if len(x)), default=high)
        if low <= first and high >= last:
            return None
        return {"x": [low, high], "width": round(self.axes.bbox.width)}

    def make(self, figure: Any) -> None:
        """Make the axes."""
        import matplotlib

        self.axes = figure.subplots()
        self.axes.set(xlabel=self.xlabel, ylabel=self.ylabel)
        title_above(figure, self.title)
        self.axes.margins(x=0.0)
        if self.logy:
            self.axes.set_yscale("log")
        keep_tick_colours(self.axes)
        self._colours = itertools.cycle(matplotlib.rcParams["axes.prop_cycle"].by_key()["color"])
        self._lines = {}
        for name in self.names:
            self._line(name, "-")

    def _names(self, count: int) -> Iterator[str]:
        yield from self.names[:count]
        for number in range(len(self.names), count):
            yield f"{number + 1}"

    def _line(self, name: str, style: str) -> Any:
        """The line of a curve, made when it comes for the first time. Its imaginary part has the same colour."""
        key = name if style == "-" else f"{name} (imaginary)"
        if key not in self._lines:
            from .artists import ReducedLine

            solid = self._lines.get(name)
            colour = next(self._colours) if solid is None else solid.get_color()
            line = ReducedLine(label=key, linestyle=style, color=colour)
            self.axes.add_line(line)
            self._lines[key] = line
            if list(self._lines) != ["1"]:
                legend_above(self.axes, list(self._lines.values()))
        return self._lines[key]


def abscissas(x: Any) -> Any:
    """Abscissas as an array. Raises FrameError if that is not possible."""
    return numbers("x", x, 1)


def pair(curve: Any, common: Any, name: str) -> tuple[Any, Any]:
    """The abscissas (None: 0, 1, 2, ...) and the values of a curve."""
    x, y = common, curve
    if isinstance(curve, tuple) and len(curve) == 2:
        x, y = None if curve[0] is None else abscissas(curve[0]), curve[1]
    values = numbers(f"curve {name}", y, 1, NUMERIC)
    if x is not None and len(x) != len(values):
        raise FrameError(f"curve {name} has {len(values)} values over {len(x)} abscissas")
    return x, values
