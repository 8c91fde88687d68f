"""V4: the viewer never steals the focus, neither when a frame arrives nor when a figure appears."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import asyncplot
import desktop
from conditions import wait_until
from viewer_plotters import Interactive, Misbehaving, Opener

pytestmark = pytest.mark.contract

each_toolkit = pytest.mark.parametrize("backend", ["qt", "tk"])


@pytest.fixture
def work(display: str) -> Iterator[str]:
    """The title of a window that has the focus, in which somebody works."""
    with desktop.other_program() as title:
        yield title


def assert_has_the_focus(title: str) -> None:
    """The X server and the window manager agree about it."""
    assert desktop.focus() == title
    assert desktop.active() == desktop.window(title).id


@each_toolkit
def test_a_figure_that_appears_does_not_take_the_focus(work: str, backend: str) -> None:
    """The plotter's first window is shown, and the user goes on typing where they typed."""
    with asyncplot.Server(Opener, backend=backend) as plot:
        assert plot.ready(20)
        desktop.window("panel")
        assert_has_the_focus(work)
        plot.update("#102030")
        assert plot.flush(10)
        assert_has_the_focus(work)


@each_toolkit
def test_frames_do_not_take_the_focus(work: str, backend: str) -> None:
    """Neither frames nor requests from outside change the focus."""
    with asyncplot.Server(Opener, backend=backend) as plot:
        assert plot.ready(20)
        desktop.window("panel")
        for number in range(20):
            plot.update(f"#1020{number:02x}")
            assert plot.flush(10)
            assert desktop.focus() == work
        plot.plotter.ax.set_title("changed")
        assert plot.flush(10)
        assert_has_the_focus(work)


@each_toolkit
def test_a_later_figure_does_not_take_the_focus(work: str, backend: str) -> None:
    """A second figure, made by a frame while the first is up, leaves the focus where it is."""
    with asyncplot.Server(Opener, backend=backend) as plot:
        plot.update("#102030")
        assert plot.flush(20)
        plot.update("#102030", "another")
        assert plot.flush(10)
        desktop.window("another")
        assert_has_the_focus(work)


@each_toolkit
@pytest.mark.parametrize("what", ["shows", "pauses"])
def test_show_and_pause_do_not_take_the_focus(work: str, backend: str, what: str) -> None:
    """A plotter that calls `pyplot.show` or `pyplot.pause` does not take it either."""
    with asyncplot.Server(Misbehaving, backend=backend) as plot:
        for _ in range(3):
            plot.update(what)
            assert plot.flush(20)
        desktop.window("misbehaving")
        assert_has_the_focus(work)


@each_toolkit
def test_a_plotter_in_interactive_mode_does_not_take_the_focus(work: str, backend: str) -> None:
    """Nor does one that was a script for the terminal, with `pyplot.ion` and `Figure.show`."""
    with asyncplot.Server(Interactive, backend=backend) as plot:
        for number in range(3):
            plot.update(f"#1020{number:02x}")
            assert plot.flush(20)
        desktop.window("panel")
        assert_has_the_focus(work)


@each_toolkit
def test_a_figure_that_a_request_opens_does_not_take_the_focus(work: str, backend: str) -> None:
    """A window that is opened from outside, by a request, appears and leaves the focus where it is."""
    with asyncplot.Server(Opener, backend=backend) as plot:
        plot.plotter.update("#102030", "another")
        desktop.window("another")
        assert_has_the_focus(work)


@each_toolkit
def test_the_user_may_give_the_focus(work: str, backend: str) -> None:
    """A window of the viewer takes the focus when its user gives it, and keeps it while frames come."""
    with asyncplot.Server(Opener, backend=backend) as plot:
        assert plot.ready(20)
        desktop.click("panel")
        wait_until(lambda: desktop.active() == desktop.window("panel").id, what="the focus after a click")
        for number in range(5):
            plot.update(f"#1020{number:02x}")
            assert plot.flush(10)
        assert desktop.active() == desktop.window("panel").id
