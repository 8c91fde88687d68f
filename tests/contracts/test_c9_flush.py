"""C9: `flush` returns whether the last frame is on the screen, and never raises."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

import asyncplot
from conditions import wait_until
from contract_plotters import Blocking, Echo, Moody, titled
from run_processes import is_stopped, viewer_pid

pytestmark = pytest.mark.contract


def test_true_when_the_last_frame_is_on_the_screen() -> None:
    """After True the last frame of each lane was drawn, and nothing waits."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        second = plot.lane("second")
        for round_number in range(20):
            for number in range(30):
                last, other = plot.update(number), second(-number)
            assert plot.flush(20), round_number
            assert (last.state, other.state) == ("drawn", "drawn")
            assert (last.value, other.value) == (29, -29)


def test_true_when_nothing_was_sent() -> None:
    """Without a frame there is nothing to wait for."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.flush(20)
        assert plot.ready(20)
        assert plot.flush(0)


def test_true_when_the_plotter_raised_on_the_last_frame() -> None:
    """A frame on which the plotter raised is final: `flush` does not wait for it for ever."""
    with asyncplot.Server(Moody, backend="offscreen") as plot:
        plot.update(3)
        assert plot.flush(20)


def test_a_window_shows_the_last_frame(display: str) -> None:
    """With a real window, True means drawn: the window is there when `flush` returns."""
    with asyncplot.Server(titled("flushed"), backend="qt") as plot:
        plot.update(5)
        assert plot.flush(30)
        assert plot.viewers[0].windows == 1


def test_false_at_the_time_out(tmp_path: Path) -> None:
    """If the viewer is busy or stopped, `flush` returns False at its time-out, not much later."""
    with asyncplot.Server(Blocking, backend="offscreen") as plot:
        plot.update(tmp_path, 1)
        wait_until((tmp_path / "entered").exists, 20)
        plot.update(tmp_path, 2)
        start = time.monotonic()
        assert not plot.flush(0.2)
        assert 0.2 <= time.monotonic() - start < 5.0
        assert not plot.flush(0)
        assert not plot.flush(-1)
        (tmp_path / "go").touch()
        assert plot.flush(None)
        os.kill(viewer_pid(plot.directory), signal.SIGSTOP)
        wait_until(lambda: is_stopped(viewer_pid(plot.directory)))
        plot.update(tmp_path, 3)
        assert not plot.flush(0.2)


def test_false_at_once_without_a_viewer() -> None:
    """If the viewer is gone, `flush` does not wait, even without a time-out."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        plot.update(1)
        assert plot.flush(20)
        os.kill(viewer_pid(plot.directory), signal.SIGKILL)
        wait_until(lambda: not plot.is_alive)
        plot.update(2)
        assert not plot.flush(None)
        assert not plot.flush(60)
    assert not plot.flush(None)


def test_a_viewer_that_dies_ends_the_wait() -> None:
    """If the viewer ends, a `flush` that waits returns."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        pid = viewer_pid(plot.directory)
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: is_stopped(pid))
        plot.update(1)
        answers: list[bool] = []
        waiter = threading.Thread(target=lambda: answers.append(plot.flush(None)))
        waiter.start()
        os.kill(pid, signal.SIGKILL)
        waiter.join(20)
        assert answers == [False]


def test_flush_from_many_threads() -> None:
    """Threads may flush while others call. Each flush returns, and no frame is lost."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        answers: list[bool] = []

        def work() -> None:
            for number in range(20):
                plot.update(number)
                answers.append(plot.flush(20))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [True] * 80
        stats = plot.stats
        assert stats.called == stats.drawn + stats.superseded == 80
