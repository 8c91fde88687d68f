"""`Image`: a 2-D field; a complex one as density and phase. In: arrays. Out: images, reduced to the screen.

`prepare` runs on the compute side, everything else in the viewer, on the GUI thread. The geometry is in `fields`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ConfigurationError
from .autoscale import StillLimits
from .base import Plotter, keep_tick_colours
from .fields import (
    CONVERSIONS,
    Extent,
    Prepared,
    cells_in_view,
    follow_colours,
    is_rectangle,
    is_squarish,
    reduced_field,
    titled,
    upright,
)


class Image(Plotter):
    """A 2-D field with a colour bar; of a complex one its density (squared modulus) and its phase.

    Parameters
    ----------
    name : str
        Above the image.
    cmap : str
        matplotlib's name of the colours; phases have cyclic ones.
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
    numbers around what is left of the whole field. They grow at once, and shrink after a while. Masked values, and those
    that are not numbers, have the colour of the background.

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
        extent: Extent | None = None,
        origin: str = "lower",
        label: str = "",
        xlabel: str = "",
        ylabel: str = "",
        theme: str = "auto",
    ) -> None:
        super().__init__(name, theme)
        if origin not in {"lower", "upper"}:
            raise ConfigurationError(f"origin={origin!r}: use 'lower' or 'upper'")
        if extent is not None and not is_rectangle(extent):
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
        return (reduced_field(z, views),)

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
        rows, columns = prepared.shape
        whole = (0.0, float(columns), 0.0, float(rows))
        self._show(prepared, whole if self.extent is None else self.extent)

    def _show(self, prepared: Prepared, extent: Extent) -> None:
        if tuple(field.kind for field in self._fields) != prepared.kinds:
            self._make_fields(prepared.kinds)
        for field in self._fields:
            field.show(prepared, extent, self.origin)

    def view(self) -> dict[str, Any] | None:
        """Which part is looked at, in cells, for `prepare`; None for all of it."""
        if not self._fields or self._fields[0].shape is None:
            return None
        return self._fields[0].view(self.origin)

    def make(self, figure: Any) -> None:
        """Does nothing. The axes are made with the first field, which tells how many are needed."""

    def _make_fields(self, kinds: tuple[str, ...]) -> None:
        import matplotlib

        from . import themes

        settings: Any = themes.settings(self.theme)
        with matplotlib.rc_context(settings):
            self.figure.clear()
            if len(kinds) > 1 and hasattr(self.figure, "set_size_inches"):  # not if it is a part of a Grid
                self.figure.set_size_inches(9.6, 4.2)
            axes = np.atleast_1d(self.figure.subplots(1, len(kinds), sharex=True, sharey=True))
            self.axes = axes[0]
            self._fields = [_Field(each, kind, self) for each, kind in zip(axes, kinds, strict=True)]


class _Field:
    """One image and its colour bar, for a value, a density or a phase."""

    def __init__(self, axes: Any, kind: str, plotter: Image) -> None:
        from .artists import ReducedImage

        self.kind = kind
        self.shape: tuple[int, int] | None = None
        self._axes = axes
        self._extent: Extent = (0.0, 1.0, 0.0, 1.0)
        self._still = StillLimits()
        cmap = "twilight" if kind == "phase" else plotter.cmap
        self._images: list[Any] = []
        self._image: Callable[..., Any] = functools.partial(ReducedImage, axes, cmap=cmap)
        self._add_image()
        axes.grid(False)
        axes.set(xlabel=plotter.xlabel, ylabel=plotter.ylabel, title=titled(plotter.title, kind))
        keep_tick_colours(axes)
        bar = plotter.figure.colorbar(self._images[0], ax=axes, shrink=0.8)
        keep_tick_colours(bar.ax)
        bar.outline.set_visible(False)
        if kind == "phase":
            self._set_limits(-math.pi, math.pi)
            bar.set_ticks([-math.pi, 0.0, math.pi], labels=["-\u03c0", "0", "\u03c0"])
        else:
            bar.set_label(plotter.label)

    def show(self, prepared: Prepared, extent: Extent, origin: str) -> None:
        """Show a field."""
        if (prepared.shape, extent) != (self.shape, self._extent):
            self.shape, self._extent = prepared.shape, extent
            aspect = "equal" if is_squarish(extent) else "auto"
            self._axes.set(xlim=extent[:2], ylim=extent[2:], aspect=aspect)
        if self.kind != "phase":
            self._follow(*prepared.extremes)
        pieces = prepared.layers()
        while len(self._images) < len(pieces):
            self._add_image()
        for image, piece in zip(self._images, pieces, strict=False):
            values, at = upright(piece, prepared.shape, extent, origin)
            image.set_values(values, at, CONVERSIONS[self.kind])
        for number, image in enumerate(self._images):
            if image.get_visible() != (number < len(pieces)):
                image.set_visible(number < len(pieces))

    def _add_image(self) -> None:
        # Above the axis, which is at 0.5: its ticks and texts need not be drawn over the image in each frame.
        options = {"norm": self._images[0].norm} if self._images else {}
        image = self._image(zorder=0.6 + 0.01 * min(len(self._images), 30), **options)
        self._axes.add_image(image)
        self._images.append(image)

    def view(self, origin: str) -> dict[str, Any] | None:
        """Which cells are looked at; None for all of them."""
        assert self.shape is not None  # the caller has checked that
        box = self._axes.bbox
        shown = (*self._axes.get_xlim(), *self._axes.get_ylim())
        return cells_in_view(shown, (box.width, box.height), self.shape, self._extent, origin)

    def _follow(self, low: float, high: float) -> None:
        """Set new colour limits if the values have left the old ones, or have been small for long."""
        if follow_colours(self._still, low, high) and self._still.limits is not None:
            self._set_limits(*self._still.limits)

    def _set_limits(self, low: float, high: float) -> None:
        self._images[0].set_clim(low, high)  # all images have the same norm
