"""The last frames of a lane, and the last picture: pure parts and plain files, no process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lane_host import Host

from asyncplot.compute.lane import Lane
from asyncplot.compute.pacing import Pacing
from asyncplot.compute.viewers import Viewers
from asyncplot.mailbox import Control, MailboxWriter
from asyncplot.rundir import BoardWriter, LaneCounters
from asyncplot.rundir.format import LOG_FILE, STATE_FILE, viewer_folder


@pytest.fixture
def lanes(tmp_path: Path) -> Iterator[list[Lane]]:
    """Two lanes of one run. Each has had its first frame, and a frame waits in it."""
    control, host = Control.make(tmp_path), Host()
    made = []
    for number, name in enumerate(("update", "second")):
        control.add_lane(name)
        made.append(Lane(name, number, MailboxWriter(tmp_path, control, number), host))
    for lane in made:
        lane.update("taken at once")
        while not lane.outbox.box:
            lane.update("waits")
    yield made
    for lane in made:
        lane.close("the test is over")
    control.close()


def test_the_helper_leaves_a_lane_whose_calls_go_on(lanes: list[Lane]) -> None:
    """It wakes up for the lane that is quiet, and looks at both: of the other one it takes nothing."""
    quiet, busy = lanes
    quiet._schedule.quiet_at, busy._schedule.quiet_at = 1000.0, 1000.001
    for lane in lanes:
        lane.tick(1000.0)
    assert (quiet.counts.trailing, quiet.counts.waiting) == (1, 0)
    assert (busy.counts.trailing, busy.counts.waiting) == (0, 1)
    assert busy.quiet_at == 1000.001
    busy.tick(1000.001)
    assert (busy.counts.trailing, busy.counts.waiting) == (1, 0)


def test_a_lane_is_quiet_after_its_own_pause(lanes: list[Lane]) -> None:
    """Calls every 0.4 s in one lane: the pause of the other one, which is called quickly, is not taken for it."""
    slow, quick = lanes
    for number in range(10):
        slow._schedule.heard(100.0 + 0.4 * number, 100 + number)
        quick._schedule.heard(100.0 + 0.01 * number, 100 + number)
    for lane in lanes:
        lane._schedule.wait_for_calls(110.0)
    assert slow.quiet_at == pytest.approx(110.8)
    assert quick.quiet_at == pytest.approx(110.02)


def test_a_frame_that_the_budget_does_not_allow_is_looked_at_again(lanes: list[Lane]) -> None:
    """The helper finds the calls stopped, and the budget used up: it comes again when that is not so any more."""
    lane = lanes[0]
    lane._host.pacing = SimpleNamespace(wait=lambda now, calls: 0.7)  # type: ignore[assignment]
    lane._schedule.quiet_at = 1000.0
    lane.tick(1000.0)
    assert (lane.counts.trailing, lane.counts.waiting) == (0, 1)
    assert lane.quiet_at == pytest.approx(1000.7)
    lane._host.pacing = Pacing(1.0, 0.0)


@pytest.mark.parametrize("usual", [0.1, 0.6])
def test_close_waits_for_a_usual_draw_of_the_viewer(tmp_path: Path, usual: float) -> None:
    """The time of its last draw is read from its board: of a plotter of 0.6 s, the last frame is not lost."""
    folder = tmp_path / viewer_folder(1)
    folder.mkdir()
    (folder / LOG_FILE).touch()  # so it is the viewer of the run
    (folder / STATE_FILE).write_text(json.dumps({"phase": "ready"}))
    board = BoardWriter(folder)
    board.count(0, LaneCounters(final=3, drawn=3, draw_seconds=usual))
    supervisor: Any = SimpleNamespace(alive=True, far=False)
    viewers = Viewers(tmp_path, supervisor)
    viewers._since -= 5.0
    begun = time.monotonic()
    patience = viewers.patience(patient=True, unhurried=False)
    since = time.monotonic()
    sight = viewers.sight(1)
    assert (sight.phase, sight.progress, sight.usual) == ("ready", (3,), usual)
    assert patience.lasts(begun + 0.19 + usual, sight)
    assert not patience.lasts(since + 0.21 + usual, sight)
    viewers.close("the test is over", 1)
    board.close()
