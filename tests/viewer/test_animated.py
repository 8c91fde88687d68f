"""Artists with animated=True are seen, and a plotter that blits by itself shows the right picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from test_pixel_equality import Blitted, X, pixels

Frame = Callable[[int], object]


def plain(figure: Figure) -> Frame:
    """No recipe: an animated line that is set, as is left over when the rest is taken away."""
    axes = figure.subplots()
    axes.plot(X, np.cos(X), lw=4, zorder=9)
    (line,) = axes.plot(X, np.sin(X), alpha=0.5, lw=3, animated=True)
    axes.set(xlim=(0, 6), ylim=(-1.2, 1.2))
    return lambda number: line.set_ydata(np.sin(X + number))


def several(figure: Figure) -> Frame:
    """Animated and normal artists in several axes, a text among them; all of them change."""
    axes = figure.subplots(2, 2).flat
    animated = [each.plot(X, np.sin(X), animated=True)[0] for each in axes]
    normal = [each.plot(X, np.cos(X))[0] for each in axes]
    text = axes[0].text(1, 0, "0", animated=True)

    def update(number: int) -> None:
        for line in (*animated, *normal):
            line.set_ydata(np.sin(X + 0.1 * number))
        text.set_text(str(number))

    return update


def points(figure: Figure) -> Frame:
    """Animated points and an animated image, which stand in no order of theirs."""
    axes = figure.subplots()
    found = axes.scatter(X, np.sin(X), animated=True)
    image = axes.imshow(np.outer(X, X), extent=(0, 3, -1, 1), animated=True, aspect="auto")
    axes.set(xlim=(0, 6), ylim=(-1.2, 1.2))

    def update(number: int) -> None:
        found.set_offsets(np.column_stack([X, np.sin(X + number)]))
        image.set_data(np.outer(X, X + number))

    return update


def recipe(figure: Figure) -> Frame:
    """The whole of matplotlib's recipe, with a background that is kept from the first draw."""
    axes = figure.subplots()
    (line,) = axes.plot(X, np.sin(X), alpha=0.5, lw=3, animated=True)
    canvas: Any = figure.canvas
    canvas.draw()
    background = canvas.copy_from_bbox(axes.bbox)

    def update(number: int) -> None:
        canvas.restore_region(background)
        line.set_ydata(np.sin(X + number))
        axes.draw_artist(line)
        canvas.blit(axes.bbox)

    return update


def recipe_of_each_frame(figure: Figure) -> Frame:
    """The recipe with a background that is copied in each frame."""
    axes = figure.subplots()
    (line,) = axes.plot(X, np.sin(X), alpha=0.5, lw=3, animated=True)
    canvas: Any = figure.canvas

    def update(number: int) -> None:
        if number == 1:
            canvas.draw()
        background = canvas.copy_from_bbox(figure.bbox)
        line.set_ydata(np.sin(X + number))
        axes.draw_artist(line)
        canvas.blit(figure.bbox)
        canvas.restore_region(background)
        axes.draw_artist(line)

    return update


def recipe_with_a_change_beside(figure: Figure) -> Frame:
    """The recipe, while something else in the picture changes that its old background does not show."""
    update = recipe(figure)
    title = figure.axes[0].set_title("0")

    def both(number: int) -> None:
        title.set_text(f"step {number}")
        update(number)

    return both


def manager(figure: Figure) -> Frame:
    """The recipe of matplotlib's documentation: a listener to draw_event that keeps the background, and draws."""
    axes = figure.subplots()
    (line,) = axes.plot(X, np.sin(X), alpha=0.5, lw=3, animated=True)
    canvas: Any = figure.canvas
    kept: list[Any] = []

    def drawn(_: Any) -> None:
        kept[:] = [canvas.copy_from_bbox(figure.bbox)]
        figure.draw_artist(line)

    canvas.mpl_connect("draw_event", drawn)

    def update(number: int) -> None:
        line.set_ydata(np.sin(X + number))
        if kept:
            canvas.restore_region(kept[0])
            figure.draw_artist(line)
            canvas.blit(figure.bbox)

    return update


def not_animated(figure: Figure) -> Frame:
    """The recipe by somebody who has forgotten animated=True."""
    update = recipe(figure)
    figure.axes[0].lines[0].set_animated(False)
    return update


BUILDERS = (
    plain, several, points, recipe, recipe_of_each_frame, recipe_with_a_change_beside, manager, not_animated,
)  # fmt: skip


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_it_is_seen(build: Callable[[Figure], Frame]) -> None:
    """Each picture is a full draw with the animated artists after it, whoever drew on the canvas before."""
    updates: list[Frame] = []
    blitted = Blitted(lambda figure: updates.append(build(figure)))
    blitted.compare()
    reasons = []
    for number in range(1, 8):
        updates[0](number)
        reasons.append(blitted.compare())
    assert reasons[-1] in ("", "somebody listens to draw_event")
    blitted.canvas.draw()  # by a toolbar, or a window that was resized
    assert blitted.compare() == "nothing changed"
    updates[0](8)
    blitted.compare()


def test_an_idle_figure_is_not_stale() -> None:
    """After each picture nothing is left to draw, animated artists or not."""
    updates: list[Frame] = []
    blitted = Blitted(lambda figure: updates.append(several(figure)))
    for number in range(6):
        updates[0](number)
        blitted.blitter.draw()
        assert not blitted.blitter.stale


def test_what_is_kept_for_a_background_has_no_animated_artists() -> None:
    """A background that is copied after our picture is the one of a draw, also if others were blitted since."""
    updates: list[Frame] = []
    blitted = Blitted(lambda figure: updates.append(several(figure)))
    figure, canvas = blitted.figure, blitted.canvas
    for number in range(6):
        updates[0](number)
        blitted.compare()
    region = canvas.copy_from_bbox(figure.bbox)
    assert blitted.compare() == "nothing changed"
    canvas.restore_region(region)
    kept = pixels(canvas)
    for axes in figure.axes:
        for artist in axes.get_children():
            artist.set_visible(artist.get_visible() and not artist.get_animated())
    canvas.draw()
    assert (kept == pixels(canvas)).all()


def test_a_saved_figure_has_them_once(tmp_path: Any) -> None:
    """`savefig` draws animated artists by itself, among the others."""
    blitted = Blitted(lambda figure: plain(figure) and None)
    blitted.compare()
    blitted.figure.savefig(tmp_path / "ours.png")
    other = Figure(figsize=blitted.figure.get_size_inches())
    plain(other)
    other.savefig(tmp_path / "theirs.png")
    assert (tmp_path / "ours.png").read_bytes() == (tmp_path / "theirs.png").read_bytes()
