"""`asyncplot.plotters.qt`: pyqtgraph's `Lines` and `Image` draw what they are given, and leave the view alone."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import asyncplot
import desktop
from asyncplot.plotters import themes
from asyncplot.plotters.qt import Image, Lines
from conditions import wait_until

x = np.linspace(0.0, 1.0, 500)

#: Of the curves, in the light theme; and what is behind images in the dark one.
COLOURS = themes.settings("light")["axes.prop_cycle"].by_key()["color"]
DARK = themes.settings("dark")["figure.facecolor"]

Show = Callable[[Any], asyncplot.Server]


@pytest.fixture
def show(display: str) -> Iterator[Show]:
    """A server for a plotter of pyqtgraph's."""
    pytest.importorskip("pyqtgraph")
    servers = []

    def start(plotter: Any) -> asyncplot.Server:
        servers.append(asyncplot.Server(plotter, backend="qt", required=True))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def area(colour: str) -> int:
    """How many pixels of the screen have this colour, ``#rrggbb``."""
    return desktop.area(*bytes.fromhex(colour[1:]))


def appears(*colours: str, more_than: int = 50) -> None:
    """Wait until each of these colours is on the screen."""
    for colour in colours:
        wait_until(lambda c=colour: area(c) > more_than, what=f"{colour} on the screen")  # type: ignore[misc]


def view_of(item: Any) -> np.ndarray:
    """What a plot shows: lowest and highest x, then y."""
    return np.array([[float(end) for end in ends] for ends in item.viewRange()])


# --- lines -------------------------------------------------------------------------------------------------


def test_lines_are_on_the_screen(show: Show) -> None:
    """Each curve has its colour; a complex one has two lines, a new name makes a new curve, others stay."""
    plot = show(Lines("E", "N", xlabel="t", ylabel="energy", title="lines"))
    plot.update(np.sin(9 * x), (x, x**2), x=x)
    assert plot.flush(20)
    plot.check()
    desktop.window("lines")
    first, second, third, fourth = COLOURS[:4]
    appears(first, second)
    assert area(third) == 0
    plot.update(psi=np.exp(9j * x))
    assert plot.flush(10)
    appears(first, second, third)
    assert area(fourth) == 0
    assert len(plot.plotter.item.listDataItems()) == 4


def test_a_long_line_keeps_its_extremes(show: Show) -> None:
    """One high value among a million is on the screen, however many share its column of pixels."""
    plot = show(Lines("noise"))
    y = np.zeros(1_000_000)
    plot.update(y)
    assert plot.flush(20)
    plot.plotter.item.setYRange(-1.0, 1.0)
    wait_until(lambda: area(COLOURS[0]) > 200)
    flat = area(COLOURS[0])
    y[543_210] = 0.5
    plot.update(y)
    assert plot.flush(10)
    wait_until(lambda: area(COLOURS[0]) > flat + 50, what="the one high value")


def test_the_view_stays_the_users(show: Show) -> None:
    """Once the mouse has dragged the plot, frames with other values leave its limits as they are."""
    plot = show(Lines("y", title="dragged"))
    plot.update(np.sin(9 * x))
    assert plot.flush(20)
    before = view_of(plot.plotter.item)
    window = str(desktop.window("dragged").id)
    desktop.tool("xdotool", "mousemove", "--window", window, "300", "200", "mousedown", "1")
    places = itertools.cycle(["400", "440"])

    def drag() -> bool:
        desktop.tool("xdotool", "mousemove", "--window", window, next(places), "250")
        return not np.allclose(view_of(plot.plotter.item), before)

    try:
        wait_until(drag, what="the drag")
    finally:
        desktop.tool("xdotool", "mouseup", "1")
    assert plot.plotter.item.getViewBox().autoRangeEnabled() == [False, False]
    dragged = view_of(plot.plotter.item)
    plot.update(1000.0 * np.sin(9 * x))
    assert plot.flush(10)
    assert np.allclose(view_of(plot.plotter.item), dragged)
    plot.plotter.item.enableAutoRange()
    plot.update(1000.0 * np.sin(9 * x))
    assert plot.flush(10)
    assert view_of(plot.plotter.item)[1, 1] > 900.0


def test_a_curve_that_turns_back_is_drawn_whole(show: Show) -> None:
    """A circle of many points has all its parts, and the next frame may be a line from left to right again."""
    plot = show(Lines("y"))
    turn = np.linspace(0.0, 2.0 * np.pi, 50_000)
    plot.update((np.cos(turn), np.sin(turn)))
    assert plot.flush(20)
    plot.check()
    appears(COLOURS[0], more_than=800)
    plot.update(np.linspace(-1.0, 1.0, 100), x=np.linspace(-1.0, 1.0, 100))
    assert plot.flush(10)
    wait_until(lambda: 50 < area(COLOURS[0]) < 800, what="the line")


def test_a_zoom_is_exact_at_the_next_frame(show: Show) -> None:
    """Of a million values those that are looked at come, each of them, where there are few enough."""
    plot = show(Lines("y"))
    y = np.zeros(1_000_000)
    y[500_000:500_100:2] = 1.0
    plot.update(y)
    assert plot.flush(20)
    plot.plotter.item.setXRange(500_000, 500_100, padding=0.0)
    item = plot.plotter.item.listDataItems()[0]

    def teeth() -> int:
        plot.update(y)
        assert plot.flush(10)
        return int((np.diff(np.asarray(item.getOriginalDataset()[1])) == 1.0).sum())

    wait_until(lambda: teeth() == 50, what="all that is there")


@pytest.mark.parametrize("points", [4_999, 10_000, 1_000_000])
def test_the_newest_point_is_drawn(show: Show, points: int) -> None:
    """The last value of a long curve is on the screen, whatever its length is divisible by; as are uneven abscissas."""
    plot = show(Lines("y"))
    y = np.sin(np.geomspace(1.0, 1e4, points) * 1e-3)
    x = np.geomspace(1.0, 1e4, points)
    plot.update((x, np.where(np.arange(points) == points - 1, 10.0, y)))
    assert plot.flush(20)
    at, shown = (np.asarray(each) for each in plot.plotter.item.listDataItems()[0].getData())
    assert shown[-1] == 10.0
    assert np.abs(np.interp(x[:-2], at, shown) - y[:-2])[x[:-2] < at[-2]].max() < 0.05


def test_a_zoom_after_the_last_frame_is_finer(show: Show) -> None:
    """When no frame comes any more, a zoom still shows all points that there are; and A gives all of it back."""
    plot = show(Lines("y"))
    x = np.linspace(0.0, 100.0, 6_000)
    for _ in range(3):
        plot.update((x, np.sin(x)))
    assert plot.flush(20)
    item = plot.plotter.item
    item.setXRange(20.0, 30.0, padding=0.0)
    for _ in range(30):
        plot.update((x, np.sin(x)))
    assert plot.flush(10)
    at = np.asarray(item.listDataItems()[0].getData()[0])
    assert 590 <= ((at >= 20.0) & (at <= 30.0)).sum() <= 610
    item.enableAutoRange()
    wait_until(lambda: view_of(plot.plotter.item)[0, 1] >= 100.0, what="all of it in sight")
    assert view_of(plot.plotter.item)[0, 0] <= 0.0


def test_limits_stand_still(show: Show) -> None:
    """Values that move within the limits do not move them; values beyond do, at once."""
    plot = show(Lines("y"))
    plot.update(np.sin(9 * x))
    assert plot.flush(20)
    before = view_of(plot.plotter.item)
    for phase in range(5):
        plot.update(0.9 * np.sin(9 * x + phase))
        assert plot.flush(10)
    assert np.array_equal(view_of(plot.plotter.item), before)
    plot.update(5.0 * np.sin(9 * x))
    assert plot.flush(10)
    assert view_of(plot.plotter.item)[1, 1] >= 4.9


def test_not_a_number_leaves_a_gap(show: Show) -> None:
    """Values that are not numbers are left out of the line and of the limits; so are all of them."""
    plot = show(Lines("y"))
    plot.update(np.full(500, np.nan))
    assert plot.flush(20)
    plot.update(np.where(x < 0.5, np.sin(9 * x), np.nan))
    assert plot.flush(10)
    plot.check()
    appears(COLOURS[0])
    assert view_of(plot.plotter.item)[1, 1] < 2.0


def test_a_logarithmic_axis(show: Show) -> None:
    """With ``logy`` decades are equally high."""
    plot = show(Lines("y", logy=True))
    plot.update(np.geomspace(1e-6, 1e6, 500))
    assert plot.flush(20)
    plot.check()
    low, high = view_of(plot.plotter.item)[1]
    assert (low, high) == (-8.0, 8.0)


@pytest.mark.parametrize(
    ("curves", "named"),
    [
        ((np.zeros((2, 2)),), {}),
        (((np.zeros(3), np.zeros(4)),), {}),
        ((np.zeros(3),), {"x": np.zeros(4)}),
        ((), {"a": 3.0}),
        ((["a", "b"],), {}),
    ],
)
def test_what_is_no_curve_is_refused(curves: tuple[Any, ...], named: dict[str, Any]) -> None:
    """It says which curve and why, before anything is shown."""
    lines = Lines("a")
    with pytest.raises(asyncplot.FrameError, match=r"curve|x has shape"):
        lines.update(*curves, **named)
    assert lines.item is None


def test_bad_values_keep_the_picture(show: Show) -> None:
    """A frame that cannot be drawn is counted as failed, and the next one is drawn."""
    plot = show(Lines("y"))
    plot.update(x)
    assert plot.flush(20)
    with pytest.raises(asyncplot.FrameError, match="one-dimensional"):
        plot.update(np.zeros((2, 2))).value  # noqa: B018
    appears(COLOURS[0])
    plot.update(x**2)
    assert plot.flush(10)
    assert (plot.stats.drawn, plot.stats.failed) == (2, 1)


# --- images ------------------------------------------------------------------------------------------------

#: The ends of matplotlib's colour map "cool", which are found nowhere else on the screen.
LOW, HIGH = "#00ffff", "#ff00ff"


def middle_of(colour: str) -> np.ndarray:
    """Where on the screen a colour is: right, down. The median, as the colour bar has a little of it, too."""
    found = (desktop.pixels() == list(bytes.fromhex(colour[1:]))).all(axis=-1)
    return np.median(np.argwhere(found), axis=0)[::-1]


@pytest.mark.parametrize("origin", ["lower", "upper"])
@pytest.mark.parametrize("extent", [None, (0.0, 3.0, 0.0, 3.0), (3.0, 0.0, 3.0, 0.0)])
@pytest.mark.parametrize("size", [3, 2100])
def test_pixels_are_where_they_belong(
    show: Show, origin: str, extent: tuple[float, float, float, float] | None, size: int
) -> None:
    """Row 0 is below or above, also of an image that has more pixels than the screen."""
    plot = show(Image("place", cmap="cool", extent=extent, origin=origin, theme="dark"))
    field = np.zeros((size, size))
    third = size // 3
    field[:third, :third] = 1.0
    field[-third:, -third:] = -1.0
    plot.update(field)
    assert plot.flush(20)
    plot.check()
    appears(HIGH, LOW, more_than=2000)
    high, low = middle_of(HIGH), middle_of(LOW)
    assert high[0] < low[0] - 50
    assert (high[1] > low[1] + 50) == (origin == "lower")
    (item,) = plot.plotter.items
    bottom, top = view_of(item)[1]
    assert bottom <= 0.01 * size
    assert top >= (3.0 if extent else size) - 0.01 * size


def test_an_image_is_exact_when_zoomed(show: Show) -> None:
    """Of a large image every second column is high: seen when it is zoomed in, at one of the next frames."""
    plot = show(Image(cmap="cool", theme="dark"))
    field = np.zeros((2100, 2100))
    field[:, 1::2] = 1.0
    plot.update(field)
    assert plot.flush(20)
    (item,) = plot.plotter.items
    item.setRange(xRange=(100.0, 110.0), yRange=(100.0, 110.0), padding=0.0)

    def columns() -> bool:
        plot.update(field)
        assert plot.flush(10)
        return area(HIGH) > 20_000 and area(LOW) > 20_000

    wait_until(columns, what="high and low columns")


def test_a_complex_field_is_density_and_phase(show: Show) -> None:
    """Two plots for complex values, one for the real ones that come after; what is no field is refused."""
    plot = show(Image("psi"))
    plot.update(np.exp(1j * np.add.outer(x[:50], x[:50])))
    assert plot.flush(20)
    assert len(plot.plotter.items) == 2
    plot.update(np.ones((3, 3), dtype=bool))
    assert plot.flush(10)
    assert len(plot.plotter.items) == 1
    plot.check()
    with pytest.raises(asyncplot.FrameError, match="two-dimensional and numeric"):
        plot.update(np.zeros(3)).value  # noqa: B018


def test_equal_values_have_one_colour(show: Show) -> None:
    """Rounding errors of a field that is the same everywhere are not spread over all colours."""
    plot = show(Image(cmap="cool", theme="dark"))
    plot.update(1.0 + 1e-15 * np.arange(100.0).reshape(10, 10))
    assert plot.flush(20)
    plot.check()
    wait_until(lambda: area("#7f7fff") + area("#807fff") > 50_000, what="the middle colour")


def test_not_a_number_is_left_blank(show: Show) -> None:
    """Where a field has no value the background shows, and the limits are those of the others."""
    plot = show(Image(cmap="cool", theme="dark"))
    field = np.full((3, 3), np.nan)
    plot.update(field)
    assert plot.flush(20)
    field[:, 0], field[:, 2] = 5.0, 6.0
    plot.update(field)
    assert plot.flush(10)
    plot.check()
    appears(HIGH, LOW, DARK, more_than=5000)


# --- both --------------------------------------------------------------------------------------------------


def test_importing_it_brings_no_gui() -> None:
    """The computation's process loads neither Qt nor pyqtgraph nor matplotlib."""
    code = "import sys, asyncplot.plotters.qt; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert not {"pyqtgraph", "PySide6", "PyQt6", "matplotlib"} & set(ran.stdout.split())


def test_without_pyqtgraph_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, whichever plotter is shown first."""
    monkeypatch.setitem(sys.modules, "pyqtgraph", None)
    with pytest.raises(asyncplot.MissingDependency, match=r"pip install asyncplot\[pyqtgraph\]"):
        Lines("a").update(x)
    with pytest.raises(asyncplot.MissingDependency, match=r"pip install asyncplot\[pyqtgraph\]"):
        Image().update(np.zeros((2, 2)))


def test_without_qts_windows_it_says_which_backend() -> None:
    """In a viewer of another backend the frame fails with the backend that is needed."""
    pytest.importorskip("pyqtgraph")
    with (
        asyncplot.Server(Lines("a"), backend="offscreen") as plot,
        pytest.raises(asyncplot.PlotterError, match=r'needs a viewer with Qt\'s windows.*backend="qt"'),
    ):
        plot.update(x).value  # noqa: B018


def test_the_window_does_not_take_the_focus(show: Show) -> None:
    """It appears with the first frame, and who types elsewhere goes on typing there."""
    with desktop.other_program() as work:
        plot = show(Lines("a", title="quiet"))
        plot.update(x)
        assert plot.flush(20)
        desktop.window("quiet")
        assert desktop.focus() == work


def test_a_frame_is_on_the_screen_when_flush_returns(show: Show) -> None:
    """The pixels of the real screen show the frame that `flush` waited for."""
    lines = show(Lines("a", "b", "c"))
    lines.update(a=np.sin(9 * x))
    assert lines.flush(20)
    appears(COLOURS[0])  # the window manager may still be placing a new window
    lines.update(b=np.cos(9 * x))
    assert lines.flush(10)
    assert area(COLOURS[1]) > 50
    lines.update(c=5.0 * x)
    assert lines.flush(10)
    assert area(COLOURS[2]) > 50


def test_an_image_is_on_the_screen_when_flush_returns(show: Show) -> None:
    """The same with a field, whose colour limits change with it."""
    plot = show(Image(cmap="cool", theme="dark"))
    plot.update(np.array([[0.0, 1.0], [1.0, 1.0]]))
    assert plot.flush(20)
    appears(HIGH, LOW, more_than=2000)
    before = area(LOW)
    plot.update(np.array([[0.0, 0.0], [0.0, 9.0]]))
    assert plot.flush(10)
    assert area(LOW) > 2 * before


def test_all_frames_counted_are_drawn_by_themselves(show: Show) -> None:
    """A flood leaves the newest frame on the screen, and what was not drawn counts as superseded."""
    plot = show(Lines("a"))
    number = 0
    while plot.stats.drawn < 20:
        number += 1
        plot.update(np.full(500, float(number)))
    assert plot.flush(10)
    shown = plot.plotter.item.listDataItems()[0].getData()[1]
    assert float(shown[0]) == number
    stats = plot.stats
    assert stats.called == stats.drawn + stats.superseded
