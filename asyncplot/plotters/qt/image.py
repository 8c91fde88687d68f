"""`Image` on pyqtgraph: a two-dimensional field. Viewer, GUI thread. In: prepared fields; out: a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import image
from ..image import Piece, Prepared
from .still import Still
from .window import FPS, Window

Array = NDArray[Any]

#: How wide the axis of a colour bar is that has numbers and a label, pixels.
_LABELLED = 64

#: Values that differ by less than this part of them are shown as equal.
_LEAST = 1e-6

#: Where the edges of a field are: left, right, bottom, top.
Place = tuple[float, float, float, float]


class Image(image.Image):
    """A 2-D field with a colour bar, hundreds of times a second; of a complex one its density and its phase.

    All as in `asyncplot.plotters.Image`, which see for what `update` takes; the window is pyqtgraph's.

    Parameters
    ----------
    name : str
        Above the image.
    cmap : str
        The colours, by pyqtgraph's or matplotlib's name; those of phases are cyclic.
    extent : (left, right, bottom, top), optional
        Where the edges of the field are; default: 0 to columns, 0 to rows.
    origin : {"lower", "upper"}
        Where the first row is.
    label, xlabel, ylabel : str
        Of the colours (with their unit), and of the axes.
    theme : {"auto", "light", "dark"}
        "auto": what ``ASYNCPLOT_THEME`` says in the viewer, else light.

    Attributes
    ----------
    fps : float
        Frames a second that the viewer draws at most; with matplotlib they are those of a screen.
    items : tuple of pyqtgraph.PlotItem
        The plots, to change what you like, in the viewer: one, or two for complex fields.

    Notes
    -----
    Once the mouse has moved the view, it stays where it is until the button "A" is clicked.

    Examples
    --------
    >>> from asyncplot.plotters.qt import Image
    >>> Image("density", cmap="magma", label="1/m2").cmap
    'magma'
    """

    fps = FPS

    _of_the_viewer = (*image.Image._of_the_viewer, "_made")

    _made: _Made | None = None

    @property
    def items(self) -> tuple[Any, ...]:
        return () if self._made is None else tuple(panel.item for panel in self._made.panels.values())

    def update(self, z: Any) -> None:
        """Show a field.

        Parameters
        ----------
        z : array, shape (rows, columns)
            Real, bool or complex.

        Raises
        ------
        FrameError
            If it is not two-dimensional and numeric, or empty; the picture stays.
        """
        prepared = z if isinstance(z, Prepared) else self.prepare(z)[0]
        if self._made is None:
            self._made = _Made(self)
        self._made.show(prepared, self._place(prepared.shape))

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at, in cells, for `prepare`: None for all of it."""
        return None if self._made is None else self._made.view()


class _Made:
    """The window, with one panel for each kind of value."""

    def __init__(self, plotter: Image) -> None:
        self._plotter = plotter
        self._window = Window(plotter.title or "asyncplot", plotter.theme, size=(640, 520))
        self.panels: dict[str, _Panel] = {}

    def show(self, prepared: Prepared, place: Place) -> None:
        """Show a field; panels are made anew when there are others."""
        kinds = ("density", "phase") if np.iscomplexobj(prepared.whole) else ("value",)
        if tuple(self.panels) != kinds:
            self._window.view.clear()
            self.panels = {
                kind: _Panel(self._window, column, kind, self._plotter) for column, kind in enumerate(kinds)
            }
            self._window.view.resize(640 * len(kinds), 520)
        for panel in self.panels.values():
            panel.show(prepared, place)
        self._window.paint()

    def view(self) -> dict[str, Any] | None:
        """Which cells are looked at; None for all of them."""
        return next((panel.view() for panel in self.panels.values()), None)


#: The whole, and what three viewers at most look at.
_LAYERS = 4


class _Panel:
    """One image and its colour bar: a value, a density or a phase."""

    def __init__(self, window: Window, column: int, kind: str, plotter: Image) -> None:
        pg, ink = window.pg, window.ink
        self.item = window.plot(0, column)
        self._values = _VALUES[kind]
        self._upper = plotter.origin == "upper"
        self._still = None if kind == "phase" else Still()
        self._place: Place = (0.0, 1.0, 0.0, 1.0)
        self._shape = (1, 1)
        for side, text in {"bottom": plotter.xlabel, "left": plotter.ylabel}.items():
            if text:
                self.item.setLabel(side, text, color=ink)
        title = plotter.title if kind == "value" else f"{plotter.title} {kind}".strip()
        if title:
            self.item.setTitle(title, color=ink)
        # The whole of a large field, which has fewer cells than the field, and above it what is looked at, here and
        # by a few other viewers.
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in range(_LAYERS)]
        for each in self._images:
            self.item.addItem(each)
        cmap = "twilight" if kind == "phase" else plotter.cmap
        self._bar = pg.ColorBarItem(colorMap=_colours(pg, cmap), interactive=False, width=15)
        self._bar.setImageItem(self._images, insert_in=self.item)
        self._bar.setLevels((-np.pi, np.pi) if kind == "phase" else (0.0, 1.0))
        axis = self._bar.getAxis("right")
        window.ink_axis(axis)
        if plotter.label and kind != "phase":
            axis.setWidth(_LABELLED)
            axis.setLabel(plotter.label, color=ink)

    def show(self, prepared: Prepared, place: Place) -> None:
        """Show a field, within colour limits that stay as they are while they fit."""
        if (prepared.shape, place) != (self._shape, self._place):
            self._shape, self._place = prepared.shape, place
            self.item.invertX(place[0] > place[1])
            self.item.invertY(place[2] > place[3])
            self.item.setAspectLocked(_is_square(place))
        whole, *pieces = prepared.layers()
        layers = [whole, *pieces[1 - _LAYERS :]]
        for each, piece in zip(self._images, layers, strict=False):
            self._show(each, piece)
        for number, each in enumerate(self._images):
            each.setVisible(number < len(layers))
        still, known = self._still, np.isfinite(prepared.extremes).all()
        if still is not None and known and still.follow(*self._range(*prepared.extremes)):
            self._bar.setLevels(still.limits)

    def _range(self, low: float, high: float) -> tuple[float, float]:
        """What the colours are to hold: densities from 0; of equal values not their rounding errors."""
        low = min(low, 0.0) if self._values is _density else low
        least = _LEAST * max(abs(low), abs(high)) or 1.0
        return (low, high) if high - low >= least else (low - least, high + least)

    def _show(self, each: Any, piece: Piece) -> None:
        """Show a part of the field where it belongs."""
        rows, columns = self._shape
        x0, x1, y0, y1 = self._place
        dx, dy = (x1 - x0) / columns, (y1 - y0) / rows
        left, right, bottom, top = piece.place
        values = self._values(piece.values)
        if self._upper:
            values, bottom, top = values[::-1], rows - top, rows - bottom
        each.setImage(values, autoLevels=False)
        each.setRect(x0 + dx * left, y0 + dy * bottom, dx * (right - left), dy * (top - bottom))

    def view(self) -> dict[str, Any] | None:
        """Which cells are looked at; None for all of them."""
        rows, columns = self._shape
        x0, x1, y0, y1 = self._place
        across, up = self.item.viewRange()
        x = sorted((float(end) - x0) / (x1 - x0) * columns for end in across)
        y = sorted((float(end) - y0) / (y1 - y0) * rows for end in up)
        if x[0] <= 0.0 and x[1] >= columns and y[0] <= 0.0 and y[1] >= rows:
            return None
        if self._upper:
            y = [rows - y[1], rows - y[0]]
        box = self.item.getViewBox()
        return {"x": x, "y": y, "width": round(box.width()), "height": round(box.height())}


def _density(values: Array) -> Array:
    density: Array = values.real**2 + values.imag**2
    return density


def _plain(values: Array) -> Array:
    return values.astype(np.uint8) if values.dtype.kind == "b" else values


_VALUES: dict[str, Callable[[Array], Array]] = {"value": _plain, "density": _density, "phase": np.angle}


def _is_square(place: Place) -> bool:
    """Whether equal units in both directions make a picture that is neither a stripe nor a pole."""
    return 0.25 <= abs((place[1] - place[0]) / (place[3] - place[2])) <= 4.0


def _colours(pg: Any, name: str) -> Any:
    """The colour map of this name."""
    try:
        return pg.colormap.get(name)  # its own need no matplotlib
    except FileNotFoundError:
        return pg.colormap.getFromMatplotlib(name)
