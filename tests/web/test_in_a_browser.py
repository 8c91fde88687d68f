"""The page of a real viewer in a real browser: every control, at the size of a desk and of a phone, in light and dark."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import asyncplot
from conditions import wait_until
from driven_page import DrivenPage


class Wave:
    """A line, and what happened to its figure."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, self.axes = pyplot.subplots(num="wave")
        (self.line,) = self.axes.plot([0, 1], [0, 1])
        self.presses: list[tuple[float, float]] = []
        self.keys: list[str] = []
        self.figure.canvas.mpl_connect("button_press_event", self._pressed)
        self.figure.canvas.mpl_connect("key_press_event", lambda event: self.keys.append(event.key))

    def _pressed(self, event: Any) -> None:
        self.presses.append((event.xdata, event.ydata))

    def update(self, y: np.ndarray) -> None:
        if y.size != 2:
            raise ValueError("two points, please")
        self.line.set_ydata(y)

    def limits(self) -> list[float]:
        return [float(value) for value in (*self.axes.get_xlim(), *self.axes.get_ylim())]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A run with a page. Gives its server."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", "0")
    with asyncplot.Server(Wave, backend="web", name="waves", required=True) as plot:
        yield plot


def url(plot: Any) -> str:
    """The address of the page, from the viewer's record."""
    record = wait_until(
        lambda: next(plot.directory.glob("viewer-*/state.json"), None), 20, what="the viewer's record"
    )
    return str(wait_until(lambda: json.loads(record.read_text()).get("url"), 20, what="the page's address"))


def test_a_page_of_a_real_run(run: Any, page: DrivenPage, axe: str) -> None:
    """The picture comes, each tool does what it says, and axe-core finds no serious fault, in light and in dark."""
    run.update(np.array([0.0, 1.0]))
    page.go(url(run))
    page.await_text("#state", "running")
    page.await_text("#link", "connected")
    assert page.text("h1") == "waves"
    wait_until(
        lambda: page.run("return document.querySelector('canvas')?.width ?? 0") > 300, what="a picture"
    )
    for dark in (False, True):
        page.dark(dark=dark)
        found = page.run(f"{axe}; return axe.run().then(said => said.violations)")
        assert not [
            (each["id"], each["nodes"][0]["html"])
            for each in found
            if each["impact"] in {"serious", "critical"}
        ]
    before = run.plotter.limits()
    page.click("[data-tool=zoom]")
    wait_until(lambda: page.part("[data-tool=zoom]").get_attribute("aria-pressed") == "true")
    page.drag((0.3, 0.3), (0.6, 0.6))
    wait_until(lambda: run.plotter.limits() != before, what="the zoom")
    page.click("[data-tool=back]")
    wait_until(lambda: run.plotter.limits() == before, what="the view before")
    page.click("[data-tool=forward]")
    wait_until(lambda: run.plotter.limits() != before, what="the next view")
    page.click("[data-tool=home]")
    wait_until(lambda: run.plotter.limits() == before, what="the first view")
    page.click("button.full")
    assert page.part("button.full").get_attribute("aria-pressed") == "true"
    page.click("button.full")
    page.click("#dark")
    assert page.run("return document.documentElement.dataset.theme") == "light"
    page.click("#dark")
    assert not page.faults()
    assert page.hosts() == {"127.0.0.1"}


def test_two_pages(run: Any, browser: Any) -> None:
    """The second page looks on, and takes control with one click; both show the same pixels."""
    run.update(np.array([0.0, 1.0]))
    with DrivenPage.open(browser) as first, DrivenPage.open(browser) as second:
        first.go(url(run))
        first.await_text("#who", "You control")
        second.go(url(run))
        second.await_text("#who", "Looking on")
        second.click("#control")
        second.await_text("#who", "You control, 1 other looks on")
        first.await_text("#who", "Looking on")


def test_fingers(run: Any, browser: Any) -> None:
    """Two fingers that move apart zoom; two that move along pan; the tool is as before then."""
    run.update(np.array([0.0, 1.0]))
    with DrivenPage.open(browser, phone=True) as phone:
        phone.go(url(run))
        wait_until(lambda: phone.run("return document.querySelector('canvas')?.width ?? 0") > 300)
        phone.await_text("#who", "You control")
        phone.touch("touchStart", (0.5, 0.5))
        phone.touch("touchEnd")
        wait_until(lambda: len(run.plotter.presses) == 1, what="a tap")
        before = run.plotter.limits()
        phone.touch("touchStart", (0.4, 0.5), (0.6, 0.5))
        for step in range(1, 6):
            phone.touch("touchMove", (0.4 - 0.04 * step, 0.5), (0.6 + 0.04 * step, 0.5))
        phone.touch("touchEnd")
        wait_until(lambda: np.ptp(run.plotter.limits()[:2]) < 0.8 * np.ptp(before[:2]), what="the zoom")
        zoomed = run.plotter.limits()
        phone.touch("touchStart", (0.3, 0.5), (0.5, 0.5))
        for step in range(1, 6):
            phone.touch("touchMove", (0.3 + 0.05 * step, 0.5), (0.5 + 0.05 * step, 0.5))
        phone.touch("touchEnd")
        wait_until(lambda: run.plotter.limits()[0] < zoomed[0], what="the pan")
        wait_until(lambda: phone.part("[data-tool=pan]").get_attribute("aria-pressed") == "false")


def test_the_keyboard_alone(run: Any, desktop: DrivenPage) -> None:
    """Tab reaches every control in the order in which they stand; keys reach the figure, and Escape leaves it."""
    run.update(np.array([0.0, 1.0]))
    desktop.go(url(run))
    desktop.await_text("#who", "You control")
    wait_until(lambda: desktop.run("return document.querySelector('canvas')?.width ?? 0") > 300)
    reached = []
    while "Size" not in reached and len(reached) < 20:
        desktop.keys("\ue004")
        reached.append(desktop.focused())
        if reached[-1].startswith("wave"):
            desktop.keys("l")
            wait_until(lambda: "l" in list(run.plotter.keys), what="the key")
    assert [word.split(":")[0] for word in reached] == [
        "Pause", "Dark colours", "End", "Home", "Pan", "Zoom", "Download", "Full view", "wave", "Size",
    ]  # fmt: skip
    size = desktop.run("return document.querySelector('canvas')?.width ?? 0")
    desktop.keys("\ue014")
    wait_until(
        lambda: desktop.run("return document.querySelector('canvas')?.width ?? 0") == size + 20,
        what="the size",
    )


def test_a_killed_viewer(run: Any, desktop: DrivenPage) -> None:
    """A viewer that is killed leaves its last picture on the page, which says that the connection is lost."""
    run.update(np.array([0.0, 1.0]))
    desktop.go(url(run))
    wait_until(lambda: desktop.run("return document.querySelector('canvas')?.width ?? 0") > 300)
    os.kill(run.viewers[0].pid, signal.SIGKILL)
    desktop.await_text("#notice", "lost")
    assert desktop.run("return document.querySelector('canvas')?.width ?? 0") > 300


def test_end(run: Any, desktop: DrivenPage) -> None:
    """End asks first, and closes the viewer like a window; the page says so and does not come back."""
    run.update(np.array([0.0, 1.0]))
    desktop.go(url(run))
    desktop.await_text("#who", "You control")
    desktop.click("#close")
    desktop.click("#ending button.strong")
    desktop.await_text("#link", "closed")
    desktop.await_text("#notice", "The viewer has ended")


def test_errors_of_the_plotter(run: Any, desktop: DrivenPage) -> None:
    """A plotter that raises is told of on the page, with its traceback folded."""
    desktop.go(url(run))
    desktop.await_text("#state", "running")
    run.update(np.zeros(3))
    desktop.await_text("#trouble", "two points, please")
