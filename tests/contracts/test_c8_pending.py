"""C8: `update` returns a pending result, which reads like rpyc's AsyncResult."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import weakref
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import asyncplot
from asyncplot.rundir import BoardReader, BoardWriter, LaneCounters, Outcome
from asyncplot.rundir.board import OUTCOMES
from conditions import wait_until
from contract_plotters import Blocking, Echo, Moody
from run_processes import is_stopped, viewer_pid

pytestmark = pytest.mark.contract

#: A budget so small that only the first frame, `flush` and `close` take a frame.
NOTHING = 1e-9


def test_waiting() -> None:
    """A frame that is not taken yet waits. A `wait` for it raises at its time-out, and tells the state."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=NOTHING) as plot:
        assert plot.ready(20)
        plot.update(1)
        pending = plot.update(2)
        assert (pending.state, pending.ready, pending.superseded, pending.error) == (
            "waiting", False, False, False,
        )  # fmt: skip
        with pytest.raises(TimeoutError, match="waiting"):
            pending.wait(0.05)
        assert "waiting" in repr(pending)
        assert plot.flush(20)  # the budget does not matter here
        assert pending.state == "drawn"


def test_taken() -> None:
    """A frame in the mailbox of a viewer that does not read is taken. It is drawn when the viewer reads."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        pid = viewer_pid(plot.directory)
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: is_stopped(pid))
        pending = plot.update("for later")
        assert (pending.state, pending.ready, pending.superseded, pending.error) == (
            "taken", False, False, False,
        )  # fmt: skip
        with pytest.raises(asyncplot.WaitTimeout, match="taken"):
            pending.wait(0.05)
        os.kill(pid, signal.SIGCONT)
        pending.wait(20)
        assert pending.state == "drawn"
        assert pending.value == "for later"


@pytest.mark.parametrize(
    ("returned", "value"),
    [
        (None, None),
        (1.5, 1.5),
        ("text", "text"),
        ([1, {"a": None}], [1, {"a": None}]),
        (True, True),
        (np.float64(2.5), 2.5),
        (np.int32(3), 3),
        ({1, 2}, "{1, 2}"),
        (1j, "1j"),
        (float("inf"), float("inf")),
        ("ä" * 10, "ä" * 10),
    ],
    ids=repr,
)
def test_drawn(returned: object, value: object) -> None:
    """The value of a drawn frame is what the plotter returned: plain data, else its repr."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        pending = plot.update(returned)
        assert pending.value == value
        assert type(pending.value) is type(value)
        assert (pending.state, pending.ready, pending.superseded, pending.error) == (
            "drawn", True, False, False,
        )  # fmt: skip
        pending.wait(0)


def test_a_long_value_is_cut() -> None:
    """A value up to a certain length is returned; of a longer one, a part of its repr."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        value = plot.update("x" * 100_000).value
        assert isinstance(value, str)
        assert value.endswith("...")
        assert 100 < len(value) < 5000


def test_failed_in_the_plotter() -> None:
    """If the plotter raises on a frame, its value raises that error, with the viewer's traceback."""
    with asyncplot.Server(Moody, backend="offscreen") as plot:
        pending = plot.update(3)
        pending.wait(20)  # this does not raise
        assert (pending.state, pending.ready, pending.superseded, pending.error) == (
            "failed", True, False, True,
        )  # fmt: skip
        with pytest.raises(asyncplot.PlotterError, match="no, not 3") as raised:
            _ = pending.value
        assert "contract_plotters.py" in raised.value.remote_traceback
        assert "ValueError" in str(raised.value)
        assert plot.update(4).value == 4  # the next frame is tried


def test_failed_in_sending() -> None:
    """If a frame that is not the first cannot be sent, its value raises the FrameError."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=1.0) as plot:
        plot.update(1)
        assert plot.flush(20)
        pending = plot.update(2, threading.Lock())
        plot.flush(20)
        assert (pending.state, pending.error) == ("failed", True)
        with pytest.raises(asyncplot.FrameError, match="argument 1"):
            _ = pending.value


def test_superseded_before_it_was_taken() -> None:
    """A waiting frame that a newer call replaced is superseded at once, and stays so."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=NOTHING) as plot:
        assert plot.ready(20)
        plot.update(1)
        first, second = plot.update(2), plot.update(3)
        assert (first.state, first.ready, first.superseded, first.error) == (
            "superseded", True, True, True,
        )  # fmt: skip
        assert second.state == "waiting"
        first.wait(0)
        with pytest.raises(asyncplot.Superseded):
            _ = first.value


def test_superseded_after_it_was_taken(tmp_path: Path) -> None:
    """A taken frame is superseded if the viewer draws a newer one instead."""
    with asyncplot.Server(Blocking, backend="offscreen", max_overhead=1.0) as plot:
        plot.update(tmp_path, 0)
        wait_until((tmp_path / "entered").exists, 20)
        passed_over = [plot.update(tmp_path, number) for number in (1, 2)]
        plot.flush(0)
        last = plot.update(tmp_path, 3)
        plot.flush(0)
        (tmp_path / "go").touch()
        last.wait(20)
        assert last.value == 3
        assert [pending.state for pending in passed_over] == ["superseded", "superseded"]


def test_lost_with_its_viewer() -> None:
    """When no viewer lives, frames are lost, and a wait for one raises ViewerGone at once."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        pid = viewer_pid(plot.directory)
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: is_stopped(pid))
        taken = plot.update(1)
        for _ in range(2):
            waiting = plot.update(2)
        told: list[BaseException] = []

        def wait() -> None:
            try:
                taken.wait(60)
            except asyncplot.ViewerGone as error:
                told.append(error)

        waiter = threading.Thread(target=wait)
        waiter.start()
        os.kill(pid, signal.SIGKILL)
        waiter.join(20)
        assert told, "the wait was not ended by the viewer's end"
        for call in (lambda: taken, lambda: waiting, lambda: plot.update(3)):
            pending = call()
            start = time.monotonic()
            with pytest.raises(asyncplot.ViewerGone, match="SIGKILL"):
                pending.wait(60)
            with pytest.raises(asyncplot.ViewerGone):
                _ = pending.value
            assert time.monotonic() - start < 20
            assert (pending.state, pending.ready, pending.superseded, pending.error) == (
                "lost", True, False, True,
            )  # fmt: skip


def test_final_states_stay_known_after_close() -> None:
    """After `close` drawn frames keep their values. Frames of later calls are lost."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        drawn = plot.update(5)
        assert plot.flush(20)
    assert drawn.value == 5
    late = plot.update(6)
    assert late.state == "lost"
    with pytest.raises(asyncplot.ViewerGone, match="closed"):
        late.wait(60)


def test_a_polled_result_never_reads_superseded_and_then_drawn() -> None:
    """However often it is read, a drawn frame goes from taken to drawn, never by another final state."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=1.0) as plot:
        assert plot.ready(20)
        for number in range(150):
            pending = plot.update(number)
            plot.flush(0)  # this takes the frame, and does not wait until it is drawn
            assert pending.state != "waiting", number
            while not pending.ready:
                pass
            assert pending.state == "drawn", number
            assert pending.value == number


def test_it_holds_no_arguments() -> None:
    """When a frame is final its array is freed, although its pending result is kept."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=NOTHING) as plot:
        assert plot.ready(20)
        arrays = [np.zeros(1000) for _ in range(4)]
        weak = [weakref.ref(array) for array in arrays]
        pending = [plot.update("", array) for array in arrays]
        del arrays
        gc.collect()
        # The first frame was taken, and so copied. The last one waits.
        assert [reference() is None for reference in weak] == [True, True, True, False]
        assert plot.flush(20)
        gc.collect()
        assert weak[-1]() is None
        assert [each.ready for each in pending] == [True] * 4


def test_an_old_outcome_is_lost_and_not_invented(tmp_path: Path) -> None:
    """The viewer keeps the outcomes of 4,096 frames and 64 values. Older ones are reported as lost."""
    with closing(BoardWriter(tmp_path)) as writer, closing(BoardReader(tmp_path)) as reader:
        for number in range(1, 5001):
            writer.settle(0, number, Outcome("failed" if number % 2 else "drawn", str(number)))
        writer.count(0, LaneCounters(final=5000, drawn=2500, failed=2500))
        assert reader.counters(0).final == 5000
        assert reader.outcome(0, 5000) == Outcome("drawn", "5000")
        assert reader.outcome(0, 4999) == Outcome("failed", "4999")
        assert reader.outcome(0, 4000) == Outcome("drawn", None, forgotten=True)
        assert reader.outcome(0, 5000 - OUTCOMES + 1) is not None
        assert reader.outcome(0, 5000 - OUTCOMES) is None
        assert reader.outcome(0, 5001) is None
        assert reader.outcome(1, 1) is None
        reader.close(lanes=1)
        assert reader.outcome(0, 5000) == Outcome("drawn", "5000")


def test_a_value_that_is_no_longer_kept_is_an_error() -> None:
    """The values of the last 64 frames are kept. An older value raises an error, and is not None."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=1.0) as plot:
        assert plot.ready(20)
        old = plot.update("old")
        assert plot.flush(20)
        nothing = plot.update(None)
        for number in range(70):
            assert plot.flush(20)
            recent = plot.update(number)
        assert recent.value == 69
        assert nothing.value is None
        assert old.state == "drawn"
        with pytest.raises(asyncplot.AsyncplotError, match="no longer"):
            _ = old.value
