"""`Scatter`: points in a plane. In: coordinates, colours and sizes. Out: one collection that shows them.

`prepare` runs on the compute side, everything else in the viewer, on the GUI thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import FrameError
from . import themes
from .arguments import numbers
from .autoscale import StillLimits, autoscale
from .base import Plotter, keep_tick_colours

#: The default area of a point, points squared.
_AREA = 12.0

#: Of more points than this only every second, third, ... is kept: a screen has no room for more.
MOST = 50_000


class Scatter(Plotter):
    """Points, with colours and sizes if these are given.

    Parameters
    ----------
    name : str
        Above the axes.
    cmap : str
        matplotlib's name of the colours.
    label, xlabel, ylabel, theme
        As for `Image`.

    Notes
    -----
    Of more than 50,000 points only every second, third, ... is shown, so that there are at most 50,000. The others are left
    out on the compute side, before the points are copied.

    Examples
    --------
    >>> import asyncplot
    >>> from asyncplot.plotters import Scatter
    >>> with asyncplot.Server(Scatter("atoms", xlabel="x (nm)"), backend="offscreen") as plot:
    ...     plot.update([0.0, 1.0], [1.0, 0.0], c=[0.1, 0.9]).wait()
    """

    _of_the_viewer: tuple[str, ...] = (*Plotter._of_the_viewer, "axes", "_points", "_bar")

    def __init__(
        self,
        name: str = "",
        *,
        xlabel: str = "",
        ylabel: str = "",
        cmap: str = "viridis",
        label: str = "",
        theme: str = "auto",
    ) -> None:
        super().__init__(name, theme)
        self.cmap, self.label, self.xlabel, self.ylabel = cmap, label, xlabel, ylabel
        self.axes: Any = None
        self._points: Any = None
        self._bar: Any = None
        self._still = StillLimits()

    @staticmethod
    def prepare(x: Any, y: Any, c: Any = None, s: Any = None) -> dict[str, Any]:
        """Check the points, and leave some out if there are very many. Compute side."""
        at = _checked("x", x, None)
        values = {"x": at, "y": _checked("y", y, at.size)}
        values |= {
            name: _checked(name, each, at.size) for name, each in (("c", c), ("s", s)) if each is not None
        }
        step = -(-at.size // MOST)
        return {name: each[::step] if step > 1 else each for name, each in values.items()}

    def update(self, x: Any, y: Any, c: Any = None, s: Any = None) -> None:
        """Show points.

        Parameters
        ----------
        x, y : array, shape (n,)
            Their coordinates.
        c : array, shape (n,), optional
            Values that are shown as colours; default: all points have one colour.
        s : array, shape (n,), optional
            Areas, points squared; default: 12.

        Raises
        ------
        FrameError
            If lengths differ or something is not real; the picture stays.
        """
        points = self.prepare(x, y, c, s)
        self.start()
        self._points.set_offsets(np.column_stack([points["x"], points["y"]]))
        self._points.set_sizes(points.get("s", [_AREA]))
        self._colour(points.get("c"))
        autoscale(self.axes)

    def make(self, figure: Any) -> None:
        """Make the axes."""
        self.axes = figure.subplots()
        self.axes.set(xlabel=self.xlabel, ylabel=self.ylabel, title=self.title)
        keep_tick_colours(self.axes)
        self._points = self.axes.scatter([], [], linewidths=0.0)
        self._points.set_cmap(self.cmap)

    def _colour(self, values: Any) -> None:
        self._points.set_array(values)
        finite = values[np.isfinite(values)] if values is not None else np.empty(0)
        if not finite.size:
            return
        limits = self._still
        if limits.follow(float(finite.min()), float(finite.max()), margin=0.0) and limits.limits is not None:
            self._points.set_clim(*limits.limits)
        if self._bar is None:
            self._make_bar()

    def _make_bar(self) -> None:
        import matplotlib

        settings: Any = themes.settings(self.theme)
        with matplotlib.rc_context(settings):
            self._bar = self.figure.colorbar(self._points, ax=self.axes, label=self.label)
            self._bar.outline.set_visible(False)
            keep_tick_colours(self._bar.ax)


def _checked(name: str, values: Any, size: int | None) -> Any:
    array = numbers(name, values, 1)
    if size is not None and array.size != size:
        raise FrameError(f"{name} has {array.size} values for {size} points")
    return array
