"""GTK and wx: what each backend promises, in real windows. Their packages are the system's, see `pythons.python_with`."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import asyncplot
import desktop
from conditions import wait_until
from pythons import python_with
from test_cells import WINDOWS, run_client
from test_foot import Sometimes, line_is_there, pictured
from test_handlers import BLUE, GREEN, Animation, Handlers, press, seen
from viewer_plotters import Interactive, Opener, TwoPanels

TOOLKITS = {"gtk": ("gi", "cairo"), "wx": ("wx",)}


@pytest.fixture(params=TOOLKITS)
def toolkit(request: pytest.FixtureRequest, display: str) -> dict[str, Any]:
    """The keywords of a server whose viewer uses this toolkit."""
    return {"backend": request.param, "cmd": python_with(*TOOLKITS[request.param])}


@pytest.fixture
def work(toolkit: dict[str, Any]) -> Iterator[str]:
    """The title of a window that has the focus, in which somebody works."""
    with desktop.other_program() as title:
        yield title


class Curves:
    """Lines and a text that move in a window without a toolbar."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        plt.rcParams["toolbar"] = "None"  # so that the window is the picture
        self.figure, (self.above, self.below) = plt.subplots(2, figsize=(4, 3))
        self.figure.canvas.manager.set_window_title("curves")  # type: ignore[union-attr]
        self.lines = self.above.plot(np.zeros((20, 2)))
        self.text = self.above.text(0.5, 0.5, "")
        self.below.imshow(np.zeros((10, 20)), vmin=0, vmax=1)

    def update(self, number: int) -> None:
        """Move all of them."""
        x = np.arange(20)
        self.above.set_ylim(-1.5, 1.5)
        for shift, line in enumerate(self.lines):
            line.set_ydata(np.sin(x * 0.3 + number + shift))
        self.text.set_text(f"frame {number}")


def shows(expected: np.ndarray) -> bool:
    """Whether the window of the curves shows this picture. (The mouse knows its corner; X's tools add its frame twice.)"""
    there = desktop.tool(
        "xdotool",
        "mousemove",
        "--window",
        str(desktop.window("curves").id),
        "0",
        "0",
        "getmouselocation",
        "--shell",
    )
    x, y = (int(word.partition("=")[2]) for word in there.split()[:2])
    height, width = expected.shape[:2]
    return np.array_equal(desktop.pixels()[y : y + height, x : x + width], expected)


def picture(path: Path) -> np.ndarray:
    """The pixels of a picture that was saved."""
    with Image.open(path) as saved:
        return np.asarray(saved)[..., :3].astype(int)


def test_the_screen_shows_what_offscreen_draws(toolkit: dict[str, Any], tmp_path: Path) -> None:
    """Blitted pictures are those of the offscreen backend, and so are the pixels of the screen when `flush` returns."""
    with asyncplot.Server(Curves, backend="offscreen", save=tmp_path / "off-{frame}.png") as plot:
        for number in range(1, 6):
            plot.update(number)
            assert plot.flush(20)
    with asyncplot.Server(Curves, save=tmp_path / "on-{frame}.png", **toolkit) as plot:
        assert plot.ready(20)
        assert plot.viewers[0].backend == toolkit["backend"]
        assert plot.viewers[0].versions[toolkit["backend"]]
        for number in range(1, 6):
            plot.update(number)
            assert plot.flush(20)
            expected = picture(tmp_path / f"off-{number}.png")
            if number == 1:  # the window manager may still be placing the window
                wait_until(lambda wanted=expected: shows(wanted), 20, what="the first frame on the screen")
            assert shows(expected), number
        assert plot.stats.blitted >= 3
    for number in range(1, 6):
        saved, expected = picture(tmp_path / f"on-{number}.png"), picture(tmp_path / f"off-{number}.png")
        assert np.array_equal(saved, expected), number


def beside(title: str) -> None:
    """Move a window to where no other one is: matplotlib puts all windows of wx at the same place."""
    desktop.tool("wmctrl", "-i", "-r", hex(desktop.window(title).id), "-e", "0,700,100,-1,-1")


def test_requests_and_the_close_button(toolkit: dict[str, Any]) -> None:
    """A request is carried out and shown without a frame; the viewer ends with the last window that its user closes."""
    with asyncplot.Server(TwoPanels, **toolkit) as plot:
        plot.update("#10c020")
        assert plot.flush(20)
        assert plot.viewers[0].windows == 2
        beside("still")
        plot.plotter.fig.set_facecolor("#2010c0")
        wait_until(lambda: desktop.area(0x20, 0x10, 0xC0) > 10_000, what="the new colour on the screen")
        desktop.close("panel")
        wait_until(lambda: plot.viewers[0].windows == 1)
        pending = plot.update("#102030")
        assert plot.flush(10)
        assert (pending.state, plot.is_alive) == ("drawn", True)
        desktop.close("still")
        wait_until(lambda: not plot.is_alive)
        assert plot.viewers[0].ended == "the user closed its windows"
        plot.check()


def test_the_line_at_the_foot(toolkit: dict[str, Any], tmp_path: Path) -> None:
    """It appears with a failure, stays over frames, goes after a success, and is in no picture."""
    with asyncplot.Server(Sometimes, save=tmp_path / "{frame}.png", **toolkit) as plot:
        for number, what in enumerate(["draw", "fail", "fail", "draw", "slow"], 1):
            plot.update(what)
            assert plot.flush(20)
            wait_until(lambda shown=what != "draw": line_is_there() == shown, 20, what=f"{number}: {what}")
    written = {each: (tmp_path / f"{each}.png").read_bytes() for each in (1, 2, 4, 5)}
    assert pictured(written[1]) == pictured(written[4])
    assert pictured(written[2]) == pictured(written[5])


@pytest.mark.parametrize("plotter", [Opener, Interactive])
def test_windows_do_not_take_the_focus(work: str, toolkit: dict[str, Any], plotter: type) -> None:
    """Neither the first one nor a later one, nor those of a plotter in interactive mode; but a click gives it."""
    with asyncplot.Server(plotter, **toolkit) as plot:
        for number in range(3):
            plot.update(f"#1020{number:02x}", *(["another"] if plotter is Opener and number == 2 else []))
            assert plot.flush(20)
            desktop.window("panel")
            assert (desktop.focus(), desktop.active()) == (work, desktop.window(work).id)
        if plotter is Opener:
            beside("another")
            assert (desktop.focus(), desktop.active()) == (work, desktop.window(work).id)
        desktop.click("panel")
        wait_until(lambda: desktop.active() == desktop.window("panel").id, what="the focus after a click")


def test_widgets_keys_and_timers(toolkit: dict[str, Any]) -> None:
    """They change the picture at once and without a frame."""
    with asyncplot.Server(functools.partial(Handlers, "silently"), **toolkit) as plot:
        plot.update()
        assert plot.flush(20)
        wait_until(lambda: seen(GREEN), 20, what="the colour by the timer")
        press(0.65, 0.8)
        wait_until(lambda: seen(BLUE), 20, what="the colour by the slider")
        press(0.75, 0.25)
        wait_until(lambda: seen(GREEN), 20, what="the colour by the button")
    with asyncplot.Server(Handlers, **toolkit) as plot:
        plot.update()
        assert plot.flush(20)

        press(0.25, 0.5)  # gives it the focus
        desktop.tool("xdotool", "key", "g")
        wait_until(lambda: seen(GREEN), 20, what="the colour by the key")


@pytest.mark.parametrize("blit", [False, True])
def test_animations_run(toolkit: dict[str, Any], blit: bool) -> None:
    """`FuncAnimation` runs within a plotter."""
    with asyncplot.Server(functools.partial(Animation, blit), **toolkit) as plot:
        plot.update()
        assert plot.flush(20)
        wait_until(lambda: seen(GREEN), 20)


@pytest.mark.timeout(120)
def test_windows_keep_their_places(tmp_path: Path, toolkit: dict[str, Any]) -> None:
    """A cell that is executed again has its windows where its user had put them, as large as they were."""
    python, _, code = toolkit["cmd"]
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} -c {shlex.quote(code)} "$@"\n')
    script.chmod(0o755)
    # The sizes in the record are those of the client areas. For wx this is the room above the toolbar.
    windows = re.sub(r'"(500|280), \d+"', r'"\1, "', WINDOWS)
    windows = windows.replace("Server(Two, ", f"Server(Two, ['{script}'], ")
    run_client(tmp_path, windows, toolkit["backend"])
