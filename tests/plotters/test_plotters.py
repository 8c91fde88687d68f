"""The ready-made plotters through a real `Server`: what is handed over is what is shown, and bad input loses nothing."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.plotters import Grid, Histogram, History, Image, Lines, Scatter
from conditions import wait_until

X = np.linspace(0.0, 1.0, 300)

#: Each plotter, and frames of its own.
PLOTTERS: dict[str, tuple[Callable[[], Any], Callable[[int], tuple[tuple[Any, ...], dict[str, Any]]]]] = {
    "lines": (lambda: Lines("a", "b"), lambda n: ((np.sin(X + n), np.cos(X + n)), {})),
    "lines by name": (lambda: Lines("a"), lambda n: ((), {"a": np.sin(X + n), "x": X})),
    "complex lines": (lambda: Lines("a"), lambda n: ((np.exp(1j * (X + n)),), {})),
    "image": (lambda: Image("z"), lambda n: ((np.sin(X[:50] + n) * X[:40, np.newaxis],), {})),
    "complex image": (lambda: Image("z"), lambda n: ((np.exp(1j * n) * np.outer(X, X),), {})),
    "histogram": (lambda: Histogram("v"), lambda n: ((np.sin(X * 50 + n),), {})),
    "scatter": (Scatter, lambda n: ((np.sin(9 * X + n), np.cos(7 * X)), {"c": X, "s": 9 + X})),
    "grid": (
        lambda: Grid(a=Lines("u"), b=Image(), c=Histogram("w")),
        lambda n: ((), {"a": np.sin(X + n), "b": np.outer(X, np.sin(X + n)), "c": (np.cos(40 * X + n),)}),
    ),
}


@pytest.mark.parametrize("kind", PLOTTERS)
def test_frames_are_drawn_by_blitting(kind: str) -> None:
    """Frames that differ in their data alone are not drawn in full, after the first few."""
    make, frame = PLOTTERS[kind]
    with asyncplot.Server(make(), backend="offscreen") as plot:
        for number in range(15):
            args, kwargs = frame(number)
            plot.update(*args, **kwargs).wait(20)
        plot.check()
        before = plot.stats
        for number in range(6):
            args, kwargs = frame(number)
            plot.update(*args, **kwargs).wait(20)
        plot.check()
        assert plot.stats.full - before.full <= 2, dict(plot.stats.full_because)
        assert plot.stats.failed == 0


@pytest.mark.parametrize("kind", PLOTTERS)
def test_a_description_is_sent(kind: str) -> None:
    """A plotter pickles, also one that has shown something, and makes its figure where it is loaded."""
    make, _ = PLOTTERS[kind]
    again = pickle.loads(pickle.dumps(make()))
    assert again.figure is None


def test_the_values_arrive() -> None:
    """The lines hold what was handed over, whole where it is short; what is not named stays."""
    with asyncplot.Server(Lines("a", "b", xlabel="t (s)"), backend="offscreen") as plot:
        plot.update(np.arange(5.0), ([1.0, 2.0], [3.0, 4.0])).wait(20)
        plot.update(b=[7.0, 8.0, 9.0], x=[0.0, 1.0, 2.0]).wait(20)
        first, second = plot.plotter.axes.lines
        assert np.asarray(first.get_ydata()).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert np.asarray(second.get_ydata()).tolist() == [7.0, 8.0, 9.0]
        assert plot.plotter.axes.get_xlabel() == "t (s)"


def test_a_large_array_crosses_reduced() -> None:
    """Of a million points few thousand are copied, and the extremes are among them."""
    y = np.random.default_rng(1).normal(size=1_000_000)
    with asyncplot.Server(Lines("a"), backend="offscreen", max_overhead=1.0) as plot:
        plot.update(y).wait(20)
        (line,) = plot.plotter.axes.lines
        shipped = len(np.asarray(line.values()[1]))
        assert shipped < 10_000
        assert float(line.data_limits()[1][1]) == y.max()


def test_a_zoom_is_exact_at_the_next_frame() -> None:
    """When somebody looks at a part, the next frames bring all points of that part."""
    y = np.random.default_rng(1).normal(size=1_000_000)
    with asyncplot.Server(Lines("a"), backend="offscreen", max_overhead=1.0) as plot:
        plot.update(y).wait(20)
        (line,) = plot.plotter.axes.lines
        plot.plotter.axes.set_xlim(1000.0, 1100.0)

        def shown() -> bool:
            plot.update(y).wait(20)
            x, values = (np.asarray(each) for each in line.values())
            inside = (x >= 1000) & (x <= 1100)
            return bool(inside.sum() == 101 and np.array_equal(values[inside], y[1000:1101]))

        wait_until(shown, 20)


def test_a_history_keeps_each_step_whatever_is_shown() -> None:
    """Superseded calls lose no step: the last frame holds them all."""
    history = History("loss", "accuracy")
    with asyncplot.Server(history, backend="offscreen") as plot:
        for step in range(5000):
            history.append(step, 1.0 / (1 + step), step if step % 10 == 0 else None)
            plot.update(history)
        assert plot.flush(20)
        plot.check()
        loss, accuracy = plot.plotter.axes.lines
        assert np.asarray(loss.values()[0]).tolist() == list(range(5000))
        assert np.asarray(accuracy.values()[0]).tolist() == list(range(0, 5000, 10))


def test_a_history_is_bounded_and_loses_no_extreme() -> None:
    """After a million steps it holds at most twice its capacity, the largest and the smallest value among them."""
    random = np.random.default_rng(7)
    values = random.normal(size=200_000)
    values[123_456], values[77] = 50.0, -50.0
    history = History("v", capacity=1000)
    for step, value in enumerate(values.tolist()):
        history.append(step, value)
    steps, kept = history.curves()["v"]
    assert len(kept) <= 2000
    assert kept.max() == 50.0
    assert steps[kept.argmax()] == 123_456
    assert kept.min() == -50.0
    assert steps[0] == 0
    assert steps[-1] == len(values) - 1
    assert (np.diff(steps) > 0).all()


def test_a_long_history_is_as_fine_at_its_beginning_as_at_its_end() -> None:
    """However often it was thinned, no stretch without a point is as long as a twentieth of the run."""
    history = History("v", capacity=1000)
    for step in range(100_000):
        history.append(step, step % 97)
    steps, _ = history.curves()["v"]
    assert np.diff(steps).max() < 100_000 / 20


def test_a_history_whose_steps_start_again_keeps_its_extremes() -> None:
    """Steps that decrease are thinned too, in the order in which they came."""
    history = History("v", capacity=100)
    for step in range(1000):
        history.append(step % 300, 7.0 if step == 411 else 0.0)
    _, kept = history.curves()["v"]
    assert kept.max() == 7.0
    assert len(kept) <= 200


def test_a_step_that_cannot_be_kept() -> None:
    """Too many values, or no number, is told; the pairs of step and value stay together."""
    history = History("a", "b")
    history.append(0, 1.0, 2.0)
    for values, message in {
        (1.0, 2.0, 3.0): "3 values for 2 names: a, b",
        ("x",): "append.1, 'x'.*None",
    }.items():
        with pytest.raises(asyncplot.FrameError, match=message):
            history.append(1, *values)
    with pytest.raises(asyncplot.FrameError, match=r"append.None, 5.0.*None is for no value"):
        history.append(None, 5.0)  # type: ignore[arg-type]
    with pytest.raises(asyncplot.FrameError, match="too large"):
        history.append(10**400, 5.0)
    history.append(2, 7.0)
    steps, values = history.curves()["a"]
    assert (steps.tolist(), values.tolist()) == ([0.0, 1.0, 2.0], [1.0, 1.0, 7.0])
    with pytest.raises(asyncplot.FrameError, match=r"not a float: update\(history\)"):
        history.update(7.0)


def test_what_is_masked_is_not_shown() -> None:
    """A masked value is a gap in a line, a hole in a field, and no sample."""
    masked = np.ma.masked_greater(np.arange(6), 3)
    (lines,) = Lines.prepare(masked)
    assert lines.curves[0][1].tolist()[:4] == [0.0, 1.0, 2.0, 3.0]
    assert np.isnan(lines.curves[0][1][4:]).all()
    (image,) = Image.prepare(masked.reshape(2, 3))
    assert image.extremes == (0.0, 3.0)
    (counts,) = Histogram("v").prepare(masked)
    assert counts.counts["v"].sum() == 4
    assert np.isnan(Scatter.prepare(masked, np.arange(6))["x"][4:]).all()


def test_appending_while_frames_are_taken() -> None:
    """The helper reads the series while the computation appends; neither raises."""
    history = History("v")
    with asyncplot.Server(history, backend="offscreen", max_overhead=1.0) as plot:
        end = time.monotonic() + 1.0
        step = 0
        while time.monotonic() < end:
            for _ in range(100):
                history.append(step, step % 13)
                step += 1
            plot.update(history)
        assert plot.flush(20)
        plot.check()
        assert plot.stats.failed == 0


BAD: dict[str, tuple[Callable[[], Any], tuple[Any, ...], tuple[Any, ...], str]] = {
    "two dimensions": (lambda: Lines("a"), (np.ones((2, 2)),), (np.ones(3),), "curve 0 has shape .2, 2."),
    "text": (lambda: Lines("a"), (["x", "y"],), (np.ones(3),), "it is one-dimensional and numeric"),
    "ragged": (lambda: Lines("a"), ([[1.0], [1.0, 2.0]],), (np.ones(3),), "curve 0 cannot be an array"),
    "lengths": (lambda: Lines("a"), (([1.0], [1.0, 2.0]),), (np.ones(3),), "2 values over 1 abscissas"),
    "a vector": (Image, (np.ones(3),), (np.eye(3),), "it is two-dimensional and numeric"),
    "nothing": (Image, (np.ones((0, 3)),), (np.eye(3),), "there is nothing to show"),
    "complex": (lambda: Histogram("v"), (np.ones(3) * 1j,), (np.ones(3),), "it is real"),
    "points": (
        Scatter,
        (np.ones(3), np.ones(2)),
        (np.ones(3), np.ones(3)),
        "2 values for 3 points",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_told_and_loses_nothing(kind: str) -> None:
    """The first call says what is wrong with the data; the next good frame is shown."""
    make, bad, good, message = BAD[kind]
    with asyncplot.Server(make(), backend="offscreen") as plot:
        with pytest.raises(asyncplot.FrameError, match=message):
            plot.update(*bad)
        pending = plot.update(*good)
        pending.wait(20)
        assert pending.state == "drawn"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lines("a", "a"), "a name is used twice"),
        (lambda: Lines(theme="pink"), "theme='pink': use 'auto', 'light', 'dark'"),
        (History, "needs the names"),
        (lambda: History("a", capacity=1), "capacity=1"),
        (lambda: Image(origin="left"), "origin='left': use 'lower' or 'upper'"),
        (lambda: Image(extent=(0.0, 0.0, 0.0, 1.0)), "with some area"),
        (lambda: Image(extent=(0.0, 1.0)), "left, right, bottom, top"),  # type: ignore[arg-type]
        (lambda: Histogram(bins=0), "bins=0"),
        (Grid, "Grid.. is empty"),
        (lambda: Grid(a=1), "a is a int; a Grid holds ready-made plotters"),  # type: ignore[arg-type]
    ],
)
def test_a_description_that_cannot_be_is_refused(make: Callable[[], Any], message: str) -> None:
    """A wrong description is an error where it is written, not in the viewer."""
    with pytest.raises(asyncplot.ConfigurationError, match=message):
        make()


def test_an_unknown_part_of_a_grid() -> None:
    """A name that the grid does not have is told with those that it has."""
    unknown = pytest.raises(asyncplot.FrameError, match="there is no plotter 'enrgy'; there are: energy")
    with asyncplot.Server(Grid(energy=Lines("E")), backend="offscreen") as plot, unknown:
        plot.update(enrgy=np.ones(3))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_the_plotters_own(theme: str) -> None:
    """A theme colours the plotter's figure, and no other."""
    with asyncplot.Server(Lines("a", theme=theme), backend="offscreen") as plot:
        plot.update(np.ones(3)).wait(20)
        red, *_ = plot.plotter.figure.get_facecolor()
        assert (red < 0.5) is (theme == "dark")


def test_histograms_count() -> None:
    """The counts are those of numpy, over edges that stay while they can."""
    histogram = Histogram("v", bins=50)
    samples = np.random.default_rng(3).normal(size=100_000)
    (first,) = histogram.prepare(samples)
    assert first.counts["v"].sum() == samples.size
    assert np.array_equal(first.counts["v"], np.histogram(samples, first.edges)[0])
    (second,) = histogram.prepare(0.9 * samples)
    assert np.array_equal(second.edges, first.edges)
    (third,) = histogram.prepare(10.0 * samples)
    assert third.edges[-1] > first.edges[-1]


def test_importing_them_brings_no_matplotlib() -> None:
    """A computation that describes its plots imports neither matplotlib nor tsdownsample."""
    code = "import sys, asyncplot.plotters; sys.exit(bool({'matplotlib', 'tsdownsample'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
