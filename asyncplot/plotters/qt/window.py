"""What pyqtgraph's plotters share: the package, a window that waits for its first frame, and its painting.

Viewer, GUI thread. In: a title and a theme; out: a window of Qt's, shown without the focus by the viewer's backend.
"""

from __future__ import annotations

from typing import Any

from ...errors import ConfigurationError, MissingDependency
from .. import themes

#: What the viewer is asked for, frames a second at most: as many as it can draw (290 of a smooth line of 10,000 points).
FPS = 1000.0

#: By how much the numbers at the ends of an axis may stand out, pixels: limits are round numbers, which are to be read.
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


class Window:
    """A window with a grid of plots.

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
        The colour of texts and axes, and that behind them.
    colours : list of str
        Those of curves.
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
            self.ink_axis(axis)
            axis.setStyle(hideOverlappingLabels=_OVERHANG)
        return item

    def ink_axis(self, axis: Any) -> None:
        """Give an axis the colours of the theme; its numbers stay what they are, whatever its label."""
        axis.setPen(self.ink)
        axis.setTextPen(self.ink)
        axis.enableAutoSIPrefix(False)

    def paint(self) -> None:
        """Have on the screen what was changed, before the frame counts as drawn.

        `QWidget.repaint` would draw all of it, and the loop of the GUI once more what had changed. So what
        waits for that loop is done now: limits that follow the data, what the scene finds changed, the drawing.
        """
        core, scene = self.pg.QtCore, self.view.scene()
        scene.prepareForPaint()
        core.QCoreApplication.sendPostedEvents(scene, 0)
        core.QCoreApplication.sendPostedEvents(self.view.window(), core.QEvent.Type.UpdateRequest.value)
