"""What the ready-made plotters look like, read from their pixels: all is seen, on light and on dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib import colors, pyplot

from asyncplot.plotters import Grid, Histogram, Image, Lines, Scatter


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Figures are closed."""
    yield
    pyplot.close("all")


def pixels(figure: Any, part: Any = None) -> np.ndarray:
    """Red, green and blue of the pixels of a figure, or of some axes of it, 0..255."""
    figure.canvas.draw()
    whole = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    if part is None:
        return whole
    box = part.bbox
    return whole[len(whole) - int(box.y1) : len(whole) - int(box.y0), int(box.x0) : int(box.x1)]


def has(picture: np.ndarray, colour: Any) -> bool:
    """Whether some pixels have a colour."""
    wanted = np.round(np.array(colors.to_rgb(colour)) * 255)
    return bool((np.abs(picture - wanted).max(axis=-1) <= 1).any())


def test_points_without_values_are_seen() -> None:
    """Points have a colour of their own until values come, and again when none come."""
    scatter = Scatter(label="v", theme="light")
    scatter.update([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    assert has(pixels(scatter.figure), "#0072B2")
    scatter.update([0.0, 1.0, 2.0], [0.0, 1.0, 0.0], c=[0.0, 0.5, 1.0], s=[200.0] * 3)
    assert not has(pixels(scatter.figure, scatter.axes), "#0072B2")
    large = (pixels(scatter.figure, scatter.axes).std(axis=-1) > 20).sum()
    scatter.update([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    assert has(pixels(scatter.figure), "#0072B2")
    assert (pixels(scatter.figure, scatter.axes).std(axis=-1) > 20).sum() < large / 4


def plotters(theme: str) -> list[tuple[Any, tuple[Any, ...]]]:
    """One plotter of each kind, and a frame of it."""
    return [
        (Lines("a", "b", xlabel="x", title="t", theme=theme), (np.arange(3.0), np.ones(3))),
        (Image("z", label="V", theme=theme), (np.eye(4),)),
        (Image("z", label="V", theme=theme), (np.eye(4) * 1j,)),
        (Histogram("v", theme=theme), (np.arange(9.0),)),
        (Scatter("s", label="V", theme=theme), ([0.0, 1.0], [1.0, 0.0], [0.0, 1.0])),
    ]


def luminance(colour: Any) -> float:
    """How bright a colour is, 0..1."""
    return float(np.dot(colors.to_rgb(colour), (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_can_be_read(theme: str, number: int) -> None:
    """Each text, of colour bars, legends and later ticks too, stands out from the paper."""
    plotter, frame = plotters(theme)[number]
    plotter.update(*frame)
    plotter.figure.canvas.draw()
    paper = luminance(plotter.figure.get_facecolor())
    assert (paper < 0.5) is (theme == "dark")
    texts = [text for text in plotter.figure.findobj(pyplot.Text) if text.get_text() and text.get_visible()]
    assert len(texts) > 8
    for text in texts:
        assert abs(luminance(text.get_color()) - paper) > 0.4, text


def test_the_theme_of_a_grid_is_that_of_its_parts() -> None:
    """Parts that say nothing look like the grid; one that has a theme of its own has its own paper too."""
    grid = Grid(theme="dark", a=Lines("u"), b=Scatter(label="V"), c=Lines("w", theme="light"))
    grid.update(a=np.arange(3.0), b=([0.0, 1.0], [1.0, 0.0], [0.0, 1.0]), c=np.arange(3.0))
    grid.figure.canvas.draw()
    for name, dark in (("a", True), ("b", True), ("c", False)):
        plotter = grid.plotters[name]
        papers = [plotter.figure.get_facecolor(), plotter.axes.get_facecolor()]
        assert [luminance(each) < 0.5 for each in papers] == [dark, dark]
        for text in plotter.figure.findobj(pyplot.Text):
            if text.get_text():
                assert abs(luminance(text.get_color()) - luminance(papers[0])) > 0.4, text
