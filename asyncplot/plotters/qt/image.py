"""`Image` on pyqtgraph: a two-dimensional field. Viewer, GUI thread. In: prepared fields; out: a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import image
from ..autoscale import StillLimits
from ..image import CONVERSIONS, Edges, Piece, Prepared, cells_in_view, follow_colours, is_square, upright
from .window import FPS, Window

#: How wide the axis of a colour bar is that has numbers and a label, pixels.
_LABELLED = 64

#: The whole, and what three viewers at most look at.
_LAYERS = 4


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
    divides = False

    _of_the_viewer = (*image.Image._of_the_viewer, "_made")

    _made: _Made | None = None

    @property
    def items(self) -> tuple[Any, ...]:
        """The plots, to change what you like, in the viewer: one, or two for complex fields."""
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

    def show(self, prepared: Prepared, place: Edges) -> None:
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


class _Panel:
    """One image and its colour bar: a value, a density or a phase."""

    def __init__(self, window: Window, column: int, kind: str, plotter: Image) -> None:
        pg, ink = window.pg, window.ink
        self.item = window.plot(0, column)
        self._values = CONVERSIONS[kind]
        self._origin = plotter.origin
        self._still = None if kind == "phase" else StillLimits()
        self._place: Edges = (0.0, 1.0, 0.0, 1.0)
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

    def show(self, prepared: Prepared, place: Edges) -> None:
        """Show a field, within colour limits that stay as they are while they fit."""
        if (prepared.shape, place) != (self._shape, self._place):
            self._shape, self._place = prepared.shape, place
            self.item.invertX(place[0] > place[1])
            self.item.invertY(place[2] > place[3])
            self.item.setAspectLocked(is_square(place))
        whole, *pieces = prepared.layers()
        layers = [whole, *pieces[1 - _LAYERS :]]
        for each, piece in zip(self._images, layers, strict=False):
            self._show(each, piece)
        for number, each in enumerate(self._images):
            each.setVisible(number < len(layers))
        if self._still is not None and follow_colours(self._still, *prepared.extremes):
            self._bar.setLevels(self._still.limits)

    def _show(self, each: Any, piece: Piece) -> None:
        """Show a part of the field where it belongs."""
        values, (left, right, bottom, top) = upright(piece, self._shape, self._place, self._origin)
        each.setImage(self._values(values), autoLevels=False)
        each.setRect(left, bottom, right - left, top - bottom)

    def view(self) -> dict[str, Any] | None:
        """Which cells are looked at; None for all of them."""
        box = self.item.getViewBox()
        (left, right), (bottom, top) = self.item.viewRange()
        shown = (left, right, bottom, top)
        return cells_in_view(shown, (box.width(), box.height()), self._shape, self._place, self._origin)


def _colours(pg: Any, name: str) -> Any:
    """The colour map of this name."""
    try:
        return pg.colormap.get(name)  # its own need no matplotlib
    except FileNotFoundError:
        return pg.colormap.getFromMatplotlib(name)
