"""`Image`: a 2-D field, real, or complex as density and phase. In: arrays; out: images reduced to the screen.

What does not depend on who draws (which cells are looked at, where they are, what colours are to hold) are functions
at the end: `asyncplot.plotters.qt.Image` uses them, too.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import ConfigurationError, FrameError
from .arguments import NUMERIC, numbers
from .autoscale import StillLimits
from .base import Plotter, still
from .reduction import part

#: Fields of at most so many rows and columns are shipped whole; of larger ones so many are.
_SHIPPED = 1024

#: Four numbers around a rectangle: left, right, bottom, top.
Edges = tuple[float, float, float, float]


class Piece(NamedTuple):
    """A part of a field: its values, and where it is in units of cells."""

    values: Any
    place: Edges


class Prepared(NamedTuple):
    """A field as `prepare` leaves it: the whole coarsely, what views show finely, and its shape."""

    whole: Any
    pieces: list[Piece]
    shape: tuple[int, int]
    extremes: tuple[float, float]

    def layers(self) -> list[Piece]:
        """The whole, and on it what each viewer looks at, the finest last."""
        down, across = _steps(self.shape)
        rows, columns = self.whole.shape
        # Each of its cells is as wide as those that it stands for: the last ones may reach beyond the field.
        whole = Piece(self.whole, (0.0, columns * across, 0.0, rows * down))
        return [whole, *sorted(self.pieces, key=_cell, reverse=True)]


class Image(Plotter):
    """A 2-D field with a colour bar; of a complex one its density (squared modulus) and its phase.

    Parameters
    ----------
    name : str
        Above the image.
    cmap : str
        matplotlib's name of the colours; those of phases are cyclic.
    extent : (left, right, bottom, top), optional
        Where the edges of the field are; default: 0 to columns, 0 to rows.
    origin : {"lower", "upper"}
        Where the first row is.
    label, xlabel, ylabel : str
        Of the colours (with their unit), and of the axes.
    theme : {"auto", "light", "dark"}
        "auto": what ``ASYNCPLOT_THEME`` says in the viewer, else light.

    Notes
    -----
    Large fields are reduced to the pixels of what is looked at, by leaving out rows and columns. Colour limits are round
    numbers around what is left of the whole field; they grow at once and shrink after a while. What is
    masked, or not a number, has the colour of the background.

    Examples
    --------
    >>> import asyncplot, numpy
    >>> from asyncplot.plotters import Image
    >>> with asyncplot.Server(Image("density", label="1/m2"), backend="offscreen") as plot:
    ...     plot.update(numpy.eye(3)).wait()
    """

    _of_the_viewer: tuple[str, ...] = (*Plotter._of_the_viewer, "axes")

    def __init__(
        self,
        name: str = "",
        *,
        cmap: str = "viridis",
        extent: Edges | None = None,
        origin: str = "lower",
        label: str = "",
        xlabel: str = "",
        ylabel: str = "",
        theme: str = "auto",
    ) -> None:
        super().__init__(name, theme)
        if origin not in {"lower", "upper"}:
            raise ConfigurationError(f"origin={origin!r}: use 'lower' or 'upper'")
        if extent is not None and not _is_rectangle(extent):
            raise ConfigurationError(
                f"extent={extent!r}: use (left, right, bottom, top), finite, with some area"
            )
        self.cmap, self.extent, self.origin = cmap, extent, origin
        self.label, self.xlabel, self.ylabel = label, xlabel, ylabel
        self.axes: Any = None
        self._fields: list[_Field] = []

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_fields": []}

    @staticmethod
    def prepare(z: Any, *, views: Sequence[Any] = ()) -> tuple[Prepared]:
        """Reduce a large field to what the views show. Compute side."""
        field = _checked(z)
        rows, columns = field.shape
        steps = _steps((rows, columns))
        whole = field[:: steps[0], :: steps[1]]
        pieces = []
        if whole.size < field.size:
            for view in views:
                down = part(rows, (0.0, rows), view["y"], view["height"])
                across = part(columns, (0.0, columns), view["x"], view["width"])
                values = np.ascontiguousarray(field[down, across])
                place = (
                    across.start,
                    across.start + across.step * values.shape[1],
                    down.start,
                    down.start + down.step * values.shape[0],
                )
                pieces.append(Piece(values, place))
        values = np.ascontiguousarray(whole)
        return (Prepared(values, pieces, (rows, columns), _extremes(values)),)

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
        self.start()
        kinds = ["density", "phase"] if np.iscomplexobj(prepared.whole) else ["value"]
        if [field.kind for field in self._fields] != kinds:
            self._make_fields(kinds)
        for field in self._fields:
            field.show(prepared, self._place(prepared.shape), self.origin)

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at, in cells, for `prepare`: None for all of it."""
        if not self._fields or self._fields[0].shape is None:
            return None
        return self._fields[0].view(self.origin)

    def make(self, figure: Any) -> None:
        """Axes are made with the first field, which tells how many."""

    def _place(self, shape: tuple[int, int]) -> Edges:
        return self.extent if self.extent is not None else (0.0, float(shape[1]), 0.0, float(shape[0]))

    def _make_fields(self, kinds: list[str]) -> None:
        import matplotlib

        from . import themes

        settings: Any = themes.settings(self.theme)
        with matplotlib.rc_context(settings):
            self.figure.clear()
            if len(kinds) > 1 and hasattr(self.figure, "set_size_inches"):  # and not a part of a Grid
                self.figure.set_size_inches(9.6, 4.2)
            axes = np.atleast_1d(self.figure.subplots(1, len(kinds), sharex=True, sharey=True))
            self.axes = axes[0]
            self._fields = [_Field(each, kind, self) for each, kind in zip(axes, kinds, strict=True)]


class _Field:
    """One image and its colour bar: a value, a density or a phase."""

    def __init__(self, axes: Any, kind: str, plotter: Image) -> None:
        from .artists import ReducedImage

        self.kind = kind
        self.shape: tuple[int, int] | None = None
        self._axes = axes
        self._place = (0.0, 1.0, 0.0, 1.0)
        self._still = StillLimits()
        cmap = "twilight" if kind == "phase" else plotter.cmap
        self._images: list[Any] = []
        self._image: Callable[..., Any] = functools.partial(ReducedImage, axes, cmap=cmap)
        self._add_image()
        axes.grid(False)
        title = {
            "value": plotter.title,
            "density": f"{plotter.title} density".strip(),
            "phase": f"{plotter.title} phase".strip(),
        }[kind]
        axes.set(xlabel=plotter.xlabel, ylabel=plotter.ylabel, title=title)
        still(axes)
        bar = plotter.figure.colorbar(self._images[0], ax=axes, shrink=0.8)
        still(bar.ax)
        bar.outline.set_visible(False)
        if kind == "phase":
            self._set_limits(-math.pi, math.pi)
            bar.set_ticks([-math.pi, 0.0, math.pi], labels=["-\u03c0", "0", "\u03c0"])
        else:
            bar.set_label(plotter.label)

    def show(self, prepared: Prepared, place: Edges, origin: str) -> None:
        """Show a field."""
        if (prepared.shape, place) != (self.shape, self._place):
            self.shape, self._place = prepared.shape, place
            self._axes.set(xlim=place[:2], ylim=place[2:], aspect="equal" if is_square(place) else "auto")
        if self.kind != "phase":
            self._follow(*prepared.extremes)
        pieces = prepared.layers()
        while len(self._images) < len(pieces):
            self._add_image()
        for image, piece in zip(self._images, pieces, strict=False):
            cells, at = upright(piece, prepared.shape, place, origin)
            image.set_values(cells, at, CONVERSIONS[self.kind])
        for number, image in enumerate(self._images):
            if image.get_visible() != (number < len(pieces)):
                image.set_visible(number < len(pieces))

    def _add_image(self) -> None:
        # Above the axis, which is at 0.5: its ticks and texts need not be drawn over the image each time.
        options = {"norm": self._images[0].norm} if self._images else {}
        image = self._image(zorder=0.6 + 0.01 * min(len(self._images), 30), **options)
        self._axes.add_image(image)
        self._images.append(image)

    def view(self, origin: str) -> dict[str, Any] | None:
        """Which cells are looked at; None for all of them."""
        assert self.shape is not None  # the caller has looked
        box = self._axes.bbox
        shown = (*self._axes.get_xlim(), *self._axes.get_ylim())
        return cells_in_view(shown, (box.width, box.height), self.shape, self._place, origin)

    def _follow(self, low: float, high: float) -> None:
        """Set colour limits, if the values have left them, or have been small for long."""
        if follow_colours(self._still, low, high) and self._still.limits is not None:
            self._set_limits(*self._still.limits)

    def _set_limits(self, low: float, high: float) -> None:
        self._images[0].set_clim(low, high)  # those of the norm that all have


def _is_rectangle(extent: Sequence[float]) -> bool:
    """Whether these are the edges of something that can be seen."""
    return (
        len(extent) == 4
        and all(map(math.isfinite, extent))
        and extent[0] != extent[1]
        and extent[2] != extent[3]
    )


def _steps(shape: tuple[int, int]) -> tuple[int, int]:
    """Of how many rows, and of how many columns, one is shipped."""
    return max(math.ceil(shape[0] / _SHIPPED), 1), max(math.ceil(shape[1] / _SHIPPED), 1)


def _cell(piece: Piece) -> float:
    """How many cells of the field one of a piece stands for."""
    left, right, bottom, top = piece.place
    return (right - left) * (top - bottom) / float(piece.values.size)


def _checked(z: Any) -> Any:
    field = numbers("the field", z, 2, NUMERIC)
    if not field.size:
        raise FrameError(f"the field has shape {field.shape}: there is nothing to show")
    return field


def _extremes(values: Any) -> tuple[float, float]:
    """The smallest and the largest finite value (of complex ones of the density); not numbers without any."""
    if values.dtype.kind == "c":
        values = _density(values)
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = values[np.isfinite(values)]
        return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
    return low, high


def _density(values: Any) -> Any:
    return values.real**2 + values.imag**2


def _plain(values: Any) -> Any:
    return values.astype(np.uint8) if values.dtype.kind == "b" else values


#: What is shown of a field.
CONVERSIONS: dict[str, Callable[[Any], Any]] = {"phase": np.angle, "density": _density, "value": _plain}


def follow_colours(still: StillLimits, low: float, high: float) -> bool:
    """Have colour limits follow the extremes of a field; True if they are others now."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return False
    if 0.0 <= low < 0.2 * high:
        low = 0.0  # what is above zero is shown from there on
    return still.follow(low, high, margin=0.0)


def is_square(place: Edges) -> bool:
    """Whether equal units in both directions make a picture that is neither a stripe nor a pole."""
    return 0.25 <= abs((place[1] - place[0]) / (place[3] - place[2])) <= 4.0


def upright(piece: Piece, shape: tuple[int, int], place: Edges, origin: str) -> tuple[Any, Edges]:
    """Values with their first row at the bottom, and where they are in the units of the axes.

    Parameters
    ----------
    piece : Piece
        A part of the field.
    shape : (rows, columns)
        Of the field.
    place : Edges
        Where the field is, in the units of the axes.
    origin : {"lower", "upper"}
        Where the first row of the field is.
    """
    rows, columns = shape
    left, right, bottom, top = piece.place
    values = piece.values
    if origin == "upper":
        values, bottom, top = values[::-1], rows - top, rows - bottom
    x0, x1, y0, y1 = place
    dx, dy = (x1 - x0) / columns, (y1 - y0) / rows
    return values, (x0 + dx * left, x0 + dx * right, y0 + dy * bottom, y0 + dy * top)


def cells_in_view(
    shown: Edges, size: tuple[float, float], shape: tuple[int, int], place: Edges, origin: str
) -> dict[str, Any] | None:
    """Which cells are looked at, as `Image.prepare` wants it; None for all of them.

    Parameters
    ----------
    shown : Edges
        The limits of the axes.
    size : (width, height)
        Of the axes in pixels.
    shape, place, origin
        Of the field, as in `upright`.

    Examples
    --------
    >>> whole = 0.0, 100.0, 0.0, 50.0
    >>> cells_in_view((-1.0, 101.0, 0.0, 50.0), (640.0, 480.0), (50, 100), whole, "lower")
    >>> cells_in_view((0.0, 10.0, 0.0, 20.0), (640.0, 480.0), (50, 100), whole, "upper")
    {'x': [0.0, 10.0], 'y': [30.0, 50.0], 'width': 640, 'height': 480}
    """
    rows, columns = shape
    x0, x1, y0, y1 = place
    x = sorted((float(at) - x0) / (x1 - x0) * columns for at in shown[:2])
    y = sorted((float(at) - y0) / (y1 - y0) * rows for at in shown[2:])
    if x[0] <= 0.0 and x[1] >= columns and y[0] <= 0.0 and y[1] >= rows:
        return None
    if origin == "upper":
        y = [rows - y[1], rows - y[0]]
    return {"x": x, "y": y, "width": round(size[0]), "height": round(size[1])}
