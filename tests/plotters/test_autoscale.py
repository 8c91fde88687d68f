"""`autoscale`: data are always inside, and limits change no more often than data demand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import asyncplot
from asyncplot.plotters.autoscale import StillLimits

NUMBERS = st.floats(-1e9, 1e9, allow_subnormal=False)
VALUES = st.lists(NUMBERS, min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=30))
def test_data_are_always_inside(frames: list[list[float]]) -> None:
    """After each call all data are within the limits."""
    axes = Figure().subplots()
    (line,) = axes.plot([], [])
    for frame in frames:
        line.set_data(range(len(frame)), frame)
        asyncplot.autoscale(axes)
        low, high = axes.get_ylim()
        assert low <= min(frame) <= max(frame) <= high
        assert low < high


@given(st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted), min_size=1, max_size=100))
def test_limits_change_only_where_the_data_demand_it(spans: list[list[float]]) -> None:
    """Whatever came, the newest values are inside, and limits close in only where they are much too wide."""
    still = StillLimits()
    for low, high in spans:
        before = still.limits
        changed = still.follow(low, high)
        assert still.limits is not None
        assert still.limits[0] <= low <= high <= still.limits[1]
        assert changed == (still.limits != before)
        if changed and before is not None and before[0] <= low and high <= before[1]:
            assert 2.0 * (high - low) < before[1] - before[0]


def test_trembling_data_leave_limits_still() -> None:
    """Data that vary by a tenth change the limits once or twice in 1,000 frames."""
    random = np.random.default_rng(5)
    axes = Figure().subplots()
    (line,) = axes.plot([], [])
    changes = 0
    for _ in range(1000):
        line.set_data(np.arange(100), random.uniform(-1, 1, 100) * random.uniform(0.9, 1.0))
        changes += asyncplot.autoscale(axes)
    assert changes <= 2


def test_nothing_is_touched_where_nothing_changes() -> None:
    """A call that changes nothing leaves no artist stale."""
    axes = Figure().subplots()
    axes.plot([0, 1], [0.0, 1.0])
    assert asyncplot.autoscale(axes)
    for artist in (axes, axes.xaxis, axes.yaxis):
        artist.stale = False
    assert not asyncplot.autoscale(axes)
    assert not any(artist.stale for artist in (axes, axes.xaxis, axes.yaxis))


def test_it_shrinks_after_patience() -> None:
    """When the data have been small for as long as said, the limits close in; not before."""
    axes = Figure().subplots()
    (line,) = axes.plot([0, 1], [-100.0, 100.0])
    asyncplot.autoscale(axes, patience=5)
    line.set_ydata([-1.0, 1.0])
    assert [asyncplot.autoscale(axes, patience=5) for _ in range(6)] == [False] * 4 + [True, False]
    assert axes.get_ylim()[1] < 2.0


def test_a_growing_axis_changes_rarely() -> None:
    """An abscissa that grows step by step changes its limits a few dozen times in 10,000 steps."""
    axes = Figure().subplots()
    (line,) = axes.plot([], [])
    changes = 0
    for step in range(1, 10_000):
        line.set_data([0, step], [0.0, 1.0])
        changes += asyncplot.autoscale(axes, y=False, margin=0.0)
    assert changes < 60


def test_drifting_data_are_followed() -> None:
    """Data that have gone elsewhere do not leave their old place on the screen for ever."""
    axes = Figure().subplots()
    (line,) = axes.plot([], [])
    for step in range(3000):
        line.set_data([0, 1], [step, step + 1.0])
        asyncplot.autoscale(axes, x=False)
    low, high = axes.get_ylim()
    assert high - low < 50.0


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_inverted_and_logarithmic(scale: str) -> None:
    """An inverted axis stays inverted; on a logarithmic one what is not positive is passed over."""
    axes = Figure().subplots()
    axes.set_yscale(scale)
    axes.invert_yaxis()
    axes.plot([0, 1, 2, 3], [-5.0, 0.001, 1000.0, np.nan])
    asyncplot.autoscale(axes)
    bottom, top = axes.get_ylim()
    assert bottom >= 1000.0
    assert top <= 0.001
    assert scale == "linear" or top > 0.0


def test_limits_that_somebody_set_stay() -> None:
    """As with matplotlib's own: limits set by hand are followed no more, until autoscale is switched on again."""
    axes = Figure().subplots()
    axes.plot([0, 1], [0.0, 1.0])
    asyncplot.autoscale(axes)
    axes.set_ylim(-7.0, 7.0)
    assert not asyncplot.autoscale(axes)
    axes.autoscale(True)
    assert asyncplot.autoscale(axes)
    assert axes.get_ylim()[1] < 2.0


def test_other_artists_count_too() -> None:
    """Scatter points, images and bars are data; a line across the axes is not."""
    axes = Figure().subplots()
    axes.axhline(5.0)
    axes.axvline(1e6)
    axes.scatter([1.0, 2.0], [3.0, 40.0])
    axes.bar([7.0], [50.0])
    asyncplot.autoscale(axes)
    assert axes.get_ylim()[1] >= 50.0
    assert axes.get_xlim()[1] >= 1e6
    assert axes.get_ylim()[0] <= 0.0


def test_nothing_to_follow() -> None:
    """Without data, or without a number among them, limits stay as they are."""
    axes = Figure().subplots()
    (line,) = axes.plot([], [])
    assert not asyncplot.autoscale(axes)
    line.set_data([np.nan], [np.inf])
    assert not asyncplot.autoscale(axes)
    assert tuple(axes.get_xlim()) != (0.0, 0.0)


@pytest.mark.filterwarnings("ignore")  # of matplotlib, whose own limits were there first
@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize(
    "ends", [(1.0, 1e308), (1e307, 1.7e308), (1e-320, 2e-320), (1e-320, 1e308), (-1e308, 1e308), (0.0, 0.0)]
)
def test_numbers_at_the_ends_of_what_a_float_can_be(ends: tuple[float, float], scale: str) -> None:
    """Limits of a computation that diverges, or vanishes, can be drawn."""
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_yscale(scale)
    axes.plot(ends)
    asyncplot.autoscale(axes)
    low, high = axes.get_ylim()
    assert np.isfinite(high - low)
    assert high > low
    figure.canvas.draw()


SCALES = ("linear", "log", "symlog", "asinh")


@pytest.mark.parametrize("name", ["x", "y"])
@pytest.mark.parametrize("before", SCALES)
@pytest.mark.parametrize("after", SCALES)
def test_a_change_of_scale_begins_anew(name: str, before: str, after: str) -> None:
    """The limits are those that the new scale gives by itself: powers are not taken of numbers, or logarithms for numbers."""
    values = [0.5, 40.0]
    fresh, changed = Figure().subplots(), Figure().subplots()
    for axes in (fresh, changed):
        axes.plot(values, values)
        scale = axes.set_xscale if name == "x" else axes.set_yscale
        if axes is changed:
            for each in (before, after, before):
                scale(each)
                asyncplot.autoscale(axes)
        scale(after)
        asyncplot.autoscale(axes)
    limits = [axes.get_xlim() if name == "x" else axes.get_ylim() for axes in (fresh, changed)]
    if before != after:
        assert limits[1] == pytest.approx(limits[0])
    low, high = limits[1]
    assert low <= 0.5 < 40.0 <= high <= 1000.0


def test_a_log_scale_that_is_set_from_outside() -> None:
    """Limits from 0 on a linear axis do not become 1 to 1e200 on a logarithmic one."""
    plotter = asyncplot.plotters.Lines()
    plotter.update(np.linspace(0.0, 100.0, 50), np.linspace(0.0, 100.0, 50))
    plotter.axes.set_xscale("log")
    plotter.update(np.linspace(0.0, 100.0, 50), np.linspace(0.0, 100.0, 50))
    low, high = plotter.axes.get_xlim()
    assert 0.1 < low < 2.1
    assert 49.0 <= high < 1000.0  # x counts the values, from 0
