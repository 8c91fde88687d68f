"""A window says at its foot that its plotter fails, or takes very long; no picture has that line."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import asyncplot
import desktop
from asyncplot.viewer.backends.contract import PAPER
from asyncplot.viewer.foot import LINGER, SLOW, Foot
from conditions import wait_until

COLOUR = tuple(bytes.fromhex(PAPER[1:]))


class Window:
    """A backend that keeps what it was told to say."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, managers: Sequence[Any], text: str) -> None:
        self.said.append(text)


@pytest.fixture
def foot() -> Foot:
    """The foot of a window that keeps what it was told to say."""
    figures: Any = SimpleNamespace(managers=list)
    window: Any = Window()
    return Foot(window, figures)


def test_what_fails_is_said_with_its_count(foot: Foot) -> None:
    """Each method that fails is named, with how often and the first line of what it raised last."""
    assert foot.text(0.0) == ""
    foot.failed("update", ValueError("no"), 0.0)
    assert foot.text(0.0) == "update failed: ValueError: no"
    for number in range(85):
        foot.failed("update", AttributeError(f"'None' has no x{number}\nmore"), 1.0)
    assert foot.text(1e6) == "update failed 86 times: AttributeError: 'None' has no x84"
    foot.failed("drawing", KeyError("a" * 500), 2.0)
    assert foot.text(2.0).startswith(
        "update failed 86 times: AttributeError: 'None' has no x84; drawing failed: KeyErr"
    )
    assert len(foot.text(2.0)) == 300


def test_it_goes_when_a_frame_succeeds(foot: Foot) -> None:
    """After a success it stays for a moment, so that a failure now and then can be read; then it counts anew."""
    foot.failed("update", ValueError("no"), 0.0)
    foot.passed("drawing")
    assert foot.text(LINGER + 1.0)
    foot.passed("update")
    assert foot.text(LINGER - 0.1)
    assert foot.text(LINGER + 0.1) == ""
    foot.failed("update", ValueError("again"), 20.0)
    assert foot.text(20.0) == "update failed: ValueError: again"


def test_a_slow_plotter_is_said_until_a_quick_frame(foot: Foot) -> None:
    """After a frame that took very long the window says so, until one did not."""
    foot.took(SLOW - 0.1)
    assert foot.text(0.0) == ""
    foot.took(85.0)
    assert foot.text(0.0) == "the last frame took 85 s; while one is made, this window does not answer"
    foot.took(1.0)
    assert foot.text(0.0) == ""


def test_windows_are_told_when_it_changes_and_now_and_then(foot: Foot) -> None:
    """The line appears and goes at once, is laid out anew a few times a second, and else costs nothing."""
    said = foot._backend.said  # type: ignore[attr-defined]
    foot.show(0.0)
    assert said == []
    foot.failed("update", ValueError("no"), 0.0)
    for tick in range(100):
        foot.show(tick * 0.008)
    assert 2 <= len(said) <= 8
    foot.passed("update")
    foot.show(LINGER + 1.0)
    foot.show(LINGER + 2.0)
    assert said[-2:] == ["update failed: ValueError: no", ""]


class Sometimes:
    """Fails when it is told to, in a process where lines do not linger long and a frame is slow soon."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        from asyncplot.viewer import foot

        vars(foot).update(LINGER=0.2, SLOW=0.5)
        self.figure, self.axes = plt.subplots(figsize=(4, 3))
        self.line = self.axes.axvline(0.5)

    def update(self, what: str) -> None:
        """Fail, be slow, or draw."""
        import time

        self.line.set_xdata([0.1 if what == "draw" else 0.9] * 2)
        if what == "fail":
            raise ValueError("this frame is not to my taste")
        if what == "slow":
            time.sleep(0.6)


class Graph(Sometimes):
    """The same in a window of pyqtgraph."""

    def __init__(self) -> None:
        import pyqtgraph as pg

        from asyncplot.viewer import foot

        vars(foot).update(LINGER=0.2, SLOW=0.5)
        self.window = pg.PlotWidget()
        self.window.show()

    def update(self, what: str) -> None:
        """Fail, be slow, or draw."""
        import time

        if what == "fail":
            raise ValueError("this frame is not to my taste")
        if what == "slow":
            time.sleep(0.6)


def line_is_there() -> bool:
    """Whether a line stands at the foot of a window: wide, and with words in it."""
    return desktop.area(*COLOUR) > 2000


@pytest.mark.parametrize(
    ("plotter", "backend"),
    [(Sometimes, "qt"), (Sometimes, "tk"), (Graph, "qt")],
    ids=["qt", "tk", "pyqtgraph"],
)
def test_the_line_is_in_the_window_and_in_no_picture(
    display: str, tmp_path: Path, plotter: Callable[[], Any], backend: str
) -> None:
    """It appears with a failure or a slow frame and goes with a quick one that succeeds; saved pictures are without it."""
    save = tmp_path / "{frame}.png" if plotter is Sometimes else None
    with asyncplot.Server(plotter, backend=backend, save=save) as plot:
        for number, what in enumerate(["draw", "fail", "draw", "slow", "draw", "fail"], 1):
            plot.update(what)
            assert plot.flush(20)
            wait_until(
                lambda shown=what != "draw": line_is_there() == shown, 20, what=f"the line, {number}: {what}"
            )
        if save is not None:
            with asyncplot.attach(plot.name) as run:
                snapshot = run.snapshot()
            assert line_is_there()
            written = {each: (tmp_path / f"{each}.png").read_bytes() for each in (1, 2, 3, 4, 5, 6)}
            assert pictured(written[1]) == pictured(written[3]) == pictured(written[5])
            assert pictured(written[2]) == pictured(written[4]) == pictured(written[6]) == pictured(snapshot)


def pictured(png: bytes) -> bytes:
    """The pixels of a picture, of which none has the colour of the line."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    assert not (np.abs(pixels - COLOUR).max(axis=-1) <= 2).any()
    return pixels.tobytes()
