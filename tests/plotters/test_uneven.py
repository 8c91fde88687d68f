"""Data that come unevenly, as over the clock of a run that rests at times: nothing is lost, and nothing made up."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import asyncplot
from asyncplot.plotters import Grid, Histogram, History, Lines
from asyncplot.plotters.artists import ReducedLine
from asyncplot.plotters.autoscale import StillLimits
from asyncplot.plotters.qt import Lines as QtLines
from asyncplot.plotters.reduction import reduced

#: Two hours of many values, and a long rest between.
CLOCK = np.concatenate([np.linspace(0.0, 3.0, 20_000), np.linspace(7.0, 10.0, 20_000)])
NOISE = np.random.default_rng(1).normal(size=CLOCK.size)


@pytest.fixture(autouse=True)
def no_windows() -> Iterator[None]:
    """Figures of pyplot without windows, closed at the end."""
    with matplotlib.rc_context({"backend": "agg"}):
        yield
        pyplot.close("all")


def axes() -> tuple[FigureCanvasAgg, Axes]:
    """Axes on a canvas."""
    figure = Figure()
    return FigureCanvasAgg(figure), figure.subplots()


def pixels(canvas: FigureCanvasAgg) -> np.ndarray:
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).astype(int)


@pytest.mark.parametrize("points", [40_000, 3_000])
def test_a_gap_is_crossed_by_one_stroke(points: int) -> None:
    """Noise with a rest in it looks as matplotlib's own line does, and not filled across the rest."""
    x, y = CLOCK[:: 40_000 // points], NOISE[:: 40_000 // points]
    canvas, ours = axes()
    line = ReducedLine(color="b", linewidth=1.0)
    ours.add_line(line)
    line.set_values(y, x)
    other, theirs = axes()
    theirs.plot(x, y, "b", linewidth=1.0)
    for each in (ours, theirs):
        each.set(xlim=(-1.0, 11.0), ylim=(-6.0, 6.0))
    different = np.abs(pixels(canvas) - pixels(other)).max(axis=-1) > 100
    assert different.mean() < 0.005


def test_few_points_in_few_columns_are_drawn() -> None:
    """A curve that fills a small part of its axes, with one point far before, is drawn, in each frame."""
    canvas, ours = axes()
    line = ReducedLine()
    ours.add_line(line)
    x = np.concatenate([[0.0], np.linspace(1e6, 1e6 + 10.0, 20_000)])
    for _ in range(3):
        line.set_values(np.concatenate([[0.0], NOISE[:20_000]]), x)
        ours.set(xlim=(0.0, 1.1e6), ylim=(-6.0, 6.0))
        with_line = pixels(canvas)
        line.set_visible(False)
        assert (pixels(canvas) != with_line).any()
        line.set_visible(True)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_zoom_beside_a_gap_is_exact(scale: str) -> None:
    """Each column of what is looked at has its extremes, however far away the next point is."""
    x = np.concatenate([[0.0], np.linspace(3600.0, 3660.0, 100_000)])
    y = np.concatenate([[0.0], np.sin(x[1:])])
    at, prepared = reduced(x, y, [{"x": [3599.0, 3661.0], "width": 500}])
    assert at is not None
    _, ours = axes()
    line = ReducedLine()
    ours.add_line(line)
    line.set_values(prepared, at)
    ours.set(xlim=(3599.0, 3661.0), xscale=scale)
    FigureCanvasAgg(ours.get_figure(root=True)).draw()  # type: ignore[arg-type]
    shown = np.asarray(line.get_xdata())
    assert ((shown > 3600.0) & (shown < 3660.0)).sum() > 450
    inside = np.linspace(3600.0, 3660.0, 5_000)
    assert np.abs(np.interp(inside, shown, line.get_ydata()) - np.sin(inside)).max() < 0.02


def test_a_history_outlives_a_rest() -> None:
    """After a night without values a history still has as many as it says, from before and after, and its extremes."""
    history = History("loss", capacity=1000)
    steps = np.concatenate([np.linspace(0.0, 300.0, 3_000), 40_000.0 + np.linspace(0.0, 300.0, 3_000)])
    for number, step in enumerate(steps):
        history.append(step, 100.0 if number == 1_234 else float(NOISE[number]))
        if number >= 1_000:
            at, kept = history.curves()["loss"]
            assert at is not None
            assert len(at) >= 500
    assert kept.max() == 100.0
    assert (at < 1_000.0).sum() >= 200
    assert (at > 1_000.0).sum() >= 200


@pytest.mark.parametrize("make", [Lines, History], ids=["Lines", "History"])
def test_a_loss_of_zero_leaves_the_others_in_sight(make: Any) -> None:
    """On a logarithmic axis what is not positive is nowhere, and limits are those of all the rest."""
    plotter = make("loss", logy=True)
    values = [1.0, 0.1, 0.01, 0.001, 0.0]
    if isinstance(plotter, History):
        for step, value in enumerate(values):
            plotter.append(step, value)
        plotter.update(plotter)
    else:
        plotter.update(np.array(values))
    low, high = plotter.axes.get_ylim()
    assert 1e-5 < low < 0.001
    assert 1.0 < high < 100.0


@pytest.mark.parametrize("draw", ["scatter", "fill_between"])
def test_so_do_other_artists(draw: str) -> None:
    """`autoscale` of points or areas with a zero in them on a logarithmic axis: likewise."""
    _, ours = axes()
    ours.set_yscale("log")
    getattr(ours, draw)(np.arange(4.0), np.array([0.0, 0.01, 0.1, 5.0]))
    asyncplot.autoscale(ours)
    low, high = ours.get_ylim()
    assert low < 0.01
    assert high > 5.0


def test_axes_that_share_limits_hold_the_data_of_both() -> None:
    """`autoscale` of axes that share x heeds the data of all of them, and comes to rest."""
    upper, lower = Figure().subplots(2, 1, sharex=True)
    upper.plot([0.0, 100.0], [0.0, 1.0])
    lower.plot([0.0, 10.0], [0.0, 1.0])
    for _ in range(30):
        changed = asyncplot.autoscale(upper), asyncplot.autoscale(lower)
    assert changed == (False, False)
    assert upper.get_xlim() == lower.get_xlim()
    assert upper.get_xlim()[1] >= 100.0


@pytest.mark.parametrize(
    "x",
    [
        [datetime.datetime(2026, 1, day) for day in (1, 2, 3)],
        np.arange(3) + np.datetime64("2026-01-01"),
        ["a", "b", "c"],
    ],
    ids=["datetime", "datetime64", "categories"],
)
def test_dates_and_categories_are_followed(x: Any) -> None:
    """`autoscale` of what matplotlib converts to numbers has all of it in sight."""
    _, ours = axes()
    (line,) = ours.plot(x, [0.0, 1.0, 2.0])
    assert asyncplot.autoscale(ours)
    low, high = ours.get_xlim()
    numbers = np.asarray(line.get_xdata(orig=False), dtype=float)
    assert low <= numbers.min()
    assert high >= numbers.max()
    assert high - low < 2.0 * np.ptp(numbers)


def test_an_imaginary_part_goes_with_its_frame() -> None:
    """A curve that was complex and is real has one line."""
    plotter = Lines("psi")
    plotter.update(np.exp(1j * np.arange(9.0)))
    plotter.update(np.ones(9))
    assert [len(line.get_ydata()) for line in plotter.axes.lines if "imaginary" in str(line.get_label())] == [
        0
    ]


def test_bins_wait_for_samples() -> None:
    """A histogram whose first frame is empty has the bins of the second one's samples."""
    plotter = Histogram("v")
    plotter.update(*plotter.prepare(np.array([])))
    samples = 1000.0 + np.random.default_rng(2).normal(size=1000)
    plotter.update(*plotter.prepare(samples))
    low, high = plotter.axes.get_xlim()
    assert 990.0 < low < 1000.0 < high < 1010.0


def test_a_millisecond_of_the_clock_is_a_span() -> None:
    """Values that differ in the 13th digit are told apart: 1 ms, seconds after 1970."""
    limits = StillLimits()
    limits.follow(1.7e9, 1.7e9 + 1e-3)
    assert limits.limits is not None
    assert limits.limits[1] - limits.limits[0] < 0.1


@pytest.mark.parametrize("make", [Lines, Histogram], ids=["Lines", "Histogram"])
def test_the_title_is_above_the_legend(make: Any) -> None:
    """A title and many names do not overlap."""
    names = "training loss", "validation loss", "test loss", "learning rate"
    plotter = make(*names, title="ResNet-50 on ImageNet, run 17")
    plotter.update(*plotter.prepare(*(np.arange(9.0) for _ in names)))
    canvas = FigureCanvasAgg(plotter.figure)
    canvas.draw()
    (title,) = plotter.figure.texts
    assert not title.get_window_extent().overlaps(plotter.axes.get_legend().get_window_extent())


def test_what_has_a_window_of_its_own_is_no_part_of_a_grid() -> None:
    """A Grid in a Grid, and a plotter of pyqtgraph's, are refused where they are written."""
    for part in (Grid(a=Lines("E")), QtLines("E")):
        with pytest.raises(asyncplot.ConfigurationError, match="a window of its own"):
            Grid(a=part)


def test_names_are_used_once() -> None:
    """Two arrays of samples of one name would be one: refused."""
    with pytest.raises(asyncplot.ConfigurationError, match="used twice"):
        Histogram("a", "a")


def test_a_theme_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """``ASYNCPLOT_THEME`` with a name that nobody knows is said, and does not mean light."""
    monkeypatch.setenv("ASYNCPLOT_THEME", "Dark")
    with pytest.raises(asyncplot.ConfigurationError, match="ASYNCPLOT_THEME='Dark'"):
        Lines("E").start()
