"""What event handlers and timers of a plotter change is drawn without a frame."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import asyncplot
import desktop
from conditions import wait_until

TITLE = "handlers"
GREEN, BLUE, RED = (0x10, 0xC0, 0x20), (0x10, 0x20, 0xD0), (0xD0, 0x20, 0x10)

each_window = pytest.mark.parametrize("backend", ["qt", "tk"])
each_backend = pytest.mark.parametrize("backend", ["qt", "tk", "offscreen"])


def word(colour: tuple[int, int, int]) -> str:
    """A colour as matplotlib has it."""
    return "#" + "".join(f"{part:02x}" for part in colour)


class Handlers:
    """Axes that fill the left half of the window, and change colour when something happens; widgets to the right."""

    def __init__(self, timer: str = "") -> None:
        from matplotlib import pyplot as plt
        from matplotlib.patches import Rectangle
        from matplotlib.widgets import Button, Slider

        plt.rcParams["toolbar"] = "None"  # so that the window is the picture
        self.figure = plt.figure(figsize=(4, 2))
        self.figure.canvas.manager.set_window_title(TITLE)  # type: ignore[union-attr]
        self.axes = self.figure.add_axes((0.0, 0.0, 0.5, 1.0))
        self.mesh = self.axes.pcolormesh(np.zeros((2, 2)), cmap="gray", vmin=1, vmax=2)
        self.patch = self.axes.add_patch(Rectangle((0, 0), 2, 2, visible=False))
        self.button = Button(self.figure.add_axes((0.5, 0.5, 0.5, 0.5)), "press")
        self.button.on_clicked(lambda _: self.paint(GREEN))
        self.slider = Slider(self.figure.add_axes((0.6, 0.1, 0.2, 0.2)), "", 0, 1)
        self.slider.on_changed(lambda _: self.paint(BLUE))
        self.figure.canvas.mpl_connect("key_press_event", self.key)
        self.axes.set_axis_off()
        if timer:
            self.timer = self.figure.canvas.new_timer(100, [(getattr(self, timer), (), {})])
            self.timer.start()

    def update(self) -> None:
        """Nothing."""

    def paint(self, colour: tuple[int, int, int]) -> None:
        """Have the axes show a colour, by an artist."""
        self.patch.set(visible=True, color=word(colour))

    def key(self, event: Any) -> None:
        """A key was pressed."""
        if event.key == "g":
            self.silently()

    def aloud(self) -> None:
        """Change the colour by an artist, of which matplotlib tells."""
        self.paint(GREEN)

    def silently(self) -> None:
        """Change the colour of the mesh by its colour map, of which matplotlib tells nobody."""
        self.mesh.cmap.set_under(word(GREEN))


def seen(colour: tuple[int, int, int]) -> bool:
    """Whether the axes show a colour, on the screen."""
    return desktop.area(*colour) > 10_000


def press(x: float, y: float) -> None:
    """Click into the window, at a place from its upper left as parts of its picture of 400 x 200 pixels."""
    identity = str(desktop.window(TITLE).id)
    desktop.tool(
        "xdotool", "mousemove", "--sync", "--window", identity, str(round(400 * x)), str(round(200 * y))
    )
    desktop.tool("xdotool", "click", "1")


@each_window
def test_widgets_and_keys(display: str, backend: str) -> None:
    """A button, a slider and a key change the picture at once, by real mouse and keyboard and without a frame."""
    with asyncplot.Server(Handlers, backend=backend) as plot:
        plot.update()
        assert plot.flush(20)
        press(0.25, 0.5)  # gives it the focus
        desktop.tool("xdotool", "key", "--window", str(desktop.window(TITLE).id), "g")
        wait_until(lambda: seen(GREEN), 20, what="the colour by the key")
        press(0.65, 0.8)
        wait_until(lambda: seen(BLUE), 20, what="the colour by the slider")
        press(0.75, 0.25)
        wait_until(lambda: seen(GREEN), 20, what="the colour by the button")


@each_backend
@pytest.mark.parametrize("timer", ["aloud", "silently"])
def test_timers(display: str, tmp_path: Path, backend: str, timer: str) -> None:
    """What a timer of the plotter's changes is seen, in windows and without one, told of or not."""
    path = tmp_path / "last.png"
    with asyncplot.Server(functools.partial(Handlers, timer), backend=backend, save=path) as plot:
        plot.update()
        assert plot.flush(20)
        if backend != "offscreen":
            wait_until(lambda: seen(GREEN), 20)
        wait_until(lambda: path.exists() and corner(path) == GREEN, 20, what="the picture that was saved")


def corner(path: Path) -> tuple[int, ...]:
    """The colour at the lower left of a picture."""
    with Image.open(path) as picture:
        return tuple(int(value) for value in np.asarray(picture)[-5, 5, :3])


class Animation:
    """A FuncAnimation, whose artist comes to have the last colour after a few steps."""

    def __init__(self, blit: bool) -> None:
        from matplotlib import pyplot as plt
        from matplotlib.animation import FuncAnimation
        from matplotlib.patches import Rectangle

        plt.rcParams["toolbar"] = "None"
        self.figure = plt.figure(figsize=(4, 2))
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.patch = self.axes.add_patch(Rectangle((0, 0), 1, 1, color=word(RED)))
        self.steps = 0
        self.animation = FuncAnimation(
            self.figure,
            self.step,
            interval=50,
            blit=blit,
            cache_frame_data=False,
            init_func=lambda: [self.patch],
        )

    def update(self) -> None:
        """Nothing."""

    def step(self, _: Any) -> list[Any]:
        """One step of the animation."""
        self.steps += 1
        self.patch.set_color(word(GREEN if self.steps > 5 else BLUE))
        return [self.patch]


@each_backend
@pytest.mark.parametrize("blit", [False, True])
def test_animations_run(display: str, tmp_path: Path, backend: str, blit: bool) -> None:
    """`FuncAnimation` runs within a plotter, in windows and without one."""
    path = tmp_path / "last.png"
    with asyncplot.Server(functools.partial(Animation, blit), backend=backend, save=path) as plot:
        plot.update()
        assert plot.flush(20)
        if backend != "offscreen":
            wait_until(lambda: seen(GREEN), 20)
        wait_until(lambda: path.exists() and corner(path) == GREEN, 20, what="the picture that was saved")
