"""The page and a real viewer through all that may happen to them: a reload, a cut line, a viewer that is stopped, the end of the run."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.web.listening import SOCKET
from conditions import wait_until
from driven_page import DrivenPage, unpacked


class Wave:
    """A line, and what happened to its figure."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, self.axes = pyplot.subplots(num="wave")
        (self.line,) = self.axes.plot(np.zeros(100))
        self.axes.set_ylim(-1.2, 1.2)
        self.steps: list[float] = []
        self.figure.canvas.mpl_connect("scroll_event", lambda event: self.steps.append(event.step))

    def update(self, y: Any) -> None:
        self.line.set_ydata(y)

    def limits(self) -> list[float]:
        return [float(value) for value in (*self.axes.get_xlim(), *self.axes.get_ylim())]

    def size(self) -> list[int]:
        return list(self.figure.canvas.get_width_height(physical=True))


def wave(phase: float) -> Any:
    return np.sin(np.linspace(phase, 10.0 + phase, 100))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A run with a page and its first frame. Gives its server."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", "0")
    with asyncplot.Server(Wave, backend="web", name="waves", required=True) as plot:
        plot.update(wave(0.0))
        assert plot.flush(20)
        yield plot


def await_newest(run: Any, page: DrivenPage) -> None:
    """Wait until the page shows the newest picture, to the pixel."""
    with asyncplot.attach(run.name) as attached:
        newest = unpacked(attached.snapshot())
    wait_until(lambda: np.array_equal(page.pixels(), newest), what="the newest picture")


class Line:
    """A line from a port to the viewer's Unix socket, as ``ssh -L`` makes it. It can be cut, and mended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._is_cut = False
        self._threads[0].start()

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        self._is_cut = True
        for end in self._ends:
            with contextlib.suppress(OSError):  # it has ended already
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in (self._listener, *self._ends):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self._path))
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                self._threads.append(threading.Thread(target=self._pass, args=(one, other)))
                self._threads[-1].start()

    @staticmethod
    def _pass(one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


@pytest.fixture
def line(run: Any) -> Iterator[Line]:
    """A line to the run's viewer."""
    (path,) = run.directory.glob(f"viewer-*/{SOCKET}")
    made = Line(path)
    yield made
    made.close()


def test_a_page_that_is_loaded_again(run: Any, browser: Any) -> None:
    """It shows the newest picture, and still drives, though another page looks."""
    with DrivenPage.open(browser) as first, DrivenPage.open(browser) as second:
        first.go(run.url)
        first.await_text("#who", "You control")
        second.go(run.url)
        second.await_text("#who", "Looking on")
        run.update(wave(1.0))
        assert run.flush(20)
        first.front()
        first.reload()
        first.await_text("#who", "You control")
        await_newest(run, first)
        second.await_text("#who", "Looking on")


def test_a_line_that_is_cut(run: Any, line: Line, desktop: DrivenPage) -> None:
    """The page keeps its picture, says that the connection is lost, comes back by itself, and has the newest picture then."""
    desktop.go(f"http://127.0.0.1:{line.port}/#{run.url.partition('#')[2]}")
    await_newest(run, desktop)
    before = desktop.pixels()
    line.cut()
    desktop.await_text("#notice", "The connection is lost")
    run.update(wave(2.0))
    assert run.flush(20)
    assert np.array_equal(desktop.pixels(), before)
    line.mend()
    desktop.await_text("#link", "connected", 30)
    await_newest(run, desktop)
    desktop.await_text("#who", "You control")


def test_a_viewer_that_is_stopped(run: Any, desktop: DrivenPage) -> None:
    """The page says that it gets no answer, and goes on when the viewer does."""
    desktop.go(run.url)
    await_newest(run, desktop)
    pid = run.viewers[0].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        desktop.await_text("#link", "no answer now", 20)
    finally:
        os.kill(pid, signal.SIGCONT)
    desktop.await_text("#link", "connected", 20)
    run.update(wave(3.0))
    assert run.flush(20)
    await_newest(run, desktop)


def test_a_run_that_ends(run: Any, desktop: DrivenPage) -> None:
    """The page says so, keeps the last picture, and tells it by its icon."""
    desktop.go(run.url)
    await_newest(run, desktop)
    before = desktop.pixels()
    assert desktop.run("return document.getElementById('favicon').dataset.tells") == "running"
    run.close()
    desktop.await_text("#notice", "The run has ended")
    wait_until(lambda: desktop.run("return document.getElementById('favicon').dataset.tells") == "ended")
    assert np.array_equal(desktop.pixels(), before)


@pytest.mark.parametrize(("format_", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF-1")])
def test_downloads(run: Any, desktop: DrivenPage, tmp_path: Path, format_: str, begins: bytes) -> None:
    """Each entry of the menu brings a file of its kind, named after the run and the figure."""
    desktop.go(run.url)
    await_newest(run, desktop)
    desktop.saves_to(tmp_path)
    desktop.click(".download summary")
    desktop.click(f"[data-format={format_}]")
    path = tmp_path / f"waves - wave.{format_}"
    # The browser makes an empty file first.
    wait_until(lambda: path.exists() and path.read_bytes(), what=str(path))
    assert path.read_bytes().startswith(begins)


def test_the_size_grip_and_the_wheel(run: Any, desktop: DrivenPage) -> None:
    """The mouse drags a figure larger. The wheel goes to the plotter; with a tool it zooms."""
    desktop.go(run.url)
    desktop.await_text("#who", "You control")
    await_newest(run, desktop)
    grip = desktop.part(".grip").rect
    x, y = grip["x"] + 5, grip["y"] + 5 - desktop.run("return scrollY")
    desktop.mouse("mousePressed", x, y, "left")
    for step in range(1, 5):
        desktop.mouse("mouseMoved", x + 25 * step, y + 10 * step, "left")
    desktop.mouse("mouseReleased", x + 100, y + 40, "left")
    wait_until(lambda: run.plotter.size() == [740, 520], what="the size")
    await_newest(run, desktop)
    x, y = desktop.place((0.5, 0.5))
    desktop.drag((0.5, 0.5), (0.5, 0.5))  # the wheel scrolls the page until the figure was clicked
    desktop.mouse("mouseWheel", x, y, deltaX=0, deltaY=-120)
    wait_until(lambda: list(run.plotter.steps), what="the wheel")
    before = run.plotter.limits()
    desktop.click("[data-tool=pan]")
    wait_until(lambda: desktop.part("[data-tool=pan]").get_attribute("aria-pressed") == "true")
    desktop.drag((0.5, 0.5), (0.5, 0.5))
    desktop.mouse("mouseWheel", x, y, deltaX=0, deltaY=-120)
    wait_until(lambda: np.ptp(run.plotter.limits()[:2]) < np.ptp(before[:2]), what="the zoom")


def test_a_screen_with_small_pixels(run: Any, browser: Any) -> None:
    """The figure is drawn with as many pixels as the screen of the page that drives has, so it is sharp there."""
    with DrivenPage.open(browser, phone=True) as phone:  # 2 device pixels in a pixel
        phone.go(run.url)
        phone.await_text("#who", "You control")
        wait_until(lambda: run.plotter.size() == [1280, 960], what="the pixels")
        await_newest(run, phone)
        with DrivenPage.open(browser) as desktop:
            desktop.go(run.url)
            desktop.click("#control")
            wait_until(lambda: run.plotter.size() == [640, 480], what="the pixels of the other screen")
            await_newest(run, desktop)


def test_a_page_out_of_sight_gets_no_picture(run: Any, browser: Any) -> None:
    """While its tab is covered, nothing is sent but the status; in front again, it has the newest picture."""
    with DrivenPage.open(browser) as page:
        page.go(run.url)
        await_newest(run, page)
        page.run(
            "window.pictures = 0; const real = createImageBitmap; window.createImageBitmap = (...given) => (pictures += 1, real(...given))"
        )
        with DrivenPage.open(browser) as other:
            other.front()
            for number in range(5):
                run.update(wave(float(number)))
                assert run.flush(20)
        assert page.run("return pictures") <= 1  # the one after it came to the front again
        await_newest(run, page)
