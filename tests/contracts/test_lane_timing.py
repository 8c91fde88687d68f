"""When a lane's frame is taken, tested on the pure parts: milliseconds, no process, no real clock."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from asyncplot.compute.lane import Lane
from asyncplot.compute.pacing import Pacing
from asyncplot.compute.rhythm import LONGEST, SHORTEST, UNKNOWN, Rhythm
from asyncplot.mailbox import Control, MailboxReader, MailboxWriter

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("interval", [0.001, 0.01, 0.05, 0.1, 0.4, 2.0, 4.0])
def test_calls_have_stopped_after_twice_their_usual_interval(interval: float) -> None:
    """For regular calls the pause is twice their interval, at least 20 ms and at most 5 s."""
    rhythm = Rhythm()
    for number in range(1, 50):
        rhythm.heard(100.0 + number * interval, number)
    assert rhythm.pause == pytest.approx(min(max(2 * interval, SHORTEST), LONGEST))


def test_before_two_calls_nothing_is_known() -> None:
    """One call gives no interval. A pause longer than any interval that counts gives none, either."""
    rhythm = Rhythm()
    assert rhythm.pause == UNKNOWN
    rhythm.heard(100.0, 1)
    assert rhythm.pause == UNKNOWN
    rhythm.heard(160.0, 2)
    assert rhythm.pause == UNKNOWN


@pytest.mark.parametrize("at_once", [1, 2])
def test_two_calls_in_a_row_do_not_hide_a_long_step(at_once: int) -> None:
    """A loop calls twice in a row and then computes for 0.4 s. During that step, the calls have not stopped."""
    rhythm, now, called = Rhythm(), 100.0, 0
    for step in range(20):
        for _ in range(at_once):
            called += 1
            rhythm.heard(now, called)
            now += 0.0001
            assert step < 2 or rhythm.pause >= 0.4
        now += 0.4


@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("calls", [4, 20, 1000])
def test_a_pause_between_bursts_is_no_interval(calls: int, looks: bool) -> None:
    """Bursts have long pauses between them. The last frame of a burst does not wait longer because of that."""
    rhythm, now, called = Rhythm(), 100.0, 0
    for burst in range(5):
        for number in range(calls):
            called += 1
            now += 0.0002
            if looks or number == 0:  # in a short burst, only the first call may look
                rhythm.heard(now, called, seen_until=now - 3.0)
        now += 3.0
        assert burst == 0 or rhythm.pause == SHORTEST


class Ending:
    """A session whose helper ends while a call takes its frame: ``charge``, which the take calls, does that."""

    def __init__(self) -> None:
        self.helping = True
        self.news = False
        self.calls = 1
        self.started = 0
        self.lanes: list[Lane] = []
        self.pacing: Any = SimpleNamespace(
            wait=lambda now, calls: 0.0, charge=self.charge, share=Pacing(1.0, 0.0).share
        )

    def charge(self, seconds: float, nbytes: int) -> None:
        """Do what the helper does when it ends (`Helper._ended`), in the same order."""
        lane = self.lanes[0]
        kept, lane.outbox.box = list(lane.outbox.box), lane.outbox.box
        lane.outbox.box.clear()  # the frame is in the mailbox, and is about to be removed from the box
        self.helping = not lane.rest()
        lane.outbox.box.extend(kept)

    def start_helper(self) -> bool:
        self.started += 1
        self.helping = True
        return True

    def put_off_helper(self, now: float, until: float) -> None:
        """There is no alarm here."""

    def fate(self, lane: int, name: str, number: int) -> None:
        """Nothing is drawn here."""


def test_a_helper_that_ends_during_a_take_leaves_no_later_frame_behind(tmp_path: Path) -> None:
    """Calls that only leave their frame need the helper. If it has ended meanwhile, another one is started."""
    control = Control.make(tmp_path)
    host = Ending()
    lane = Lane("update", 0, MailboxWriter(tmp_path, control, control.add_lane("update")), host)
    host.lanes.append(lane)
    lane.update("the first one, which is taken anyway, and needs no helper")
    reader = MailboxReader(tmp_path, control, 0)
    assert reader.newest() is not None
    reader.ask()
    host.helping, host.started = True, 0
    assert lane.update("asked for").state == "taken"
    assert host.started == 1
    reader.close()
    lane.close("the test is over")
    control.close()


def test_a_call_leaves_the_frame_of_another_thread(tmp_path: Path) -> None:
    """A call does not copy the frame of another thread, because that thread may be writing into it."""
    control = Control.make(tmp_path)
    host = Ending()
    host.pacing = Pacing(1.0, 0.0)
    lane = Lane("update", 0, MailboxWriter(tmp_path, control, control.add_lane("update")), host)
    ours, theirs = lane.update("ours"), lane.update("theirs")
    lane.outbox.take(only=ours)
    assert theirs.state == "waiting"
    lane.outbox.take(only=theirs)
    assert theirs.state == "taken"
    lane.close("the test is over")
    control.close()
