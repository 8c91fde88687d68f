"""The pictures of ``bench draw``: what each case draws, with matplotlib and with pyqtgraph.

In: the name of a case. Out: its frames, and functions that make a figure of one frame and change it to
another. The limits of the axes do not change, and the data stay away from the edges of the axes, so that a
blit by hand is exact, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: One frame: x and y of a line, or the values of an image.
Frame = tuple[NDArray[Any], ...]

SIZES = {"1e2": 100, "1e3": 1_000, "1e4": 10_000, "1e5": 100_000, "1e6": 1_000_000, "1e7": 10_000_000}
IMAGES = (256, 512, 1024, 2048, 4096)

#: A case with more numbers than this has two frames. A smaller case has more, so that no frame looks like the
#: one before.
_LARGE, _FRAMES = 3_000_000, 4

_COLOUR = "#0072b2"


class Case(NamedTuple):
    """One picture.

    Attributes
    ----------
    name : str
        The name of the case.
    size : int
        Points of a line, or rows and columns of an image.
    noise : bool
        Whether the values are white noise. If not, they are a moving wave.
    image : bool
        Whether it is an image. If not, it is a line in each of the axes.
    axes : int
        The number of axes in each direction.
    layout : str or None
        Matplotlib's layout engine.
    """

    name: str
    size: int
    noise: bool = False
    image: bool = False
    axes: int = 1
    layout: str | None = None

    @property
    def half_range(self) -> float:
        """All values are between minus this and plus this."""
        return 6.0 if self.noise else 1.5

    def frames(self, count: int | None = None) -> list[Frame]:
        """The frames, which are shown one after the other. Default: a few."""
        numbers = self.size**2 if self.image else self.size
        count = count or (2 if numbers > _LARGE else _FRAMES)
        x = np.linspace(0.0, 1.0, self.size)
        if self.noise:
            random = np.random.default_rng(1)
            return [(x, random.normal(size=self.size)) for _ in range(count)]
        waves = [np.sin(20.0 * x + 0.5 * number) for number in range(count)]
        return [(np.multiply.outer(wave, wave),) if self.image else (x, wave) for wave in waves]

    def values(self, count: int | None = None) -> list[NDArray[Any]]:
        """The values of the frames, as a plotter that knows the case gets them."""
        return [frame[-1] for frame in self.frames(count)]

    def make(self, figure: Any, frame: Frame) -> list[Any]:
        """Fill a matplotlib figure. Returns the artists that `change` changes."""
        artists: list[Any] = []
        if self.layout:
            figure.set_layout_engine(self.layout)
        for axes in figure.subplots(self.axes, self.axes, squeeze=False).ravel():
            if self.image:
                artists.append(axes.imshow(*frame, vmin=-1.0, vmax=1.0, extent=(0.0, 1.0, 0.0, 1.0)))
                continue
            artists += axes.plot(*frame, color=_COLOUR)
            axes.set(xlim=(-0.05, 1.05), ylim=(-self.half_range, self.half_range))
            if self.layout:
                axes.set(xlabel="time", ylabel="energy", title="a wave")
        return artists

    def change(self, artists: Sequence[Any], frame: Frame) -> None:
        """Show another frame."""
        for artist in artists:
            artist.set_data(*frame)

    def make_pyqtgraph(self, pg: Any) -> tuple[Any, list[Any]]:
        """The same with pyqtgraph, as its users write it. Returns the window and the items to change."""
        window = pg.GraphicsLayoutWidget(size=(640, 480))
        window.setBackground("w")
        items: list[Any] = []
        for row in range(self.axes):
            for column in range(self.axes):
                plot = window.addPlot(row, column)
                if self.image:
                    item = pg.ImageItem(axisOrder="row-major", levels=(-1.0, 1.0))
                    item.setColorMap("viridis")
                    plot.addItem(item)
                else:
                    plot.setDownsampling(auto=True, mode="peak")
                    plot.setClipToView(True)
                    plot.setRange(xRange=(-0.05, 1.05), yRange=(-self.half_range, self.half_range))
                    item = plot.plot(pen=_COLOUR)
                items.append(item)
        return window, items

    def change_pyqtgraph(self, items: Sequence[Any], frame: Frame) -> None:
        """Show another frame."""
        for item in items:
            if self.image:
                item.setImage(*frame, autoLevels=False)
            else:
                item.setData(*frame)


CASES: dict[str, Case] = {
    case.name: case
    for case in (
        *(Case(f"line_{word}_smooth", size) for word, size in SIZES.items()),
        *(Case(f"line_{word}_noise", size, noise=True) for word, size in SIZES.items()),
        *(Case(f"image_{size}", size, image=True) for size in IMAGES),
        Case("axes_4x4", 1_000, axes=4),
        Case("constrained_2x2", 1_000, axes=2, layout="constrained"),
    )
}
