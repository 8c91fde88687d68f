"""`Image` on pyqtgraph: a two-dimensional field. Viewer, GUI thread. In: prepared fields. Out: a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import image
from ..autoscale import StillLimits
from ..fields import (
    CONVERSIONS,
    Extent,
    Piece,
    Prepared,
    cells_in_view,
    follow_colours,
    is_squarish,
    titled,
    upright,
)
from .window import OwnWindow, Window

#: The width of a colour bar's axis that has numbers and a label, pixels.
_LABELLED = 64

#: The whole field, and what at most three viewers look at.
_LAYERS = 4


class Image(OwnWindow, image.Image):
    """A 2-D field with a colour bar, hundreds of times a second; of a complex one its density and its phase.

    `update` takes the same as that of `asyncplot.plotters.Image`. The window is pyqtgraph's.

    Parameters
    ----------
    name, extent, origin, label, xlabel, ylabel, theme
        As for `asyncplot.plotters.Image`.
    cmap : str
        The colours, by pyqtgraph's or matplotlib's name; phases have cyclic ones.

    Attributes
    ----------
    fps : float
        As for `asyncplot.plotters.qt.Lines`.
    items : tuple of pyqtgraph.PlotItem
        The plots, in the viewer, to be changed as you like: one, or two for complex fields.

    Notes
    -----
    Once the mouse has moved the view, it stays where it is until the button "A" is clicked.

    Examples
    --------
    >>> from asyncplot.plotters.qt import Image
    >>> Image("density", cmap="magma", label="1/m2").cmap
    'magma'
    """

    _of_the_viewer = (*image.Image._of_the_viewer, "_made")

    @property
    def items(self) -> tuple[Any, ...]:
        """The plots, in the viewer, to be changed as you like: one, or two for complex fields."""
        return () if self._made is None else tuple(panel.item for panel in self._made.panels.values())

    def _make_window(self) -> _Made:
        return _Made(self)

    def _show(self, prepared: Prepared, extent: Extent) -> None:
        self._made.show(prepared, extent)


class _Made:
    """The window, with one panel for each kind of value."""

    def __init__(self, plotter: Image) -> None:
        self._plotter = plotter
        self._window = Window(plotter.title or "asyncplot", plotter.theme, size=(640, 520))
        self.panels: dict[str, _Panel] = {}

    def show(self, prepared: Prepared, extent: Extent) -> None:
        """Show a field. If it needs other panels than the one before, they are made."""
        kinds = prepared.kinds
        if tuple(self.panels) != kinds:
            self._window.view.clear()
            self.panels = {
                kind: _Panel(self._window, column, kind, self._plotter) for column, kind in enumerate(kinds)
            }
            self._window.view.resize(640 * len(kinds), 520)
        for panel in self.panels.values():
            panel.show(prepared, extent)
        self._window.paint()

    def view(self) -> dict[str, Any] | None:
        """Which cells are looked at; None for all of them."""
        return next((panel.view() for panel in self.panels.values()), None)


class _Panel:
    """One image and its colour bar, for a value, a density or a phase."""

    def __init__(self, window: Window, column: int, kind: str, plotter: Image) -> None:
        pg, ink = window.pg, window.ink
        self.item = window.plot(0, column)
        self._values = CONVERSIONS[kind]
        self._origin = plotter.origin
        self._still = None if kind == "phase" else StillLimits()
        self._extent: Extent = (0.0, 1.0, 0.0, 1.0)
        self._shape = (1, 1)
        for side, text in {"bottom": plotter.xlabel, "left": plotter.ylabel}.items():
            if text:
                self.item.setLabel(side, text, color=ink)
        if title := titled(plotter.title, kind):
            self.item.setTitle(title, color=ink)
        # The lowest has the whole field, perhaps coarsely. The others have what is looked at, here and in a few other
        # viewers.
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in range(_LAYERS)]
        for each in self._images:
            self.item.addItem(each)
        cmap = "twilight" if kind == "phase" else plotter.cmap
        self._bar = pg.ColorBarItem(colorMap=_colours(pg, cmap), interactive=False, width=15)
        self._bar.setImageItem(self._images, insert_in=self.item)
        self._bar.setLevels((-np.pi, np.pi) if kind == "phase" else (0.0, 1.0))
        axis = self._bar.getAxis("right")
        window.colour_axis(axis)
        if plotter.label and kind != "phase":
            axis.setWidth(_LABELLED)
            axis.setLabel(plotter.label, color=ink)

    def show(self, prepared: Prepared, extent: Extent) -> None:
        """Show a field. Its colour limits stay the same while they fit."""
        if (prepared.shape, extent) != (self._shape, self._extent):
            self._shape, self._extent = prepared.shape, extent
            self.item.invertX(extent[0] > extent[1])
            self.item.invertY(extent[2] > extent[3])
            self.item.setAspectLocked(is_squarish(extent))
        whole, *pieces = prepared.layers()
        layers = [whole, *pieces[1 - _LAYERS :]]
        for each, piece in zip(self._images, layers, strict=False):
            self._show(each, piece)
        for number, each in enumerate(self._images):
            each.setVisible(number < len(layers))
        if self._still is not None and follow_colours(self._still, *prepared.extremes):
            self._bar.setLevels(self._still.limits)

    def _show(self, each: Any, piece: Piece) -> None:
        """Show a part of the field at its place."""
        values, (left, right, bottom, top) = upright(piece, self._shape, self._extent, self._origin)
        each.setImage(self._values(values), autoLevels=False)
        each.setRect(left, bottom, right - left, top - bottom)

    def view(self) -> dict[str, Any] | None:
        """Which cells are looked at; None for all of them."""
        box = self.item.getViewBox()
        (left, right), (bottom, top) = self.item.viewRange()
        shown = (left, right, bottom, top)
        return cells_in_view(shown, (box.width(), box.height()), self._shape, self._extent, self._origin)


def _colours(pg: Any, name: str) -> Any:
    """The colour map of this name."""
    try:
        return pg.colormap.get(name)  # one of its own, which needs no matplotlib
    except FileNotFoundError:
        return pg.colormap.getFromMatplotlib(name)
