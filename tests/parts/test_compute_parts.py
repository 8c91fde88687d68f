"""Parts of the compute side, on plain files and with times of the test's own. No process, no thread."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lane_host import Host

from asyncplot.compute.lanes import Lanes
from asyncplot.compute.live_plotter import deadline_of
from asyncplot.compute.outbox import Outbox
from asyncplot.compute.pacing import (
    BUCKET,
    CACHE_BYTES,
    CALL_SECONDS,
    CALLS_PART,
    DEBT,
    SECONDS_PER_BYTE,
    SECONDS_PER_FRAME,
    SECONDS_PER_FURTHER_BYTE,
    Pacing,
)
from asyncplot.compute.schedule import (
    COVERED,
    LOOK_AGAIN,
    LOOK_FIRST,
    LOOK_RARELY,
    LOOK_SOONEST,
    PATIENCE,
    Schedule,
)
from asyncplot.compute.viewers import Viewers
from asyncplot.mailbox import Control
from asyncplot.rundir.format import END_FILE, LOG_FILE, viewer_folder


def test_a_lane_has_one_name_and_lasts_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    """The same method is the same lane; a lane that nobody holds is made anew."""
    control, host = Control.make(tmp_path), Host()
    lanes = Lanes(tmp_path, control)
    update, second = lanes.get("update", host), lanes.get("second", host)
    assert lanes.get("update", host) is update is not second
    assert (len(lanes), control.lanes) == (2, ["update", "second"])
    assert set(lanes.living()) == {update, second}
    update.update("one")
    assert lanes.newest() == [1, 0]
    second.close("the test is over")
    del second
    assert lanes.living() == [update]
    lanes.closed_because = "it is over"
    assert lanes.get("third", host).update(1).state == "lost"
    assert control.lanes == ["update", "second"]
    update.close("the test is over")
    control.close()


def test_the_error_of_a_frame_is_told_once(tmp_path: Path) -> None:
    """The last one of any lane; without one there is none."""
    control, host = Control.make(tmp_path), Host()
    lanes = Lanes(tmp_path, control)
    update, second = lanes.get("update", host), lanes.get("second", host)
    for lane in (update, second):
        lane.update("well")
    assert lanes.rejected() is None
    second.update(threading.Lock())
    second.deliver(1.0)
    error = lanes.rejected()
    assert error is not None
    assert "a _thread.lock, cannot be sent" in str(error)
    assert lanes.rejected() is None
    for lane in (update, second):
        lane.close("the test is over")
    control.close()


@pytest.mark.parametrize(
    ("timeout", "after"), [(2.0, 2.0), (0, 0.0), (-1.0, -1.0), (None, threading.TIMEOUT_MAX)]
)
def test_when_a_wait_ends(monkeypatch: pytest.MonkeyPatch, timeout: float | None, after: float) -> None:
    """After so many seconds; without a number, after the longest wait that a lock allows."""
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    assert deadline_of(timeout) == 100.0 + after


def test_an_outbox_is_empty_at_first() -> None:
    """No frame, no counts, no room that is missing, and nothing that was ever taken."""
    outbox = Outbox("update", None, Pacing(1.0, 0.0))
    assert (len(outbox.box), outbox.taken, outbox.failed, outbox.trailing, outbox.too_large) == (
        0,
        0,
        0,
        0,
        0,
    )
    assert (outbox.first, outbox.rejected, list(outbox.durations)) == (True, None, [])
    assert outbox.last_take == outbox.published == -float("inf")
    outbox.grow()
    outbox.take_at_once()
    assert outbox.taken == 0


@pytest.mark.parametrize(
    ("cycle", "first", "again"),
    [
        (0.0001, LOOK_SOONEST, LOOK_SOONEST),
        (0.006, 0.003, 0.0015),
        (0.012, 0.006, 0.003),
        (1.0, LOOK_FIRST, LOOK_AGAIN),
    ],
)
def test_looks_follow_a_reader_that_is_faster_than_a_screen(cycle: float, first: float, again: float) -> None:
    """After half of its cycle, and then each quarter; but not sooner than a look may come, nor later than usual."""
    schedule = Schedule()
    assert schedule.until_look_after(cycle) == pytest.approx(first)
    assert schedule.interval == pytest.approx(again)
    schedule.put_off(10.0)
    assert schedule.covered_until == pytest.approx(10.0 + (COVERED - 1) * again)
    assert schedule.quiet_at == pytest.approx(10.0 + COVERED * again + schedule.pause)


def test_a_reader_that_does_not_ask_is_looked_at_rarely() -> None:
    """It draws slowly, or is gone."""
    schedule = Schedule()
    assert schedule.until_look(0.9 * PATIENCE) == schedule.interval == LOOK_AGAIN
    assert schedule.until_look(1.1 * PATIENCE) == schedule.interval == LOOK_RARELY


def test_a_frame_is_charged_for_its_time_and_its_bytes() -> None:
    """Bytes that the caches hold cost more than further ones."""
    for nbytes, more in ((0, 0), (1000, 0), (CACHE_BYTES, 0), (CACHE_BYTES + 5000, 5000)):
        pacing = Pacing(0.1, 0.0)
        pacing.charge(0.25, nbytes)
        cost = 0.25 + SECONDS_PER_FRAME + (nbytes - more) * SECONDS_PER_BYTE + more * SECONDS_PER_FURTHER_BYTE
        assert pacing.spent == pytest.approx(cost, rel=1e-12)
        assert pacing.wait(1e-9, 0) == pytest.approx(cost / 0.1, rel=1e-6)


def test_the_bucket_has_a_bottom_and_a_brim() -> None:
    """It holds the earnings of a second at most; a debt of more than a minute's earnings is forgiven."""
    pacing = Pacing(0.01, 0.0)
    pacing.charge(1000.0, 0)
    assert pacing.wait(1e-9, 0) == pytest.approx(DEBT)
    assert pacing.wait(DEBT / 2, 0) == pytest.approx(DEBT / 2)
    assert pacing.wait(DEBT + 1e-6, 0) == 0.0
    assert pacing.wait(10 * DEBT, 0) == 0.0
    pacing.charge(2 * 0.01 * BUCKET - SECONDS_PER_FRAME, 0)
    assert pacing.wait(10 * DEBT, 0) == pytest.approx(BUCKET, rel=1e-6)


def test_calls_take_a_part_of_the_budget() -> None:
    """And at most that part, however many there are."""
    for calls in (1000, 10**9):
        pacing = Pacing(0.01, 0.0)
        pacing.charge(0.1 - SECONDS_PER_FRAME, 0)
        wait = pacing.wait(1.0, calls)
        used = min(calls * CALL_SECONDS, CALLS_PART * 0.01)
        assert wait == pytest.approx((0.1 - 0.01 + used) / (0.01 - used), rel=1e-6)


def test_who_waits_for_the_end_of_a_viewer_waits_no_longer(tmp_path: Path) -> None:
    """Until its supervisor has noted the end, or for the time that was given."""
    folder = tmp_path / viewer_folder(1)
    folder.mkdir()
    (folder / LOG_FILE).touch()
    supervisor: Any = SimpleNamespace(alive=True, far=False, problem="")
    viewers = Viewers(tmp_path, supervisor)
    (viewer,) = viewers.alive()
    assert viewers.primary() is viewers.main() is viewer
    assert not viewers.wait_until_gone(viewer, 0.01)
    assert not viewers.wait_for(lambda _: False, time.monotonic() + 0.01)
    assert viewers.wait_for(lambda each: each is viewer, 0.0)
    (folder / END_FILE).write_text("{}")
    assert viewers.wait_until_gone(viewer, 20.0)
    assert viewers.alive() == []
    assert viewers.main() is viewer
    assert not viewers.wait_for(lambda _: True, time.monotonic() + 20.0)
    viewers.close("the test is over", 0)
    assert viewers.why_gone() == "the test is over"
