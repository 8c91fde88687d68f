"""What is reduced to the screen makes the same picture, and loses no extreme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
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
    assert len(kept) <= 2 * max(columns, 2) + 2


@given(st.integers(0, 100), SIZES, st.integers(1, 300), st.sampled_from([1, 6, 10**6]), st.sampled_from("if"))
def test_no_extreme_is_lost_over_abscissas(
    seed: int, size: int, columns: int, different: int, kind: str
) -> None:
    """Nor over abscissas of whole numbers or of others, many of them equal, or all."""
    y = series(seed, size, "noise")
    x = np.sort(np.random.default_rng(seed).integers(0, different, size)).astype(f"{kind}8")
    kept = extremes(y, columns, x)
    assert y[kept].min() == y.min()
    assert y[kept].max() == y.max()
    assert (np.diff(kept) > 0).all()


@pytest.mark.parametrize("end", [np.inf, -np.inf])
def test_an_abscissa_without_end(end: float) -> None:
    """Where columns would be infinitely wide, they are stretches of the points."""
    y = series(1, 20_000, "noise")
    x = np.sort(np.append(np.arange(19_999.0), end))
    assert y[extremes(y, 100, x)].max() == y.max()


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "u2", "i8", "?", "longdouble", ">f8", ">i2"])
def test_any_real_dtype(dtype: str) -> None:
    """Reduction takes whatever real numbers there are, contiguous or not, also as abscissas."""
    y = (np.arange(50_000) % 97).astype(dtype)[::2]
    assert y[extremes(y, 100)].max() == y.max()
    assert y[extremes(y, 100, np.sort(y))].max() == y.max()


def test_what_is_infinite_is_told_to_nobody() -> None:
    """Infinite values are left out of the limits, without a warning, and do not fill the axes."""
    y = np.sin(np.linspace(0, 30, 20_000))
    y[[100, 5000]] = np.inf, -np.inf
    line = ReducedLine(color="k", linewidth=1.0)
    line.set_values(y)
    assert 0.99 < line.data_limits()[1][1] <= 1.0
    assert picture(line, (0.0, 20_000.0, -1.1, 1.1)).mean() < 0.1


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
    left, right, bottom, top = (int(at) for at in piece.cells)
    assert np.array_equal(piece.values, field[bottom:top, left:right])
    assert left <= 1000
    assert right >= 1200
    assert bottom <= 500
    assert top >= 650


@pytest.mark.parametrize("origin", ["lower", "upper"])
@pytest.mark.parametrize("size", [1025, 1500, 2047, 3001])
def test_a_field_that_was_reduced_is_where_it_belongs(size: int, origin: str) -> None:
    """Where rows and columns are left out, what is kept stays in its place to the cell, at whatever size."""
    field = np.broadcast_to(np.arange(float(size)), (size, size)) + 1e6 * np.arange(size)[:, np.newaxis]
    (made,) = Image.prepare(field)
    image = Image(origin=origin)
    image.update(made)
    try:
        (shown,) = image.axes.images
        for at in (0.5, size / 2, size - 0.5):
            event = type("Event", (), {"xdata": at, "ydata": size - at if origin == "upper" else at})
            row, column = divmod(shown.get_cursor_data(event), 1e6)
            assert 0 <= at - column < np.ceil(size / 1024)
            assert 0 <= at - row <= np.ceil(size / 1024)
    finally:
        pyplot.close(image.figure)


def test_each_of_two_viewers_gets_what_it_looks_at() -> None:
    """The parts that two viewers look at are both drawn cell by cell, whichever spoke first."""
    field = np.random.default_rng(4).normal(size=(3000, 3000))
    views = [
        {"x": [1000.0, 1050.0], "y": [500.0, 550.0], "width": 400, "height": 300},
        {"x": [2000.0, 2050.0], "y": [2500.0, 2550.0], "width": 400, "height": 300},
        {"x": [0.0, 2900.0], "y": [0.0, 2900.0], "width": 400, "height": 300},
    ]
    image = Image()
    try:
        for order in (views, views[::-1]):
            image.update(*Image.prepare(field, views=order))
            for row, column in ((525, 1025), (2525, 2025)):
                event = type("Event", (), {"xdata": column + 0.5, "ydata": row + 0.5})
                top = max(image.axes.images, key=lambda each: each.get_zorder())
                assert top.get_visible()
                values = [
                    each.get_cursor_data(event)
                    for each in sorted(image.axes.images, key=lambda each: each.get_zorder())
                ]
                assert [each for each in values if each is not None][-1] == field[row, column]
        image.update(*Image.prepare(field))
        assert [each.get_visible() for each in image.axes.images] == [True, False, False, False]
    finally:
        pyplot.close(image.figure)


def test_lines_of_plain_data_are_prepared_alike() -> None:
    """`update` takes what `prepare` makes, and what a user gives, and shows the same."""
    y = np.sin(np.linspace(0, 30, 50_000))
    (made,) = Lines.prepare(y)
    assert len(made.curves[0][1]) < 10_000
    assert made.curves[0][1].max() == y.max()
