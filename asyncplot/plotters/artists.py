"""Artists that draw what the screen can show of their data: a line and an image. Viewer, GUI thread, while drawing.

In: all the data, and the limits and the size of the axes as they are when the artist draws; out: a picture with no
more points than pixels. So a pan or a zoom is right at once, without a callback, and whoever sets data marks the artist
stale and computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from .reduction import ascends, extremes, nearest, window

#: From how much up and down on, in pixels for each column, a line is drawn as a band.
_DENSE = 8.0

#: From how many points in a column on they leave no gap between them.
_POINTS = 8.0


class ReducedLine(Line2D):
    """A line that draws the extremes of each pixel column.

    What is drawn equals the whole line but for antialiasing within a column.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__([], [], **options)
        self._ordinates = np.empty(0)
        self._abscissas: Any = None
        self._ordered = True
        self._spans: Any = None
        self._reduced_for: Any = None
        self._points_in_column = 1.0
        self._band: PathPatch | None = None

    def set_values(self, y: Any, x: Any = None) -> None:
        """Set the data: y, shape (n,), over x, or over 0, 1, 2, ..."""
        self._ordinates, self._abscissas = y, x
        self._ordered = x is None or ascends(x)
        self._spans = self._reduced_for = None
        self.stale = True

    def values(self) -> tuple[Any, Any]:
        """All of the data: x and y."""
        return (
            np.arange(len(self._ordinates)) if self._abscissas is None else self._abscissas
        ), self._ordinates

    def data_limits(self) -> tuple[Any, Any]:
        """The smallest and largest x, and the smallest and largest y; nothing if there are no data."""
        if self._spans is None:
            if not len(self._ordinates):
                return (), ()
            if self._abscissas is None:
                x: Any = (0, len(self._ordinates) - 1)
            else:
                x = (self._abscissas[0], self._abscissas[-1]) if self._ordered else self._abscissas
            y = self._ordinates
            if not (np.isfinite(y.min()) and np.isfinite(y.max())):
                y = y[np.isfinite(y)]
            self._spans = x, (y.min(), y.max()) if len(y) else ()
        limits: tuple[Any, Any] = self._spans
        return limits

    def draw(self, renderer: Any) -> None:
        """Reduce the data to the screen, if it or they are others than before, and draw."""
        axes: Any = self.axes
        if axes is not None:
            low, high = axes.get_xlim()
            wanted = low, high, round(axes.bbox.width), axes.get_xscale()
            if wanted != self._reduced_for:
                self._reduce(*wanted)
                self._band = self._band_of(low, high, wanted[2])
                self._reduced_for = wanted
        if self._band is None:
            super().draw(renderer)
        elif self.get_visible():
            self._band.draw(renderer)
            self.stale = False

    def _band_of(self, low: float, high: float, columns: int) -> PathPatch | None:
        """What is drawn of noise, where the line goes up and down through each column: all between the extremes.

        Drawn as the line that it is, its 1,000 strokes take 12 ms, one over the other; the band takes 2. None for a
        line that does not fill its columns, or that is dashed, has markers, or can be seen through.
        """
        axes: Any = self.axes
        figure: Any = self.get_figure(root=False)
        x, y = np.asarray(self.get_xdata()), np.asarray(self.get_ydata())
        solid = (
            self.get_linestyle() == "-"
            and self.get_marker() in {"None", "", None}
            and self.get_alpha() is None
        )
        if not solid or self._points_in_column < _POINTS or axes.get_xscale() != "linear" or high == low:
            return None
        step = max(len(x) // columns, 1)
        with np.errstate(invalid="ignore"):
            points = self.get_transform().transform(np.column_stack([x[::step], y[::step]]))
        travelled = np.abs(np.diff(points[:, 1])).sum()
        if not _DENSE * columns < travelled < np.inf:  # nor if it is not a number
            return None
        # (One point stands to each side, which may be far away.)
        column = np.clip(np.floor((x - min(low, high)) / abs(high - low) * columns), -1, columns)
        starts = np.flatnonzero(np.diff(column, prepend=np.nan))
        if np.diff(column[starts]).max(initial=0.0) > 1.0:
            return None  # a gap, which one stroke crosses
        at = x[starts]
        edge = np.concatenate([np.maximum.reduceat(y, starts), np.minimum.reduceat(y, starts)[::-1]])
        band = PathPatch(
            Path(np.column_stack([np.concatenate([at, at[::-1]]), edge])),
            facecolor=self.get_color(),
            edgecolor=self.get_color(),
            linewidth=self.get_linewidth(),
            joinstyle="bevel",
        )
        band.set_figure(figure)
        band.axes = axes
        band.stale_callback = None
        band.set_transform(self.get_transform())
        band.set_clip_path(axes.patch)
        return band

    def _reduce(self, low: float, high: float, width: int, scale: str) -> None:
        x, y = self.values()
        self._points_in_column = 1.0
        if self._ordered and len(y) > 4 * width:
            shown = window(len(y), self._abscissas, low, high)
            x, y = x[shown], y[shown]
            self._points_in_column = len(y) / width
            indices = extremes(y, width, None if self._abscissas is None else _places(x, low, high, scale))
            x, y = x[indices], y[indices]
        self.set_data(x, y)


def _places(x: Any, low: float, high: float, scale: str) -> Any:
    """Abscissas, of which equal parts between the limits are pixel columns.

    The points beyond the limits are moved there: else the columns of what is shown reached as far as these are.
    """
    places = np.clip(np.asarray(x, dtype=float), min(low, high), max(low, high))
    return np.log(np.maximum(places, 1e-300)) if scale == "log" else places


class ReducedImage(AxesImage):
    """An image that samples its data at the pixels of the screen, nearest cell each.

    matplotlib's own resampling looks at all cells, and takes 11 ms for 256 x 256 of them on 370 x 370 pixels; this takes 1.
    """

    def __init__(self, axes: Any, **options: Any) -> None:
        super().__init__(axes, origin="lower", **options)
        self.set_data(np.zeros((1, 1)))  # it must have some
        self.set_clip_path(axes.patch)
        self._cells: Any = None
        self._place = (0.0, 1.0, 0.0, 1.0)
        self._convert: Callable[[Any], Any] = np.asarray

    def set_values(
        self,
        cells: Any,
        place: tuple[float, float, float, float],
        convert: Callable[[Any], Any] = np.asarray,
    ) -> None:
        """Set the data.

        Parameters
        ----------
        cells : array, shape (rows, columns)
            The first row is at the bottom.
        place : tuple of float
            Where that is: left, right, bottom, top.
        convert : callable
            What is made of the cells that are shown: the phase, say.
        """
        self._cells, self._place, self._convert = cells, place, convert
        self.stale = True

    def data_limits(self) -> tuple[Any, Any]:
        """Left and right, bottom and top."""
        return self._place[:2], self._place[2:]

    def get_extent(self) -> Any:
        """Left, right, bottom, top."""
        return self._place

    def get_window_extent(self, renderer: Any = None) -> Bbox:
        """Where that is on the canvas, pixels."""
        left, right, bottom, top = self._place
        return Bbox.from_extents(left, bottom, right, top).transformed(self.get_transform())

    def get_cursor_data(self, event: Any) -> Any:
        """The value under the mouse, which the toolbar shows; None beside the image."""
        if self._cells is None:
            return None
        row = nearest(np.array([event.ydata]), self._place[2:], self._cells.shape[0])
        column = nearest(np.array([event.xdata]), self._place[:2], self._cells.shape[1])
        return self._convert(self._cells[row, column])[0] if row[0] >= 0 <= column[0] else None

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """The pixels: red, green, blue and opacity, and where they begin. Called by `draw`."""
        axes: Any = self.axes
        to_data = self.get_transform().inverted()
        box = axes.bbox
        left, bottom, right, top = (round(at * magnification) for at in (box.x0, box.y0, box.x1, box.y1))
        if self._cells is None or right <= left or top <= bottom:
            return None, 0, 0, None
        x, y = (np.arange(left, right) + 0.5) / magnification, (np.arange(bottom, top) + 0.5) / magnification
        across = to_data.transform(np.column_stack([x, np.full(len(x), box.y0)]))[:, 0]
        down = to_data.transform(np.column_stack([np.full(len(y), box.x0), y]))[:, 1]
        columns = nearest(across, self._place[:2], self._cells.shape[1])
        rows = nearest(down, self._place[2:], self._cells.shape[0])
        inside_x, inside_y = np.flatnonzero(columns >= 0), np.flatnonzero(rows >= 0)
        if not len(inside_x) or not len(inside_y):
            return None, 0, 0, None
        shown = self._cells[rows[inside_y]][:, columns[inside_x]]
        return self._coloured(self._convert(shown)), left + inside_x[0], bottom + inside_y[0], None

    def _coloured(self, values: Any) -> Any:
        """The colours of values; with a plain norm by a table, six times faster than `to_rgba`."""
        low, high = self.get_clim()
        if type(self.norm) is not Normalize or low is None or high is None or not high > low:
            return self.to_rgba(values, bytes=True)
        count = self.cmap.N
        with np.errstate(invalid="ignore"):
            scaled = np.clip((values - low) * (count / (high - low)), -1.0, count)
        bad = scaled != scaled
        scaled[bad] = 0.0
        indices = np.floor(scaled).astype(np.intp)
        indices[(indices == count) & (values <= high)] = count - 1
        indices[indices < 0] = count + 1  # the colours of over, under and bad come after all others
        indices[bad] = count + 2
        colours = np.vstack([self.cmap(np.arange(count), bytes=True), *self._beyond()])
        table = np.ascontiguousarray(colours).view(np.uint32)[:, 0]
        return np.ascontiguousarray(table[indices]).view(np.uint8).reshape(*values.shape, 4)

    def _beyond(self) -> list[Any]:
        """The colours of what is above, below and no number at all."""
        found = [self.cmap.get_over(), self.cmap.get_under(), self.cmap.get_bad()]
        return [np.round(np.asarray([each]) * 255).astype(np.uint8) for each in found]
