"""What pyqtgraph's plotters share: the package, a window that is made with the first frame, and its painting.

Viewer, GUI thread. In: a title and a theme. Out: a window of Qt's, which the viewer's backend shows without the focus.
"""

from __future__ import annotations

from typing import Any

from ...errors import ConfigurationError, MissingDependency
from .. import themes

#: At most so many frames a second: as many as it can draw (290 of a smooth line of 10,000 points).
FPS = 1000.0

#: How far the numbers at the ends of an axis may stick out, pixels. Limits are round numbers, so they are to be read.
_OVERHANG = 20


def pyqtgraph() -> Any:
    """The package.

    Raises
    ------
    MissingDependency
        If it is not installed here, in the viewer's Python.
    ConfigurationError
        If this viewer's windows are not Qt's.
    """
    try:
        import pyqtgraph as pg
    except ImportError as error:
        raise MissingDependency(
            f"asyncplot.plotters.qt needs pyqtgraph in the plotting interpreter ({error}): "
            "pip install asyncplot[pyqtgraph]"
        ) from error
    if pg.QtWidgets.QApplication.instance() is None:
        raise ConfigurationError(
            "asyncplot.plotters.qt needs a viewer with Qt's windows, and this one has others: "
            'Server(..., backend="qt"), or asyncplot.plotters for any backend'
        )
    return pg


class OwnWindow:
    """What the plotters share that have a window of their own.

    Attributes
    ----------
    fps : float
        The viewer draws at most so many frames a second.
    """

    fps = FPS

    #: Such a plotter cannot be a part of a `Grid`.
    divides = False

    _made: Any = None

    def start(self, figure: Any = None) -> None:
        """Make the window, once."""
        if self._made is None:
            self._made = self._make_window()

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at, for `prepare`; None for all of it."""
        view: dict[str, Any] | None = None if self._made is None else self._made.view()
        return view

    def _make_window(self) -> Any:
        """Make the window and what is in it."""
        raise NotImplementedError


class Window:
    """A window with plots in rows and columns.

    Parameters
    ----------
    title : str
        Of the window.
    theme : str
        The name of a theme.
    size : tuple of int
        Width and height in pixels.

    Attributes
    ----------
    ink, paper : str
        The colour of texts and axes, and the one behind them.
    colours : list of str
        The colours of curves.
    """

    def __init__(self, title: str, theme: str, size: tuple[int, int] = (800, 500)) -> None:
        self.pg = pyqtgraph()
        settings = themes.settings(theme)
        self.ink: str = settings["text.color"]
        self.paper: str = settings["figure.facecolor"]
        self.colours: list[str] = settings["axes.prop_cycle"].by_key()["color"]
        self.view = self.pg.GraphicsLayoutWidget(show=False, title=title, size=size)
        self.view.setBackground(self.paper)
        left, top, _, bottom = self.view.ci.layout.getContentsMargins()
        self.view.ci.setContentsMargins(left, top, _OVERHANG, bottom)
        self.view.show()

    def plot(self, row: int, column: int) -> Any:
        """A plot with axes in the colours of the theme."""
        item = self.view.addPlot(row, column)
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            self.colour_axis(axis)
            axis.setStyle(hideOverlappingLabels=_OVERHANG)
        return item

    def colour_axis(self, axis: Any) -> None:
        """Give an axis the colours of the theme. Its numbers are not scaled by a prefix of the unit."""
        axis.setPen(self.ink)
        axis.setTextPen(self.ink)
        axis.enableAutoSIPrefix(False)

    def paint(self) -> None:
        """Put the changes on the screen, before the frame counts as drawn.

        `QWidget.repaint` would draw everything, and the GUI's loop would then draw the changes again. So the events that
        wait for that loop are handled now: limits that follow the data, changes that the scene has found, the drawing.
        """
        core, scene = self.pg.QtCore, self.view.scene()
        scene.prepareForPaint()
        core.QCoreApplication.sendPostedEvents(scene, 0)
        core.QCoreApplication.sendPostedEvents(self.view.window(), core.QEvent.Type.UpdateRequest.value)
