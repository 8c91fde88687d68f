"""What the user did to axes of each kind stays, whatever the plotter does, until Home or a double click gives it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backend_bases import MouseEvent, NavigationToolbar2
from mpl_toolkits.axes_grid1.inset_locator import inset_axes

from asyncplot.viewer.drawing import Views
from asyncplot.viewer.drawing.aspects import aspects_of

X = np.linspace(0.1, 6.0, 30)


def flat(figure: Any) -> Any:
    axes = figure.add_subplot()
    axes.plot(X, X)
    return axes


def scaled(figure: Any, scale: str) -> Any:
    axes = flat(figure)
    axes.set_xscale(scale)
    axes.set_yscale(scale)
    return axes


def equal(figure: Any, adjustable: str) -> Any:
    axes = flat(figure)
    axes.set_aspect("equal", adjustable=adjustable)
    return axes


def second_of_shared(figure: Any) -> Any:
    first, second = figure.subplots(2, 1, sharex=True)
    first.plot(X, X)
    second.plot(X, -X)
    return second


def twin(figure: Any) -> Any:
    axes = flat(figure)
    other = axes.twinx()
    other.plot(X, 1e3 * X)
    return other


def inset(figure: Any) -> Any:
    axes = inset_axes(flat(figure), width="60%", height="60%", axes_kwargs={"navigate": True})
    axes.plot(X, X)
    return axes


def laid_out(figure: Any) -> Any:
    figure.set_layout_engine("constrained")
    first, second = figure.subplots(1, 2)
    for axes in (first, second):
        axes.plot(X, X)
        axes.set_ylabel("long label")
    return second


def polar(figure: Any) -> Any:
    axes = figure.add_subplot(projection="polar")
    axes.plot(X, X)
    return axes


def three_d(figure: Any, scale: str = "linear") -> Any:
    axes = figure.add_subplot(projection="3d")
    axes.plot(X, X, X)
    axes.set_zscale(scale)
    return axes


def colorbar(figure: Any, **where: Any) -> Any:
    image = figure.add_subplot().imshow(np.arange(12.0).reshape(3, 4))
    return figure.colorbar(image, **where).ax


KINDS: dict[str, Callable[[Any], Any]] = {
    "rectilinear": flat,
    "log": lambda figure: scaled(figure, "log"),
    "symlog": lambda figure: scaled(figure, "symlog"),
    "asinh": lambda figure: scaled(figure, "asinh"),
    "equal, box": lambda figure: equal(figure, "box"),
    "equal, datalim": lambda figure: equal(figure, "datalim"),
    "shared": second_of_shared,
    "twin": twin,
    "inset": inset,
    "constrained": laid_out,
    "polar": polar,
    "3d": three_d,
    "3d log": lambda figure: three_d(figure, "log"),
    "colorbar": colorbar,
    "horizontal colorbar": lambda figure: colorbar(figure, orientation="horizontal"),
}


class User:
    """Presses, moves and releases the mouse on a canvas, with a tool of the toolbar or without one."""

    def __init__(self, figure: Any) -> None:
        self.canvas = figure.canvas
        self.canvas.draw_idle = lambda: None  # the test draws when that matters
        self.toolbar = NavigationToolbar2(self.canvas)
        self.toolbar.draw_rubberband = lambda *_: None
        self.toolbar.remove_rubberband = lambda: None

    def mouse(self, name: str, axes: Any, x: float, y: float, button: int, **more: Any) -> None:
        """One event at a place in some axes, in parts of their width and height."""
        left, bottom, width, height = axes.bbox.bounds
        place = left + x * width, bottom + y * height
        pressed = {"buttons": {button}} if name == "motion_notify_event" else {}
        MouseEvent(name, self.canvas, *place, button, **pressed, **more)._process()

    def drag(self, axes: Any, tool: str = "", button: int = 1) -> None:
        """Drag from near the middle of some axes to the upper right."""
        if tool:
            getattr(self.toolbar, tool)()
        self.mouse("button_press_event", axes, 0.55, 0.5, button)
        for step in (0.6, 0.7, 0.8):
            self.mouse("motion_notify_event", axes, step, step + 0.02, button)
        self.mouse("button_release_event", axes, 0.8, 0.82, button)
        if tool:
            getattr(self.toolbar, tool)()

    def double_click(self, axes: Any) -> None:
        """Twice, without a move."""
        for double in (False, True):
            self.mouse("button_press_event", axes, 0.6, 0.55, 1, dblclick=double)
            self.mouse("button_release_event", axes, 0.6, 0.55, 1)


#: What a user does: the tool, and the mouse's button.
GESTURES = {"pan": ("pan", 1), "zoom": ("pan", 3), "box": ("zoom", 1), "turn": ("", 1), "scale": ("", 3)}


def gestures_on(kind: str, way: str) -> list[str]:
    """What a user does to axes of some kind: everything where it differs, else one thing for each way, to save time."""
    if kind == "polar":
        return ["zoom"]
    if kind == "3d":
        return list(GESTURES)
    if kind in {"rectilinear", "colorbar"}:
        return ["pan", "zoom", "box"]
    return ["box" if way == "cla" else "pan"]


class Plot:
    """A figure with axes of some kind, a plotter that draws them in some way, and what the viewer holds."""

    def __init__(self, kind: str, way: str) -> None:
        self.kind, self.make, self.way = kind, KINDS[kind], way
        self.views = Views()
        self.figure = plt.figure(figsize=(4, 3), dpi=50)
        self.frames = 0
        with self.views.plotters_turn():
            self.axes = self.make(self.figure)
        self.figure.canvas.draw()
        self.user = User(self.figure)

    def update(self) -> None:
        """One frame."""
        with self.views.plotters_turn():
            self.frames += 1
            if self.way == "clf":
                self.figure.clf()
                self.axes = self.make(self.figure)
            elif "colorbar" in self.kind:
                self.draw_image(self.figure.axes[0], self.axes)
            else:
                for axes in self.figure.axes:
                    self.draw_in(axes)

    def draw_in(self, axes: Any) -> None:
        """Draw other data in axes that stay."""
        data = [X, X * (1.0 + 0.1 * self.frames), *([X] if axes.name == "3d" else [])]
        if self.way == "cla":
            scales = axes.get_xscale(), axes.get_yscale()
            axes.cla()
            axes.plot(*data)
            if axes.name == "rectilinear":
                axes.set_xscale(scales[0])
                axes.set_yscale(scales[1])
        else:
            line = axes.lines[0]
            (line.set_data_3d if axes.name == "3d" else line.set_data)(*data)
            axes.relim()
            axes.autoscale_view()

    def draw_image(self, axes: Any, bar: Any) -> None:
        """Draw other data in an image that has a colour bar."""
        data = np.arange(12.0).reshape(3, 4) * (1.0 + 0.1 * self.frames)
        if self.way == "cla":
            orientation = bar._colorbar.orientation
            axes.cla()
            bar.cla()
            self.figure.colorbar(axes.imshow(data), cax=bar, orientation=orientation)
        else:
            axes.images[0].set_data(data)
            axes.images[0].autoscale()

    def seen(self) -> dict[str, Any]:
        """What the axes show."""
        return {aspect.name: aspect.seen(self.axes) for aspect in aspects_of(self.axes)}


@pytest.fixture
def plot(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plot]:
    """A plot of some kind, drawn in some way, offscreen."""
    monkeypatch.setattr(NavigationToolbar2, "home", NavigationToolbar2.home)
    with matplotlib.rc_context({"backend": "agg"}):
        yield Plot(*getattr(request, "param", ("rectilinear", "cla")))
        plt.close("all")


@pytest.mark.parametrize(
    "plot",
    [pytest.param((kind, way), id=f"{kind}-{way}") for kind in KINDS for way in ("set_data", "cla", "clf")],
    indirect=["plot"],
)
def test_what_the_user_did_stays(plot: Plot) -> None:
    """Each kind of axes, each gesture: it stays through updates of each kind, and is given back to the plotter."""
    for gesture in gestures_on(plot.kind, plot.way):
        plot.update()
        plot.figure.canvas.draw()
        before = plot.seen()
        plot.user.drag(plot.axes, *GESTURES[gesture])
        done = {name: values for name, values in plot.seen().items() if values != before[name]}
        assert done, f"{gesture} does nothing: the test is wrong"
        plot.update()
        plot.update()
        assert {name: plot.seen()[name] for name in done} == done, gesture
        if plot.way == "cla":
            plot.user.double_click(plot.axes)
        else:
            plot.user.toolbar.home()
        plot.update()
        assert not any(plot.seen()[name] == values for name, values in done.items()), gesture


@pytest.mark.parametrize("projection", ["aitoff", "hammer", "lambert", "mollweide"])
def test_maps_have_nothing_to_hold(plot: Plot, projection: str) -> None:
    """A map cannot be panned or zoomed, and neither frames nor Home raise because of it."""
    plot.make = lambda figure: figure.add_subplot(projection=projection)
    plot.way = "clf"
    plot.update()
    plot.user.drag(plot.axes, "pan")
    plot.user.toolbar.home()
    plot.update()
    assert aspects_of(plot.axes) == ()


def test_a_key_that_changes_the_scale(plot: Plot) -> None:
    """A logarithmic scale that the user asked for stays over ``cla``, with its limits, until Home."""
    plot.axes.set_xscale("log")
    plot.update()
    assert plot.axes.get_xscale() == "log"
    plot.user.toolbar.home()
    assert plot.axes.get_xscale() == "linear"


def test_a_view_waits_for_its_axes(plot: Plot) -> None:
    """Axes that are gone for a frame find the user's view again; others beside them are left alone."""
    plot.user.drag(plot.axes, "pan")
    done = plot.axes.get_xlim()
    with plot.views.plotters_turn():
        plot.figure.clf()
    with plot.views.plotters_turn():
        other = plot.figure.add_axes((0.0, 0.0, 0.1, 0.1))
        plot.axes = plot.make(plot.figure)
    assert plot.axes.get_xlim() == done
    assert other.get_xlim() == (0.0, 1.0)


def test_frames_wait_while_3d_axes_are_turned(plot: Plot) -> None:
    """To turn 3-D axes, which takes no tool of the toolbar, is a drag; a press on flat axes is none."""
    plot.user.mouse("button_press_event", plot.axes, 0.5, 0.5, 1)
    assert not plot.views.dragging
    plot.user.mouse("button_release_event", plot.axes, 0.5, 0.5, 1)
    plot.make = three_d
    plot.way = "clf"
    plot.update()
    plot.user.mouse("button_press_event", plot.axes, 0.5, 0.5, 1)
    assert plot.views.dragging
    plot.user.mouse("button_release_event", plot.axes, 0.5, 0.5, 1)
    assert not plot.views.dragging
