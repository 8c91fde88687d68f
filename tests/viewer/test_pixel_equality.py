"""What is blitted equals what a full draw of the same state gives, to the pixel, whatever a plotter changes."""

from __future__ import annotations

import os
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from asyncplot.viewer.drawing.blitting import Blitter

#: How many examples are tried: others each time. A failure tells the seed, which gives the same ones again.
EXAMPLES = int(os.environ.get("ASYNCPLOT_TEST_EXAMPLES", "25"))
SEED = int(os.environ.get("ASYNCPLOT_TEST_SEED") or random.SystemRandom().randrange(1 << 32))

X = np.linspace(0.0, 6.0, 80)
SIZE = (4.0, 3.0)


def pixels(canvas: Any) -> np.ndarray:
    """The picture of a canvas, copied."""
    return np.asarray(canvas.buffer_rgba()).copy()


class Blitted:
    """A figure that is drawn by a Blitter, and compared with a full draw of a copy of it."""

    def __init__(self, build: Callable[[Figure], None]) -> None:
        self.figure = Figure(figsize=SIZE)
        self.canvas = FigureCanvasAgg(self.figure)
        build(self.figure)
        self.blitter = Blitter(self.canvas)

    def compare(self) -> str:
        """Draw, and compare; returns why it was drawn in full, empty if it was blitted."""
        reason = self.blitter.draw().reason if self.blitter.stale else "nothing changed"
        got, expected = pixels(self.canvas), drawn_in_full(self.figure)
        assert got.shape == expected.shape
        different = np.abs(got.astype(int) - expected).max(axis=-1)
        if any(axes.images for axes in self.figure.axes):
            assert (different > 1).mean() <= 0.001, f"{reason or 'blitted'}: {where(different > 1)}"
        else:
            assert not different.any(), f"{reason or 'blitted'}: {where(different > 0)}"
        return reason


def drawn_in_full(figure: Figure) -> np.ndarray:
    """The picture of a full draw of the same state: of a copy, so that the figure learns nothing of it.

    Animated artists are drawn after it, as a plotter that blits draws them. A constrained layout is not carried out
    again: matplotlib's is not the same the second time.
    """
    copy = pickle.loads(pickle.dumps(figure))
    copy.set_layout_engine("none")
    canvas = FigureCanvasAgg(copy)
    canvas.draw()
    for axes in copy.axes:
        for artist in sorted(axes.get_children(), key=lambda artist: artist.zorder):
            if artist.get_animated():
                axes.draw_artist(artist)
    return pixels(canvas)


def where(different: np.ndarray) -> str:
    """Where two pictures differ, in words."""
    rows, columns = np.nonzero(different)
    return (
        f"{different.sum()} pixels differ: rows {rows.min()}..{rows.max()}, "
        f"columns {columns.min()}..{columns.max()}"
    )


# --- what a plotter may have, and do ------------------------------------------------------------------


def one(figure: Figure) -> None:
    axes = figure.subplots()
    axes.plot(X, np.sin(X), label="a")
    axes.plot(X, np.cos(X), lw=3, alpha=0.5, label="b", marker="o", markevery=10)


def sixteen(figure: Figure) -> None:
    for axes in figure.subplots(4, 4).flat:
        axes.plot(X, np.sin(X))


def constrained(figure: Figure) -> None:
    figure.set_layout_engine("constrained")
    for axes in figure.subplots(2, 2).flat:
        axes.plot(X, np.sin(X))
        axes.set(title="title", xlabel="x")


def with_legend(figure: Figure) -> None:
    one(figure)
    figure.axes[0].legend()
    figure.axes[0].grid(True)
    figure.suptitle("a figure")


def twins(figure: Figure) -> None:
    axes = figure.subplots()
    axes.plot(X, np.sin(X))
    axes.twinx().plot(X, 3 * np.cos(X), "r")
    axes.fill_between(X, np.sin(X), alpha=0.3)


def inset(figure: Figure) -> None:
    axes = figure.subplots()
    axes.plot(X, np.sin(X), lw=5)
    axes.inset_axes((0.6, 0.6, 0.3, 0.3)).plot(X, np.cos(X))
    axes.text(3.0, 0.0, "inside", fontsize=20)


def polar(figure: Figure) -> None:
    axes = figure.add_subplot(projection="polar")
    axes.plot(X, 1.0 + np.sin(X))


def solid(figure: Figure) -> None:
    axes = figure.add_subplot(projection="3d")
    axes.plot(X, np.sin(X), np.cos(X))


def image(figure: Figure) -> None:
    axes = figure.subplots()
    picture = axes.imshow(np.outer(np.sin(X), np.cos(X)), aspect="auto", extent=(0.0, 6.0, -1.0, 1.0))
    axes.plot(X, np.sin(X), "w")
    figure.colorbar(picture)


def patches(figure: Figure) -> None:
    axes = figure.subplots()
    axes.bar(range(5), range(1, 6), color="C1")
    axes.scatter(X, np.sin(X), c=X, zorder=4)
    axes.axhline(0.5, color="k", zorder=0.5)
    axes.plot(X, np.sin(X), zorder=6)
    axes.annotate("here", (2.0, 1.0), (3.0, 3.0), arrowprops={"arrowstyle": "->"})


BUILDERS = (one, sixteen, constrained, with_legend, twins, inset, polar, solid, image, patches)


def lines(figure: Figure) -> list[Any]:
    return [line for axes in figure.axes for line in axes.lines]


def texts(figure: Figure) -> list[Any]:
    return [text for axes in figure.axes for text in (axes.title, *axes.texts)]


def pick(items: list[Any], number: int) -> Any:
    return items[number % len(items)] if items else None


def new_data(figure: Figure, number: int) -> None:
    for index, line in enumerate(lines(figure)):
        if figure.axes[0].name != "3d" and len(line.get_xdata()) == len(X) and (index + number) % 3:
            line.set_ydata(np.sin(len(X) * X * 0.01 * (1 + number % 7) + index))


def one_datum(figure: Figure, number: int) -> None:
    if (line := pick(lines(figure), number)) is not None:
        line.set_ydata(np.roll(line.get_ydata(), number % 11))


def colour(figure: Figure, number: int) -> None:
    if (line := pick(lines(figure), number)) is not None:
        line.set_color(f"C{number % 10}")


def look(figure: Figure, number: int) -> None:
    if (line := pick(lines(figure), number)) is not None:
        line.set(linewidth=1 + number % 4, marker=("", "o", "s")[number % 3], alpha=(None, 0.4)[number % 2])


def visibility(figure: Figure, number: int) -> None:
    if (line := pick(lines(figure), number)) is not None:
        line.set_visible(not line.get_visible())


def order(figure: Figure, number: int) -> None:
    if (line := pick(lines(figure), number)) is not None:
        line.set_zorder(number % 8)


def limits(figure: Figure, number: int) -> None:
    axes = pick(figure.axes, number)
    if axes.name == "rectilinear":
        axes.set_ylim(-1.0 - number % 3, 1.0 + number % 5)


def autoscaled(figure: Figure, number: int) -> None:
    for axes in figure.axes:
        if axes.name == "rectilinear" and axes.lines:
            axes.relim()
            axes.autoscale_view()


def same_limits(figure: Figure, number: int) -> None:
    for axes in figure.axes:
        if axes.name == "rectilinear":
            axes.set_xlim(axes.get_xlim())


def title(figure: Figure, number: int) -> None:
    pick(figure.axes, number).set_title(("", "t", "step 10", "a longer title, with gyp")[number % 4])


def text(figure: Figure, number: int) -> None:
    if (found := pick(texts(figure), number)) is not None:
        found.set_text(f"value {number}")


def axis_label(figure: Figure, number: int) -> None:
    pick(figure.axes, number).set_xlabel(f"x {number % 5}")


def legend(figure: Figure, number: int) -> None:
    axes = pick(figure.axes, number)
    if axes.get_legend() is not None:
        axes.get_legend().remove()
    elif axes.lines and axes.name == "rectilinear":
        axes.lines[0].set_label("line")
        axes.legend(loc=("best", "upper left", "center")[number % 3])


def removal(figure: Figure, number: int) -> None:
    found = lines(figure)
    if len(found) > 1:
        pick(found, number).remove()


def addition(figure: Figure, number: int) -> None:
    axes = pick(figure.axes, number)
    if axes.name == "rectilinear" and len(axes.lines) < 5:
        axes.plot(X, np.cos(X + number))


def cleared(figure: Figure, number: int) -> None:
    axes = pick(figure.axes, number)
    if axes.name == "rectilinear":
        axes.cla()
        axes.plot(X, np.sin(X + number))


def picture(figure: Figure, number: int) -> None:
    for axes in figure.axes:
        for found in axes.images:
            found.set_data(np.outer(np.sin(X + number), np.cos(X)))


def clim(figure: Figure, number: int) -> None:
    for axes in figure.axes:
        for found in axes.images:
            found.set_clim(-1.0 - number % 3, 1.0)


def ticks(figure: Figure, number: int) -> None:
    pick(figure.axes, number).tick_params(labelsize=6 + number % 5)


def face(figure: Figure, number: int) -> None:
    pick(figure.axes, number).set_facecolor(("white", "0.9", "#fffff0")[number % 3])


def points(figure: Figure, number: int) -> None:
    for axes in figure.axes:
        for found in axes.collections:
            if hasattr(found, "set_sizes"):
                found.set_sizes([10.0 + number % 50])


def values(figure: Figure, number: int) -> None:
    for axes in figure.axes:
        for found in axes.collections:
            if (array := found.get_array()) is not None:
                found.set_array(np.roll(array, number % 5))


def arrow(figure: Figure, number: int) -> None:
    for axes in figure.axes:
        for found in axes.texts:
            if isinstance(found, Annotation):
                found.xy = (2.0 + number % 3, 1.0)


def clipping(figure: Figure, number: int) -> None:
    if (line := pick(lines(figure), number)) is not None:
        line.set_clip_on(bool(number % 2))


def boxed(figure: Figure, number: int) -> None:
    if (text := pick(texts(figure), number)) is not None:
        text.set_bbox({"facecolor": "C1", "pad": 12} if number % 2 else None)


def rank(figure: Figure, number: int) -> None:
    if (line := pick(lines(figure), number)) is not None:
        line.zorder = number % 8


def resized(figure: Figure, number: int) -> None:
    figure.set_size_inches(SIZE[0] + number % 3 * 0.5, SIZE[1])


def toggled_frame(figure: Figure, number: int) -> None:
    axes = pick(figure.axes, number)
    if axes.name == "rectilinear":
        axes.set_frame_on(not axes.get_frame_on())


#: What changes from frame to frame comes often, so that sequences get as far as blitting.
OFTEN = (
    new_data,
    new_data,
    new_data,
    one_datum,
    colour,
    look,
    text,
    title,
    autoscaled,
    same_limits,
    picture,
    values,
)
RARELY = (
    visibility,
    order,
    limits,
    axis_label,
    legend,
    removal,
    addition,
    cleared,
    clim,
    ticks,
    face,
    points,
    arrow,
    rank,
    clipping,
    boxed,
    resized,
    toggled_frame,
)

Change = tuple[Callable[[Figure, int], None], int]
CHANGES = st.tuples(
    st.one_of(
        st.sampled_from(OFTEN), st.sampled_from(OFTEN), st.sampled_from(OFTEN), st.sampled_from(RARELY)
    ),
    st.integers(0, 1000),
)


@pytest.mark.timeout(300)
@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # to look for a shorter example takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    builder=st.sampled_from(BUILDERS),
    frames=st.lists(st.lists(CHANGES, min_size=1, max_size=3), min_size=3, max_size=9),
)
def test_random_plotters(builder: Callable[[Figure], None], frames: list[list[Change]]) -> None:
    """Random sequences of changes to random figures look as if each had been drawn in full."""

    note(f"the same again: ASYNCPLOT_TEST_SEED={SEED} ASYNCPLOT_TEST_EXAMPLES={EXAMPLES}")
    blitted = Blitted(builder)
    blitted.compare()
    for frame in frames:
        for change, number in frame:
            change(blitted.figure, number)
        note(f"{[(change.__name__, number) for change, number in frame]}: {blitted.compare()}")


class Fragile(Line2D):
    """A line that can be told to fail when it is drawn."""

    fails = False

    def draw(self, renderer: Any) -> None:
        """Draw, or raise."""
        if self.fails:
            raise RuntimeError("no ink")
        super().draw(renderer)


@pytest.mark.parametrize("frames", [0, 1, 5])
def test_an_artist_that_raises_leaves_no_trace(frames: int) -> None:
    """After an artist has raised, in a blitted picture or in a full one, the next one is whole again."""
    blitted = Blitted(one)
    line = Fragile(X, np.sin(X), color="r")
    blitted.figure.axes[0].add_line(line)
    for number in range(frames):
        line.set_ydata(np.sin(X + number))
        blitted.compare()
    line.fails = True
    line.set_ydata(np.cos(X))
    with pytest.raises(RuntimeError, match="no ink"):
        blitted.blitter.draw()
    line.fails = False
    line.set_ydata(np.cos(X))
    for number in range(4):
        line.set_ydata(np.cos(X + number))
        blitted.compare()


def test_a_title_that_grows_moves_a_constrained_layout() -> None:
    """Where a layout depends on a text, a text of another size is drawn in full; one of the same size is not."""
    blitted = Blitted(constrained)
    axes = blitted.figure.axes[0]
    for text in ("t = 1", "t = 2", "t = 3", "t = 4"):
        axes.set_title(text)
        reason = blitted.compare()
    assert reason == ""
    axes.set_title("t = 1\n(and more)")
    assert "layout" in blitted.compare()


def test_limits_set_to_what_they_were_are_no_change() -> None:
    """`relim` and `autoscale_view` in each frame do not keep a line from being blitted."""
    blitted = Blitted(one)
    line = blitted.figure.axes[0].lines[0]
    for number in range(6):
        line.set_ydata(np.roll(line.get_ydata(), number))
        autoscaled(blitted.figure, 0)
        reason = blitted.compare()
    assert reason == ""


def test_other_limits_are_drawn_in_full() -> None:
    """Other limits move the ticks, too: the pixels that were kept below the line are wrong then."""
    blitted = Blitted(one)
    axes = blitted.figure.axes[0]
    for number in range(4):
        new_data(blitted.figure, number)
        reason = blitted.compare()
    assert reason == ""
    new_data(blitted.figure, 5)
    axes.set_ylim(-3.0, 2.0)
    assert blitted.compare() == "limits"


def test_a_legend_heeds_lines_that_are_not_seen() -> None:
    """A legend at its best place moves when the data of an invisible line change, as in a full draw."""
    blitted = Blitted(with_legend)
    for change, number in ((new_data, 0), (visibility, 0), (new_data, 0), (new_data, 0), (new_data, 692)):
        change(blitted.figure, number)
        blitted.compare()
