"""A line and an image that draw only what the screen can show of their data. Viewer, GUI thread, while drawing.

In: all data, and the limits and the size of the axes at the moment of drawing. Out: a picture with no more points than
pixels. The data are reduced when the artist draws. So the picture is right at once after a pan or a zoom, without a
callback, and setting data costs nothing but a mark that the artist is stale.
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

#: A line that goes up and down by more than so many pixels in each column is drawn as a band.
_DENSE = 8.0

#: With at least so many points in each column, there are no gaps between them.
_POINTS = 8.0


class ReducedLine(Line2D):
    """A line that draws only the extremes of each pixel column.

    The picture equals that of the whole line, except for antialiasing within a column.
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
        """All data: x and y."""
        return (
            np.arange(len(self._ordinates)) if self._abscissas is None else self._abscissas
        ), self._ordinates

    def data_limits(self) -> tuple[Any, Any]:
        """The smallest and largest x, and the smallest and largest y; two empty tuples if there are no data."""
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
        """Reduce the data to the screen, if the data or the view have changed, and draw."""
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
        """For noise, which goes up and down in each column: a band with everything between the extremes.

        Drawing 1,000 such strokes over each other takes 12 ms, drawing the band 2 ms. None for a line that does not fill its
        columns, and for one that is dashed, has markers or is transparent.
        """
        axes: Any = self.axes
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
        if not _DENSE * columns < travelled < np.inf:  # also if it is not a number
            return None
        # (There is one point on each side of the limits, which may be far away.)
        column = np.clip(np.floor((x - min(low, high)) / abs(high - low) * columns), -1, columns)
        starts = np.flatnonzero(np.diff(column, prepend=np.nan))
        if np.diff(column[starts]).max(initial=0.0) > 1.0:
            return None  # there is a gap, which one stroke crosses
        at = x[starts]
        edge = np.concatenate([np.maximum.reduceat(y, starts), np.minimum.reduceat(y, starts)[::-1]])
        return self._patch_of(Path(np.column_stack([np.concatenate([at, at[::-1]]), edge])))

    def _patch_of(self, outline: Path) -> PathPatch:
        """A patch in the place, the axes and the colour of the line."""
        axes: Any = self.axes
        figure: Any = self.get_figure(root=False)
        band = PathPatch(
            outline,
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
    """Abscissas that are proportional to pixels between the limits.

    Points beyond the limits are moved to the limits. Otherwise the columns would divide the range up to these points, and
    not the part that is shown.
    """
    places = np.clip(np.asarray(x, dtype=float), min(low, high), max(low, high))
    return np.log(np.maximum(places, 1e-300)) if scale == "log" else places


class ReducedImage(AxesImage):
    """An image that samples its data: each pixel of the screen shows the cell at its place.

    matplotlib's own resampling reads all cells. It takes 11 ms for 256 x 256 cells on 370 x 370 pixels, this takes 1 ms.
    """

    def __init__(self, axes: Any, **options: Any) -> None:
        super().__init__(axes, origin="lower", **options)
        self.set_data(np.zeros((1, 1)))  # matplotlib requires data
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
            Where the cells are: left, right, bottom, top.
        convert : callable
            Computes what is shown from the cells: their phase, for example.
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
        """Where the image is on the canvas, pixels."""
        left, right, bottom, top = self._place
        return Bbox.from_extents(left, bottom, right, top).transformed(self.get_transform())

    def get_cursor_data(self, event: Any) -> Any:
        """The value under the mouse, which the toolbar shows; None outside the image."""
        if self._cells is None:
            return None
        row = nearest(np.array([event.ydata]), self._place[2:], self._cells.shape[0])
        column = nearest(np.array([event.xdata]), self._place[:2], self._cells.shape[1])
        return self._convert(self._cells[row, column])[0] if row[0] >= 0 <= column[0] else None

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """The pixels (red, green, blue, opacity), and the lower left corner of these. Called by `draw`."""
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
        """The colours of values. With a plain norm they are read from a table, six times faster than `to_rgba`."""
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
        indices[indices < 0] = count + 1  # the colours of over, under and bad follow the others
        indices[bad] = count + 2
        colours = np.vstack([self.cmap(np.arange(count), bytes=True), *self._beyond()])
        table = np.ascontiguousarray(colours).view(np.uint32)[:, 0]
        return np.ascontiguousarray(table[indices]).view(np.uint8).reshape(*values.shape, 4)

    def _beyond(self) -> list[Any]:
        """The colours of values above the range, below it, and of NaN."""
        found = [self.cmap.get_over(), self.cmap.get_under(), self.cmap.get_bad()]
        return [np.round(np.asarray([each]) * 255).astype(np.uint8) for each in found]
