"""`Lines` on pyqtgraph: any number of named curves. Viewer, GUI thread. In: prepared curves; out: a window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import lines
from ..autoscale import StillLimits
from ..reduction import ascends, extremes, window
from .window import FPS, Window

Array = NDArray[Any]

#: Room beyond the data, along x and along y: as with matplotlib.
_MARGINS = 0.0, 0.05


class Lines(lines.Lines):
    """Curves over a common axis, hundreds of times a second.

    All as in `asyncplot.plotters.Lines`, which see for what `update` takes; the window is pyqtgraph's.

    Parameters
    ----------
    *names : str
        The curves' names, for the legend and for ``update(name=...)``. Others may come later.
    xlabel, ylabel, title : str
        Texts at the axes and above them.
    logy : bool
        Whether the vertical axis is logarithmic.
    theme : {"auto", "light", "dark"}
        "auto": what ``ASYNCPLOT_THEME`` says in the viewer, else light.

    Attributes
    ----------
    fps : float
        Frames a second that the viewer draws at most; with matplotlib they are those of a screen.
    item : pyqtgraph.PlotItem or None
        The plot, to change what you like, in the viewer; None before the first frame.

    Notes
    -----
    Once the mouse has moved the view, it stays where it is until the button "A" is clicked.

    Examples
    --------
    >>> from asyncplot.plotters.qt import Lines
    >>> Lines("E", "N", xlabel="t").names
    ('E', 'N')
    """

    fps = FPS
    divides = False

    _of_the_viewer = (*lines.Lines._of_the_viewer, "_made")

    _made: _Made | None = None

    @property
    def item(self) -> Any:
        """The plot, to change what you like, in the viewer; None before the first frame."""
        return None if self._made is None else self._made.item

    def start(self, figure: Any = None) -> None:
        """Make the window, once."""
        if self._made is None:
            self._made = _Made(self)

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at, for `prepare`: None for all of it."""
        return None if self._made is None else self._made.view()

    def _show(self, curves: dict[str, tuple[Any, Any]]) -> None:
        assert self._made is not None  # `start` has been called
        self._made.show(curves)


class _Made:
    """The window and its curves."""

    def __init__(self, plotter: Lines) -> None:
        self._window = Window(plotter.title or "asyncplot", plotter.theme)
        colour = self._window.ink
        self.item = self._window.plot(0, 0)
        self.item.setLogMode(y=plotter.logy)
        self.item.getViewBox().setDefaultPadding(0.0)  # the limits are round numbers beyond the data
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
        """Show the values of some curves; the others stay."""
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
        """Have each curve draw what is in sight now."""
        for curve in self._curves.values():
            curve.reduce()

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at: None for all of it."""
        low, high = (float(end) for end in self.item.viewRange()[0])
        ends = [end for curve in self._curves.values() for end in curve.ends]
        if not ends or (low <= min(ends) and high >= max(ends)):
            return None
        return {"x": [low, high], "width": round(self.item.getViewBox().width())}

    def _curve(self, name: str, *, dashed: bool) -> _Curve:
        """A line, made when it first comes."""
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
    """One line: the extremes of each pixel column of what is in sight, and bounds that stand still.

    (pyqtgraph's own "peak" counts columns in points and not in x, and leaves the newest points out. Each change of limits
    costs new ticks.)
    """

    def __init__(self, item: Any) -> None:
        self.ends: tuple[float, ...] = ()
        self._item = item
        self._x: Array | None = None
        self._y: Array = np.empty(0)
        self._in_order = False
        self._exact = item.dataBounds
        self._still = (StillLimits(), StillLimits())
        item.dataBounds = self._bounds  # what pyqtgraph's automatic range asks for
        item.pixelPadding = lambda: 0.0  # and what it would add for the pen: the limits stay round

    def show(self, x: Array | None, y: Array) -> None:
        """Show values over 0, 1, 2... or over ``x``."""
        self._x, self._y = x, y.view(np.uint8) if y.dtype.kind == "b" else y
        self._in_order = x is None or ascends(
            x
        )  # only of a line that goes from left to right a part can be picked
        at: Array = np.array([0, len(y) - 1][: len(y)]) if x is None else x
        self.ends = (float(at[0]), float(at[-1])) if len(at) else ()
        self.reduce()
        # Of the values themselves: pyqtgraph's own bounds are those of the points that it shows, in a zoom a part.
        logarithmic = self._item.opts["logMode"]
        ends = np.asarray(self.ends) if self._in_order else at
        for still, margin, values, log in zip(
            self._still, _MARGINS, (ends, self._y), logarithmic, strict=True
        ):
            if (span := _span(values, log)) is not None:
                still.follow(*span, margin=margin)

    def reduce(self) -> None:
        """Draw what is in sight."""
        x, y, box = self._x, self._y, self._item.getViewBox()
        columns = 0 if box is None else round(box.width())
        logarithmic = self._item.opts["logMode"][0]  # by the menu
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
    """The smallest and the largest finite value, as the axis has them; None without one."""
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)) or (logarithmic and low <= 0.0):
        kept = values[np.isfinite(values) & ((values > 0.0) if logarithmic else True)]
        if not kept.size:
            return None
        low, high = float(kept.min()), float(kept.max())
    return (float(np.log10(low)), float(np.log10(high))) if logarithmic else (low, high)
