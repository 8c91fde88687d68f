"""A viewer whose GUI thread is busy: who asks for the live plotter is told with what, and since when."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

import asyncplot
from asyncplot import WaitTimeout
from asyncplot.join import attaching as attached
from asyncplot.rundir import BoardReader, BoardWriter
from conditions import wait_until


class Slow:
    """Is busy in the part that was asked for until a file says that it may go on."""

    def __init__(self, part: str, entered: str, go: str) -> None:
        from matplotlib import pyplot as plt

        self.part, self.entered, self.go = "", Path(entered), Path(go)
        if part == "constructor":
            self.wait()
        self.figure, self.axes = plt.subplots()
        self.picture = SlowPicture(self)
        self.axes.add_artist(self.picture)

    def wait(self) -> None:
        """Say that this part was entered, and wait."""
        self.entered.touch()
        while not self.go.exists():
            time.sleep(0.005)

    def update(self, what: str = "") -> str:
        """Busy if ``what`` says so."""
        if what == "update":
            self.wait()
        self.part = what
        self.axes.set_title(what)
        return what

    def ask(self) -> str:
        """Busy."""
        self.wait()
        return "asked"


class SlowPicture:
    """Draws nothing, slowly. Made to an artist late, as the test imports no matplotlib."""

    def __new__(cls, slow: Slow) -> Any:
        from matplotlib.artist import Artist

        class Drawn(Artist):
            def draw(self, renderer: Any) -> None:
                if slow.part == "drawing":
                    slow.wait()

        return Drawn()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("update", r"busy with update for [\d.]+ s \(frame 1\)"),
        ("drawing", r"busy with drawing for [\d.]+ s \(frame 1\)"),
        ("constructor", r"busy with the plotter's constructor for [\d.]+ s;"),
        ("request", r"busy with a request for [\d.]+ s"),
    ],
)
def test_what_it_is_busy_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, said: str) -> None:
    """`plotter` waits as long as it was told to, and then says what keeps the viewer; `attach` says the same."""
    entered, go = tmp_path / "entered", tmp_path / "go"
    monkeypatch.setattr(attached, "REQUEST", 0.2)
    with asyncplot.Server(
        lambda: Slow(part, str(entered), str(go)),
        backend="offscreen",
        request_timeout=1.5,
        strict=True,
        name="slow",
    ) as plot:
        assert part == "constructor" or plot.ready(20)
        if part == "request":
            threading.Thread(target=ask, args=(plot.plotter,)).start()
        else:
            plot.update(part)
        wait_until(entered.exists, 20)
        with pytest.raises(WaitTimeout, match=rf"did not answer within 1.5 s; it has been {said}"):
            _ = plot.plotter.part
        if part != "constructor":
            with asyncplot.attach("slow") as run, pytest.raises(WaitTimeout, match=said):
                _ = run.plotter
        go.touch()
        assert plot.update("done").value == "done"
        assert plot.plotter.part == "done"


def ask(proxy: Any) -> None:
    """Ask for what takes long."""
    try:
        proxy.ask()
    except WaitTimeout:
        pass


def test_a_request_may_take_as_long_as_the_viewer_lives(tmp_path: Path) -> None:
    """With request_timeout=None a request waits for a plotter that takes its time, and for nothing once it is gone."""
    entered, go = tmp_path / "entered", tmp_path / "go"
    make = lambda: Slow("", str(entered), str(go))  # noqa: E731
    with asyncplot.Server(make, backend="offscreen", request_timeout=None) as plot:
        said: list[str] = []
        asking = threading.Thread(target=lambda: said.append(str(plot.plotter.ask())))
        asking.start()
        wait_until(entered.exists, 20)
        assert not said
        go.touch()
        asking.join(20)
        assert said == ["asked"]


@pytest.mark.parametrize("value", [0, -1.0, float("nan")])
def test_a_time_that_cannot_be_waited(value: float) -> None:
    """A time that is none is refused at once."""
    with pytest.raises(asyncplot.ConfigurationError, match="request_timeout"):
        asyncplot.Server(Slow, request_timeout=value)


def test_the_board_says_what_is_going_on(tmp_path: Path) -> None:
    """What begins is on the board at once, by its name and frame, and gone when it ends; before the first lane, too."""
    writer = BoardWriter(tmp_path)
    reader = BoardReader(tmp_path)
    try:
        assert reader.activity() is None
        before = time.monotonic_ns()
        writer.begin("update_with_a_name_of_more_than_forty-eight_characters", 12)
        activity = reader.activity()
        assert activity is not None
        assert activity[::2] == ("update_with_a_name_of_more_than_forty-eight_char", 12)
        assert before <= activity.since_ns <= time.monotonic_ns()
        writer.add_lane(0)
        assert reader.activity() == activity
        writer.rest()
        assert reader.activity() is None
    finally:
        reader.close()
        writer.close()
