"""Changes of which matplotlib itself gives no notice are drawn as well: arrays, attributes, parts, transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredText, AnnotationBbox, TextArea
from matplotlib.patches import Arc, Arrow, ConnectionPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

import asyncplot
from asyncplot.viewer.drawing.full import FullDrawer
from test_pixel_equality import Blitted, X

Change = Callable[[int], object]


def mesh(axes: Axes) -> Change:
    found = axes.pcolormesh(np.outer(X, X)[:8, :8])
    return lambda number: found.set_array(np.outer(X, X)[number : 8 + number, :8])


def colours_of_points(axes: Axes) -> Change:
    found = axes.scatter(X, 0 * X, c=X)
    return lambda number: found.set_array(np.roll(X, number))


def triangles(axes: Axes) -> Change:
    found = axes.tripcolor(X, np.cos(7 * X), X)
    size = len(np.asarray(found.get_array()))
    return lambda number: found.set_array(np.arange(float(size)) * number)


def order(axes: Axes) -> Change:
    return lambda number: setattr(axes.lines[1], "zorder", 1 + number % 3)


def order_of_axes(axes: Axes) -> Change:
    twin = axes.twinx()
    twin.plot(X, np.sin(X), "r", lw=6)
    return lambda number: setattr(twin, "zorder", (-1, 1)[number % 2])


def axes_off(axes: Axes) -> Change:
    return lambda number: setattr(axes, "axison", bool(number % 2))


def animated(axes: Axes) -> Change:
    return lambda number: axes.lines[1].set_animated(bool(number % 2))


def arrow_to(axes: Axes) -> Change:
    note = axes.annotate("here", (1, 0), (3, 0.5), arrowprops={"arrowstyle": "->"})
    return lambda number: setattr(note, "xy", (0.5 * number, 0))


def colour_of_arrow(axes: Axes) -> Change:
    note = axes.annotate("here", (1, 0), (3, 0.5), arrowprops={"arrowstyle": "->"})
    return lambda number: note.arrow_patch and note.arrow_patch.set_color(f"C{number}")


def annotated_line(axes: Axes) -> Change:
    line = axes.lines[1]
    axes.annotate("here", (0.5, 0.5), xycoords=line)
    return lambda number: line.set_ydata(0.1 * number * np.cos(X))


def box_of_text(axes: Axes) -> Change:
    text: Any = axes.text(1, 0, "boxed", bbox={"fc": "r"})
    return lambda number: text.get_bbox_patch().set_facecolor(f"C{number}")


def box_around_text(axes: Axes) -> Change:
    text = axes.text(1, 0, "boxed")
    return lambda number: text.set_bbox({"facecolor": "C1", "pad": 12} if number % 2 else None)


def text_in_a_box(axes: Axes) -> Change:
    text = TextArea("here")
    axes.add_artist(AnnotationBbox(text, (1, 0)))
    return lambda number: text.set_text(f"here {number}")


def place_of_a_box(axes: Axes) -> Change:
    box = AnnotationBbox(TextArea("here"), (1, 0))
    axes.add_artist(box)
    return lambda number: setattr(box, "xybox", (0.5 * number, 0))


def anchored_text(axes: Axes) -> Change:
    text: Any = axes.add_artist(AnchoredText("step 0", loc="upper left"))
    return lambda number: text.txt.set_text(f"step {number}")


def legend_of_the_figure(axes: Axes) -> Change:
    figure: Any = axes.get_figure()
    legend = figure.legend(handles=axes.lines, labels=["a", "b"])
    return lambda number: legend.get_texts()[0].set_text(f"a {number}")


def text_of_a_cell(axes: Axes) -> Change:
    table = axes.table([["1", "2"]], loc="center")
    return lambda number: table[0, 0].get_text().set_text(f"x{number}")


def colour_of_a_cell(axes: Axes) -> Change:
    table = axes.table([["1", "2"]], loc="center")
    return lambda number: table[0, 0].set_facecolor(f"C{number}")


def label_of_an_axis(axes: Axes) -> Change:
    return lambda number: axes.xaxis.label.set_text(f"x {number}")


def room_for_the_label(axes: Axes) -> Change:
    axes.set_xlabel("x")
    return lambda number: setattr(axes.xaxis, "labelpad", number)


def grid_line(axes: Axes) -> Change:
    axes.grid(True)
    return lambda number: axes.get_xgridlines()[1].set_color(f"C{number}")


def offset_of_an_axis(axes: Axes) -> Change:
    axes.ticklabel_format(useOffset=1e3)  # type: ignore[arg-type]
    return lambda number: axes.yaxis.get_offset_text().set_color(f"C{number}")


def key_of_arrows(axes: Axes) -> Change:
    key: Any = axes.quiverkey(axes.quiver(X[::9], 0 * X[::9], 1, 1), 0.5, 0.5, 1, "key")
    return lambda number: key.text.set_text(f"key {number}")


def arc(axes: Axes) -> Change:
    patch = axes.add_patch(Arc((3, 0), 2, 1, theta1=0, theta2=90))
    return lambda number: setattr(patch, "theta2", 40 * number)


def angle(axes: Axes) -> Change:
    patch = axes.add_patch(Rectangle((3, 0), 2, 0.5))
    return lambda number: setattr(patch, "angle", 20 * number)


def connection(axes: Axes) -> Change:
    figure: Any = axes.get_figure()
    patch = figure.add_artist(ConnectionPatch((0, 0), (1, 0.1), "data", "data", axesA=axes, axesB=axes))
    return lambda number: setattr(patch, "xy2", (number, 0.3))


def path(axes: Axes) -> Change:
    patch = axes.add_patch(PathPatch(Path([(0, 0), (1, 1), (2, 0)])))
    return lambda number: patch.set_path(Path([(0, 0), (1, 1), (0.5 * number, 0)]))


def arrow(axes: Axes) -> Change:
    patch = axes.add_patch(Arrow(0, 0, 2, 0.5))
    return lambda number: patch.set_data(dx=0.5 * number)


def slope(axes: Axes) -> Change:
    line: Any = axes.axline((0, 0), slope=0.1)
    return lambda number: line.set_slope(0.1 * number)


def style_of_points(axes: Axes) -> Change:
    points = axes.scatter(X, 0 * X, s=100, facecolor="none", edgecolor="k")
    return lambda number: points.set_linestyle((":", "-")[number % 2])


def place_of_points(axes: Axes) -> Change:
    points = axes.scatter(X, 0 * X)
    return lambda number: points.set_offset_transform(Affine2D().translate(0.1 * number, 0) + axes.transData)


def transform_of_a_line(axes: Axes) -> Change:
    transform = Affine2D()
    axes.plot(X, 0 * X, transform=transform + axes.transData)
    return lambda number: transform.translate(0, 0.1)


def transform_of_a_patch(axes: Axes) -> Change:
    transform = Affine2D()
    axes.add_patch(PathPatch(Path([(0, 0), (1, 1), (2, 0)]), transform=transform + axes.transData))
    return lambda number: transform.rotate(0.1)


def transform_of_points(axes: Axes) -> Change:
    transform = Affine2D()
    axes.scatter(X, 0 * X, transform=transform + axes.transData)
    return lambda number: transform.translate(0, 0.1)


CHANGES = (
    mesh,
    colours_of_points,
    triangles,
    order,
    order_of_axes,
    axes_off,
    animated,
    arrow_to,
    colour_of_arrow,
    annotated_line,
    box_of_text,
    box_around_text,
    text_in_a_box,
    place_of_a_box,
    anchored_text,
    legend_of_the_figure,
    text_of_a_cell,
    colour_of_a_cell,
    label_of_an_axis,
    room_for_the_label,
    grid_line,
    offset_of_an_axis,
    key_of_arrows,
    arc,
    angle,
    connection,
    path,
    arrow,
    slope,
    style_of_points,
    place_of_points,
    transform_of_a_line,
    transform_of_a_patch,
    transform_of_points,
)


@pytest.mark.parametrize("beside", [True, False], ids=["beside-a-line", "alone"])
@pytest.mark.parametrize("prepare", CHANGES, ids=lambda prepare: prepare.__name__)
def test_it_is_drawn(prepare: Callable[[Axes], Change], beside: bool) -> None:
    """A change that no artist tells of is in the next picture, beside a line that is blitted and alone."""
    changes: list[Change] = []

    def build(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot(X, np.sin(X))
        axes.plot(X, np.cos(X), lw=3)
        axes.set(xlim=(0, 6), ylim=(-1.2, 1.2))
        changes.append(prepare(axes))

    blitted = Blitted(build)
    blitted.compare()
    for number in range(1, 9):
        if number > 2:
            changes[0](number)
        if beside or number <= 2:
            blitted.figure.axes[0].lines[0].set_ydata(np.sin(X + number))
        blitted.compare()


def test_a_mesh_is_blitted() -> None:
    """A mesh whose values change in each frame is drawn over the rest, as an image is."""
    changes: list[Change] = []

    def build(figure: Figure) -> None:
        changes.append(mesh(figure.subplots()))

    blitted = Blitted(build)
    for number in range(5):
        changes[0](number)
        reason = blitted.compare()
    assert reason == ""


def test_what_stays_the_same_is_no_change() -> None:
    """An attribute that is assigned what it was, and an array that is invisible, cost no full draw."""
    blitted = Blitted(lambda figure: transform_of_a_line(figure.subplots()) and None)
    axes = blitted.figure.axes[0]
    hidden = axes.pcolormesh(np.outer(X, X)[:8, :8], visible=False)
    axes.plot(X, np.sin(X))
    axes.set(xlim=(0, 6), ylim=(-1.2, 1.2))
    for number in range(6):
        axes.lines[1].zorder = float("2.5")
        axes.lines[1].set_ydata(np.sin(X + number))
        hidden.set_array(np.outer(X, X)[number : 8 + number, :8])
        reason = blitted.compare()
    assert reason == ""


def test_it_is_seen_without_blitting() -> None:
    """Where everything is drawn in full, a figure has changed by what is set in silence, and by parts of artists."""
    figure = Figure()
    drawer = FullDrawer(FigureCanvasAgg(figure), "blit=False")
    axes = figure.subplots()
    changes = mesh(axes), text_of_a_cell(axes), transform_of_a_line(axes)
    for change in changes:
        drawer.draw()
        assert not drawer.stale
        change(1)
        assert drawer.stale


class Mesh:
    """Changes the values of a mesh, and nothing else."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        self.figure, axes = plt.subplots()
        self.mesh = axes.pcolormesh(np.zeros((8, 8)), vmin=0, vmax=1)

    def update(self, value: float) -> None:
        """Have all cells show a value."""
        self.mesh.set_array(np.full((8, 8), value))

    def colour(self) -> list[int]:
        """What is seen in the middle of the canvas."""
        pixels = np.asarray(self.figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
        return [int(value) for value in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]]


@pytest.mark.parametrize("blit", [True, False])
def test_a_mesh_alone_is_seen(blit: bool) -> None:
    """A plotter that calls `set_array` of a mesh and nothing more shows each frame."""
    with asyncplot.Server(Mesh, backend="offscreen", blit=blit) as plot:
        seen = []
        for value in (0.0, 0.25, 0.5, 1.0):
            plot.update(value).wait(20)
            seen.append(tuple(plot.plotter.colour()))
        assert len(set(seen)) == 4
        assert plot.stats.blitted == (2 if blit else 0)
