"""`Lines` on pyqtgraph: any number of named curves. Viewer, GUI thread. In: prepared curves. Out: a window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import lines
from ..autoscale import StillLimits
from ..reduction import ascends, extremes, window
from .window import OwnWindow, Window

Array = NDArray[Any]

#: Room beyond the data, along x and along y, as in `asyncplot.plotters.Lines`.
_MARGINS = 0.0, 0.05


class Lines(OwnWindow, lines.Lines):
    """Curves over a common axis, hundreds of times a second.

    `update` takes the same as that of `asyncplot.plotters.Lines`. The window is pyqtgraph's.

    Parameters
    ----------
    *names : str
        The curves' names, as for `asyncplot.plotters.Lines`.
    xlabel, ylabel, title, logy, theme
        As for `asyncplot.plotters.Lines`.

    Attributes
    ----------
    fps : float
        The viewer draws at most so many frames a second. (Matplotlib's plotters have those of a screen.)
    item : pyqtgraph.PlotItem or None
        The plot, in the viewer, to be changed as you like; None before the first frame.

    Notes
    -----
    Once the mouse has moved the view, it stays where it is until the button "A" is clicked.

    Examples
    --------
    >>> from asyncplot.plotters.qt import Lines
    >>> Lines("E", "N", xlabel="t").names
    ('E', 'N')
    """

    _of_the_viewer = (*lines.Lines._of_the_viewer, "_made")

    @property
    def item(self) -> Any:
        """The plot, in the viewer, to be changed as you like; None before the first frame."""
        return None if self._made is None else self._made.item

    def _make_window(self) -> _Made:
        return _Made(self)

    def _show(self, curves: dict[str, tuple[Any, Any]]) -> None:
        self._made.show(curves)


class _Made:
    """The window and its curves."""

    def __init__(self, plotter: Lines) -> None:
        self._window = Window(plotter.title or "asyncplot", plotter.theme)
        colour = self._window.ink
        self.item = self._window.plot(0, 0)
        self.item.setLogMode(y=plotter.logy)
        self.item.getViewBox().setDefaultPadding(0.0)  # the limits are round numbers beyond the data already
        for side, text in {"bottom": plotter.xlabel, "left": plotter.ylabel}.items():
            if text:
                self.item.setLabel(side, text, color=colour)
        if plotter.title:
            self.item.setTitle(plotter.title, color=colour)
        self.item.addLegend(offset=(-10, 10), labelTextColor=colour, brush=self._window.paper)
        self.item.getViewBox().sigXRangeChanged.connect(self._look_again)
        self.item.getViewBox().sigResized.connect(self._look_again)
        self._curves: dict[tuple[str, bool], _Curve] = {}
        self._colours: dict[str, str] = {}

    def show(self, curves: dict[str, tuple[Array | None, Array]]) -> None:
        """Show some curves; the others stay."""
        for name, (x, y) in curves.items():
            if np.iscomplexobj(y):
                self._curve(name, dashed=False).show(x, y.real)
                self._curve(name, dashed=True).show(x, y.imag)
            else:
                self._curve(name, dashed=False).show(x, y)
                if (name, True) in self._curves:  # the imaginary part of a frame before
                    self._curve(name, dashed=True).show(None, y[:0])
        self._window.paint()

    def _look_again(self, *_: Any) -> None:
        """Have each curve draw the part that is shown now."""
        for curve in self._curves.values():
            curve.reduce()

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at; None for all of it."""
        low, high = (float(end) for end in self.item.viewRange()[0])
        ends = [end for curve in self._curves.values() for end in curve.ends]
        if not ends or (low <= min(ends) and high >= max(ends)):
            return None
        return {"x": [low, high], "width": round(self.item.getViewBox().width())}

    def _curve(self, name: str, *, dashed: bool) -> _Curve:
        """The line of a curve; it is made when the curve comes for the first time."""
        if (name, dashed) not in self._curves:
            pg, colours = self._window.pg, self._window.colours
            colour = self._colours.setdefault(name, colours[len(self._colours) % len(colours)])
            style = pg.QtCore.Qt.PenStyle.DashLine if dashed else pg.QtCore.Qt.PenStyle.SolidLine
            item = self.item.plot(
                pen=pg.mkPen(colour, width=1, style=style), name=f"{name} (imaginary)" if dashed else name
            )
            self._curves[name, dashed] = _Curve(item)
        return self._curves[name, dashed]


class _Curve:
    """One line: it draws the extremes of each pixel column of the part that is shown, within bounds that stay still.

    (pyqtgraph's own method "peak" makes columns of equally many points, not of equal width, and leaves out the newest
    points. Bounds stay still because new limits cost new ticks.)
    """

    def __init__(self, item: Any) -> None:
        self.ends: tuple[float, ...] = ()
        self._item = item
        self._x: Array | None = None
        self._y: Array = np.empty(0)
        self._in_order = False
        self._exact = item.dataBounds
        self._still = (StillLimits(), StillLimits())
        item.dataBounds = self._bounds  # pyqtgraph's automatic range calls it
        item.pixelPadding = lambda: 0.0  # it would add room for the pen, and the limits would not be round

    def show(self, x: Array | None, y: Array) -> None:
        """Show values over 0, 1, 2... or over ``x``."""
        self._x, self._y = x, y.view(np.uint8) if y.dtype.kind == "b" else y
        # A part can be picked only from a line that goes from left to right.
        self._in_order = x is None or ascends(x)
        at: Array = np.array([0, len(y) - 1][: len(y)]) if x is None else x
        self.ends = (float(at[0]), float(at[-1])) if len(at) else ()
        self.reduce()
        # The bounds of all values. pyqtgraph's own bounds are those of the points it has, in a zoom only a part.
        logarithmic = self._item.opts["logMode"]
        ends = np.asarray(self.ends) if self._in_order else at
        for still, margin, values, log in zip(
            self._still, _MARGINS, (ends, self._y), logarithmic, strict=True
        ):
            if (span := _span(values, log)) is not None:
                still.follow(*span, margin=margin)

    def reduce(self) -> None:
        """Draw the part that is shown."""
        x, y, box = self._x, self._y, self._item.getViewBox()
        columns = 0 if box is None else round(box.width())
        logarithmic = self._item.opts["logMode"][0]  # the user can set it in the menu
        if logarithmic or not self._in_order or len(y) <= 2 * columns or columns < 1:
            self._item.setData(np.arange(len(y)) if x is None else x, y)
            return
        low, high = sorted(float(end) for end in box.viewRange()[0])
        shown = window(len(y), x, low, high)
        places = None if x is None else np.clip(x[shown].astype(float), low, high)
        indices = extremes(y[shown], columns, places) + shown.start
        self._item.setData(indices if x is None else x[indices], y[indices])

    def _bounds(self, ax: int, frac: float = 1.0, orthoRange: Any = None) -> Any:  # noqa: N803 (their name)
        if frac < 1.0 or orthoRange is not None:  # the user has asked for something else in the menu
            return self._exact(ax, frac, orthoRange)
        return self._still[ax].limits or (None, None)


def _span(values: Array, logarithmic: bool) -> tuple[float, float] | None:
    """The smallest and the largest finite value, as logarithms if the axis is logarithmic; None if there is none."""
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)) or (logarithmic and low <= 0.0):
        kept = values[np.isfinite(values) & ((values > 0.0) if logarithmic else True)]
        if not kept.size:
            return None
        low, high = float(kept.min()), float(kept.max())
    return (float(np.log10(low)), float(np.log10(high))) if logarithmic else (low, high)
