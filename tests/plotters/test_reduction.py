"""What is reduced to the screen makes the same picture, and loses no extreme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from asyncplot.plotters import Image, Lines
from asyncplot.plotters.artists import ReducedImage, ReducedLine
from asyncplot.plotters.reduction import FEW, extremes, reduced, window

SIZES = st.integers(3, 5000)


def series(seed: int, size: int, kind: str) -> np.ndarray:
    """Noise, a walk or a wave."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=size)
    return {"noise": noise, "walk": noise.cumsum(), "wave": np.sin(np.linspace(0, 20, size))}[kind]


@given(st.integers(0, 100), SIZES, st.integers(1, 300))
def test_no_extreme_is_lost(seed: int, size: int, columns: int) -> None:
    """The minimum, the maximum and both ends are among the points that are kept, which are few."""
    y = series(seed, size, "noise")
    kept = extremes(y, columns)
    assert y[kept].min() == y.min()
    assert y[kept].max() == y.max()
    assert kept[0] == 0
    assert kept[-1] == size - 1
    assert (np.diff(kept) > 0).all()
    assert len(kept) <= max(2 * columns + 2, min(size, 2 * columns))


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "u2", "i8", "?", "longdouble"])
def test_any_real_dtype(dtype: str) -> None:
    """Reduction takes whatever real numbers there are, contiguous or not."""
    y = (np.arange(50_000) % 97).astype(dtype)[::2]
    kept = extremes(y, 100)
    assert y[kept].max() == y.max()


def test_what_is_not_a_number_is_passed_over() -> None:
    """A NaN hides no extreme."""
    y = np.sin(np.linspace(0, 9, 100_000))
    y[::7] = np.nan
    kept = extremes(y, 50)
    assert np.nanmax(y[kept]) == np.nanmax(y)
    assert np.nanmin(y[kept]) == np.nanmin(y)


@given(SIZES, st.floats(-10, 5010), st.floats(-10, 5010), st.booleans())
def test_a_window_holds_what_is_looked_at(size: int, low: float, high: float, abscissas: bool) -> None:
    """All points between two abscissas are in the window, and one more on each side."""
    x = np.arange(size)
    low, high = sorted((low, high))
    part = window(size, x if abscissas else None, low, high)
    inside = np.flatnonzero((x >= low) & (x <= high))
    if len(inside):
        assert part.start <= max(inside[0] - 1, 0)
        assert part.stop >= min(inside[-1] + 2, size)
    assert 0 <= part.start <= size
    assert part.stop <= size


def picture(line: Line2D, limits: tuple[float, float, float, float]) -> np.ndarray:
    """How dark each pixel is, 0..1, of a line alone in its axes."""
    figure = Figure(figsize=(3, 2))
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.add_line(line)
    axes.set(xlim=limits[:2], ylim=limits[2:])
    canvas.draw()
    return 1.0 - np.asarray(canvas.buffer_rgba())[..., :3].mean(axis=-1) / 255.0


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from(["noise", "walk", "wave"]),
    st.floats(0.0, 0.9),
    st.floats(0.02, 1.0),
    st.booleans(),
)
def test_the_picture_is_that_of_all_points(
    seed: int, kind: str, begin: float, share: float, own: bool
) -> None:
    """A reduced line looks like the whole line, at any zoom: dark where it is dark, light where it is light."""
    y = series(seed, 20_000, kind)
    x = np.sort(np.random.default_rng(seed).uniform(0, len(y), len(y))) if own else None
    low, high = begin * len(y), min(begin + share, 1.0) * len(y)
    limits = low, high, float(y.min()) - 0.1, float(y.max()) + 0.1
    line = ReducedLine(color="k", linewidth=1.0)
    line.set_values(y, x)
    got = picture(line, limits)
    whole = Line2D(np.arange(len(y)) if x is None else x, y, color="k", linewidth=1.0)
    whole.get_path().should_simplify = False
    expected = picture(whole, limits)
    for first, second in ((got, expected), (expected, got)):
        near = np.maximum.reduce(
            [np.roll(second, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        )
        assert (first > near + 0.5).mean() < 2e-3


def test_a_prepared_zoom_has_all_points_of_what_is_looked_at() -> None:
    """With a view, what is shipped holds the extremes of each pixel column of it, and still the whole."""
    y = np.random.default_rng(2).normal(size=1_000_000)
    view = {"x": [500_000.0, 500_400.0], "width": 600}
    x, values = reduced(None, y, [view])
    assert x is not None
    inside = (x >= 500_000) & (x <= 500_400)
    assert np.array_equal(values[inside], y[500_000:500_401])
    assert values.max() == y.max()
    assert len(values) < 15_000


@pytest.mark.parametrize("size", [10, FEW])
def test_few_points_are_left_alone(size: int) -> None:
    """Small curves are shipped as they are, not even looked at."""
    y = np.arange(float(size))
    x, values = reduced(None, y, [])
    assert x is None
    assert values is y


def test_a_curve_that_turns_back_is_left_alone() -> None:
    """Without ascending abscissas there are no columns."""
    angle = np.linspace(0, 2 * np.pi, 50_000)
    x, y = reduced(np.cos(angle), np.sin(angle), [])
    assert x is not None
    assert len(x) == len(y) == 50_000


def test_a_complex_curve_keeps_the_extremes_of_both_parts() -> None:
    """The real and the imaginary part of a long curve are reduced together."""
    random = np.random.default_rng(3)
    y = random.normal(size=100_000) + 1j * random.normal(size=100_000)
    _, values = reduced(None, y, [])
    assert values.real.max() == y.real.max()
    assert values.imag.min() == y.imag.min()


# --- images ---------------------------------------------------------------------------------------------


def image_picture(cells: np.ndarray, place: Any, limits: Any) -> np.ndarray:
    """The picture of an image alone in its axes, 100 x 100 pixels."""
    figure = Figure(figsize=(1, 1), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    image = ReducedImage(axes, cmap="gray")
    image.set_clim(0.0, 1.0)
    axes.add_image(image)
    image.set_values(cells, place)
    axes.set(xlim=limits[:2], ylim=limits[2:])
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., 0]


def test_cells_are_where_they_belong() -> None:
    """The corners of a field are in the corners, the first row at the bottom."""
    cells = np.zeros((4, 5))
    cells[0, 0], cells[3, 4] = 1.0, 0.5
    got = image_picture(cells, (0.0, 5.0, 0.0, 4.0), (0.0, 5.0, 0.0, 4.0))
    assert (got[75:, :20] == 255).all()
    assert np.unique(got[:25, 80:]).tolist() == [128]
    assert (got[:75, :80] == 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 10))
def test_a_field_equals_matplotlibs(rows: int, columns: int, seed: int) -> None:
    """The pixels are those of `imshow` with the nearest cell, but where a pixel lies between two cells."""
    cells = np.random.default_rng(seed).integers(0, 2, (rows, columns)).astype(float)
    figure = Figure(figsize=(1, 1), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.imshow(
        cells,
        vmin=0.0,
        vmax=1.0,
        cmap="gray",
        interpolation="nearest",
        aspect="auto",
        origin="lower",
        extent=(0.0, 2.0, 0.0, 1.0),
    )
    canvas.draw()
    expected = np.asarray(canvas.buffer_rgba())[..., 0]
    got = image_picture(cells, (0.0, 2.0, 0.0, 1.0), (0.0, 2.0, 0.0, 1.0))
    edge_x = np.abs((np.arange(100) + 0.5) * columns / 100 % 1.0 - 0.5) > 0.5 - 0.02 * max(columns / 100, 1)
    edge_y = np.abs((np.arange(100) + 0.5) * rows / 100 % 1.0 - 0.5) > 0.5 - 0.02 * max(rows / 100, 1)
    sure = ~edge_y[::-1, np.newaxis] & ~edge_x
    assert np.array_equal(got[sure], expected[sure])


def test_not_a_number_is_see_through() -> None:
    """Cells that are no numbers show the background."""
    cells = np.full((2, 2), np.nan)
    cells[0, 0] = 0.0
    got = image_picture(cells, (0.0, 2.0, 0.0, 2.0), (0.0, 2.0, 0.0, 2.0))
    assert (got[:50] == 255).all()
    assert (got[50:, :50] == 0).all()


def test_a_large_field_is_shipped_small_and_a_zoom_exact() -> None:
    """What crosses is what a screen shows: the whole coarsely, and the part that is looked at cell by cell."""
    field = np.random.default_rng(4).normal(size=(3000, 4000))
    (whole,) = Image.prepare(field)
    assert whole.whole.size <= 1024**2
    assert whole.shape == field.shape
    view = {"x": [1000.0, 1200.0], "y": [500.0, 650.0], "width": 400, "height": 300}
    (zoomed,) = Image.prepare(field, views=[view])
    (piece,) = zoomed.pieces
    left, right, bottom, top = (int(at) for at in piece.place)
    assert np.array_equal(piece.values, field[bottom:top, left:right])
    assert left <= 1000
    assert right >= 1200
    assert bottom <= 500
    assert top >= 650


def test_lines_of_plain_data_are_prepared_alike() -> None:
    """`update` takes what `prepare` makes, and what a user gives, and shows the same."""
    y = np.sin(np.linspace(0, 30, 50_000))
    (made,) = Lines.prepare(y)
    assert len(made.curves[0][1]) < 10_000
    assert made.curves[0][1].max() == y.max()
