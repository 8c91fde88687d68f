"""The private names of matplotlib that the viewer uses are there, and mean what it takes them for."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import matplotlib
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from asyncplot.viewer.drawing import privates
from asyncplot.viewer.drawing.staleness import Staleness


def test_managers_of_pyplot() -> None:
    """Figures of pyplot have managers, by number, and closed ones have none."""
    with matplotlib.rc_context({"backend": "agg"}):
        plt.figure(7)
        plt.figure(3)
        assert [manager.num for manager in privates.managers()] == [3, 7]
        plt.close("all")
        assert privates.managers() == []


def test_titles_are_placed() -> None:
    """A title goes above ticks that stand at the top, as in a draw."""
    figure = Figure()
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.xaxis.tick_top()
    axes.set_title("above")
    before = axes.title.get_position()[1]
    privates.place_titles(axes, canvas.get_renderer())
    assert axes.title.get_position()[1] > before


@pytest.mark.parametrize(
    ("place", "expected"), [(None, True), ("best", True), ("upper left", False), ((0.1, 0.1), False)]
)
def test_legend_that_looks_for_its_place(place: object, expected: bool) -> None:
    """Only a legend at its best place, the default, goes where the data are not."""
    axes = Figure().subplots()
    axes.plot([1, 2], label="a")
    legend = axes.legend() if place is None else axes.legend(loc=place)  # type: ignore[arg-type]
    assert privates.is_placed_by_data(legend) is expected


def test_the_axes_of_a_colorbar() -> None:
    """Axes of a colour bar are known by it, until they are made plain ones."""
    figure = Figure()
    image = figure.add_subplot().imshow([[1.0, 2.0]])
    bar = figure.colorbar(image)
    assert privates.colorbar_of(bar.ax) is bar
    assert privates.colorbar_of(image.axes) is None
    bar.ax.cla()
    assert privates.colorbar_of(bar.ax) is None


@pytest.mark.parametrize("name", ["x", "y", "z", "view"])
def test_what_axes_share(name: str) -> None:
    """Axes share limits and cameras with those that they were told to, and with themselves."""
    figure = Figure()
    first, second, third = figure.subplots(1, 3, subplot_kw={"projection": "3d"})
    getattr(second, "shareview" if name == "view" else f"share{name}")(first)
    assert set(privates.shared_with(first, name)) == {first, second}
    assert list(privates.shared_with(third, name)) == [third]


def test_setting_limits_makes_an_axis_stale_twice() -> None:
    """Limits that are set anew without a change are told apart from all else that makes an axis stale."""
    figure = Figure()
    FigureCanvasAgg(figure)
    first, second = figure.subplots(1, 2, sharex=True)
    figure.canvas.draw()
    staleness = Staleness(figure)
    staleness.listen([first, second, first.xaxis, first.yaxis, second.xaxis, second.yaxis])
    for axes in (first, second):
        axes.set_xlim(axes.get_xlim())
        axes.autoscale_view()
    assert staleness.changed() == set()
    assert staleness.heard
    first.tick_params(labelsize=7)
    assert first.xaxis in staleness.changed()


def test_norm_of_a_colour_bar() -> None:
    """The axes of a colour bar tell its norm; other axes have none."""
    figure = Figure()
    axes = figure.subplots()
    image = axes.imshow([[0, 1]])
    bar = figure.colorbar(image)
    assert privates.norm_of_colorbar(bar.ax) is image.norm
    assert privates.norm_of_colorbar(axes) is None


@pytest.mark.parametrize(
    ("module", "canvas", "name"),
    [("backend_qt", "FigureCanvasQT", "_draw_pending"), ("_backend_tk", "FigureCanvasTk", "_idle_draw_id")],
)
def test_a_draw_that_a_toolkit_will_do(module: str, canvas: str, name: str) -> None:
    """What a toolkit notes in `draw_idle`, and looks at before it does so again, is what the viewer looks at."""
    toolkit = pytest.importorskip(f"matplotlib.backends.{module}")
    assert f"self.{name}" in inspect.getsource(getattr(toolkit, canvas).draw_idle)
    assert privates.will_draw(SimpleNamespace(**{name: "1"}))
    assert not privates.will_draw(SimpleNamespace(**{name: None}))
