"""`Grid`: ready-made plotters side by side in one window. In: their arguments by name. Out: parts of one figure.

`prepare` runs on the compute side, everything else in the viewer, on the GUI thread.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

from ..errors import ConfigurationError, FrameError
from .base import Plotter


class Grid(Plotter):
    """Plotters in the parts of one figure.

    Parameters
    ----------
    columns : int, optional
        How many plotters are side by side; default: about as many as there are rows.
    title : str
        Above them all.
    theme : {"auto", "light", "dark"}
        Of the figure, and of those plotters whose own theme is "auto".
    **plotters : Plotter
        The plotters by name, row by row.

    Examples
    --------
    >>> import asyncplot
    >>> from asyncplot.plotters import Grid, Image, Lines
    >>> grid = Grid(energy=Lines("kinetic", "potential"), field=Image("density"))
    >>> with asyncplot.Server(grid, backend="offscreen") as plot:
    ...     plot.update(energy=([1.0, 2.0], [3.0, 2.0]), field=[[0.0, 1.0], [1.0, 0.0]]).wait()
    ...     plot.update(energy={"kinetic": [1.0, 2.0, 3.0]}).wait()
    """

    divides = False

    def __init__(
        self, *, columns: int | None = None, title: str = "", theme: str = "auto", **plotters: Plotter
    ) -> None:
        super().__init__(title, theme)
        for name, plotter in plotters.items():
            if not isinstance(plotter, Plotter):
                raise ConfigurationError(
                    f"{name} is a {type(plotter).__name__}; a Grid holds ready-made plotters, such as Lines()"
                )
            if not plotter.divides:
                raise ConfigurationError(
                    f"{name} is a {type(plotter).__module__}.{type(plotter).__name__}, which has a window of its own: "
                    "no Grid within a Grid, and none of plotters.qt"
                )
        if not plotters:
            raise ConfigurationError(
                "Grid() is empty; give it plotters by name, such as Grid(energy=Lines('E'))"
            )
        self.columns = columns or math.ceil(math.sqrt(len(plotters)))
        self.plotters = plotters

    def prepare(self, *, views: Sequence[Any] = (), **frames: Any) -> dict[str, Any]:
        """Have each plotter prepare its part of a frame. Compute side."""
        prepared = {}
        for name, frame in frames.items():
            plotter: Any = self._plotter(name)
            args, kwargs = _arguments(frame)
            if "views" in inspect.signature(plotter.prepare).parameters:
                kwargs = {**kwargs, "views": [view[name] for view in views if view.get(name) is not None]}
            prepared[name] = plotter.prepare(*args, **kwargs)
        return prepared

    def update(self, **frames: Any) -> None:
        """Show new data in some of the plotters.

        Parameters
        ----------
        **frames
            By the plotters' names. Each is a tuple of arguments, a dictionary of keywords, or the only argument.

        Raises
        ------
        FrameError
            If there is no plotter of that name, or it refuses its arguments.
        """
        self.start()
        for name, frame in frames.items():
            args, kwargs = _arguments(frame)
            plotter: Any = self._plotter(name)
            plotter.update(*args, **kwargs)

    def view(self) -> dict[str, Any]:
        """Which part of each plotter is looked at, for those plotters that say so."""
        views = {name: plotter.view() for name, plotter in self.plotters.items() if hasattr(plotter, "view")}
        return {name: view for name, view in views.items() if view is not None}

    def make(self, figure: Any) -> None:
        """Divide the figure, and have each plotter make its axes in its part."""
        rows = math.ceil(len(self.plotters) / self.columns)
        figure.set_size_inches(min(4.6 * self.columns, 12.0), min(3.9 * rows, 9.0))
        if self.title:
            figure.suptitle(self.title)
        parts = figure.subfigures(rows, self.columns, squeeze=False).flat
        for part, plotter in zip(parts, self.plotters.values(), strict=False):
            plotter.theme = self.theme if plotter.theme == "auto" else plotter.theme
            plotter.start(part)

    def _plotter(self, name: str) -> Plotter:
        try:
            return self.plotters[name]
        except KeyError:
            raise FrameError(f"there is no plotter {name!r}; there are: {', '.join(self.plotters)}") from None


def _arguments(frame: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments of one plotter: a plain tuple, a plain dictionary, or a single argument."""
    if type(frame) is tuple:
        return frame, {}
    if type(frame) is dict:
        return (), frame
    return (frame,), {}
