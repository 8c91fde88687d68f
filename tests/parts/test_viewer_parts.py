"""A viewer's lanes and its rhythm, on plain files and with a clock of the test's own. No process, no window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from asyncplot.errors import AsyncplotError
from asyncplot.frames import Encoder
from asyncplot.mailbox import Control, MailboxWriter
from asyncplot.rundir import BoardReader, BoardWriter, Outcome
from asyncplot.rundir.board import TEXT_BYTES
from asyncplot.viewer import inbox as inbox_module
from asyncplot.viewer.failures import Failures
from asyncplot.viewer.inbox import text_of
from asyncplot.viewer.inboxes import Lanes
from asyncplot.viewer.ticks import BUSY, COMING, IDLE, SCREEN, TURN, Ticks


class Ends(NamedTuple):
    """Both ends of the mailboxes of two lanes, and both ends of a board."""

    control: Control
    writers: list[MailboxWriter]
    lanes: Lanes
    board: BoardReader
    failures: Failures

    def put(self, lane: int, *args: Any) -> None:
        """A frame of a lane."""
        self.writers[lane].put(Encoder().encode(args, {}), 1)


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    """Two lanes, ``update`` and ``second``."""
    control, board = Control.make(tmp_path), BoardWriter(tmp_path)
    writers = [MailboxWriter(tmp_path, control, control.add_lane(name)) for name in ("update", "second")]
    foot: Any = SimpleNamespace(failed=lambda *_: None, passed=lambda _: None)
    made = Ends(
        control, writers, Lanes(tmp_path, control, board), BoardReader(tmp_path), Failures(tmp_path, foot)
    )
    yield made
    made.lanes.close()
    made.board.close()
    board.close()
    for writer in writers:
        writer.close()
    control.close()


class Plotter:
    """Notes its frames, and what the board says meanwhile."""

    def __init__(self, board: BoardReader) -> None:
        self.board = board
        self.seen: list[Any] = []

    def update(self, value: Any) -> Any:
        activity = self.board.activity()
        self.seen.append((value, activity and activity[::2]))
        if value == "fails":
            raise ValueError("no")
        return value

    second = update


def test_each_lane_gives_its_newest_frame_once(ends: Ends) -> None:
    """A lane that is made later is found, too; a frame is given once, and older ones are passed over."""
    assert ends.lanes.fetch() == []
    for number in range(3):
        ends.put(0, number)
    (lane,) = ends.lanes.fetch()
    assert lane.number == 3
    assert ends.lanes.fetch() == []
    ends.put(0, 3)
    ends.put(1, 0)
    assert [each.number for each in ends.lanes.fetch()] == [4, 1]


def test_frames_are_asked_for_by_lane(ends: Ends) -> None:
    """A lane asks when its frame was fetched, and the asking ends with the next frame."""
    for lane in (0, 1):
        ends.put(lane, 1)
    assert len(ends.lanes.fetch()) == 2
    assert [writer.asked for writer in ends.writers] == [False, False]
    ends.lanes.ask()
    assert [writer.asked for writer in ends.writers] == [True, True]
    ends.put(0, 2)
    assert [writer.asked for writer in ends.writers] == [False, True]


def test_what_became_of_a_frame_is_on_the_board(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its counts, its value or traceback, its time and its rate; and while it is drawn, what goes on."""
    now = 100.0
    monkeypatch.setattr(inbox_module.time, "monotonic", lambda: now)
    plotter = Plotter(ends.board)

    def draw(value: Any, *, error: str | None = None, seconds: float = 0.25) -> None:
        nonlocal now
        now += 0.5
        ends.put(0, value)
        (lane,) = ends.lanes.fetch()
        lane.call(plotter, ends.failures)
        assert ends.board.activity() is None
        lane.settle(seconds, error, 7)

    draw("one")
    assert ends.board.counters(0) == (1, 1, 0, 0.0, 1, 0.25, 7)
    assert ends.board.outcome(0, 1) == Outcome("drawn", '"one"')
    draw("two", seconds=0.5)
    assert ends.board.counters(0) == (2, 2, 0, pytest.approx(1.0), 1, 0.5, 7)
    draw("fails")
    assert ends.board.counters(0) == (3, 2, 1, pytest.approx(1.0), 1, 0.25, 7)
    failed = ends.board.outcome(0, 3)
    assert failed is not None
    assert failed.word == "failed"
    assert "ValueError: no" in (failed.text or "")
    draw("drawn wrongly", error="Traceback")
    assert ends.board.counters(0)[:3] == (4, 2, 2)
    assert ends.board.outcome(0, 4) == Outcome("failed", "Traceback")
    draw(None)
    assert ends.board.counters(0)[:4] == (5, 3, 2, pytest.approx(1 / 1.5))  # 1.5 s after the last one
    assert ends.board.outcome(0, 5) == Outcome("drawn", None)
    assert plotter.seen[:2] == [("one", ("update", 1)), ("two", ("update", 2))]
    assert ends.failures.count == 1
    capsys.readouterr()


@pytest.mark.parametrize("more", [-2, -1, 0])
def test_a_long_value_is_shortened(more: int) -> None:
    """What the board has room for is kept whole; of more, the beginning."""
    value = "x" * (TEXT_BYTES + more)
    text = text_of(value)
    assert text is not None
    if more == -2:
        assert text == f'"{value}"'
    else:
        assert text == f'"\'{value[: TEXT_BYTES // 2 - 1]}..."'


def test_ticks_follow_the_screen_or_the_plotter() -> None:
    """A screen's interval after a frame, less what it took, and some time for the GUI in any case; then slowly."""
    ticks = Ticks(None)
    assert ticks.after_frame(10.0, 10.004) == pytest.approx(SCREEN - 0.004)
    assert ticks.after_frame(10.0, 10.5) == TURN
    assert ticks.without_frame(10.5 + 0.9 * COMING) == BUSY
    assert ticks.without_frame(10.5 + 1.1 * COMING) == IDLE
    ticks.busy(20.0)
    assert ticks.without_frame(20.0 + 0.9 * COMING) == BUSY
    assert ticks.without_frame(20.0 + 1.1 * COMING) == IDLE
    fast = Ticks(1000)
    assert fast.after_frame(10.0, 10.5) == pytest.approx(0.001)
    assert fast.without_frame(10.6) == pytest.approx(0.001)
    assert Ticks(2).after_frame(10.0, 10.1) == pytest.approx(0.4)


@pytest.mark.parametrize("fps", [0, -1, 1000.1, float("nan"), "fast", [30]])
def test_a_rate_that_is_none_is_refused(fps: Any) -> None:
    """By a message that says what it may be."""
    with pytest.raises(AsyncplotError, match="a number above 0 and at most 1000"):
        Ticks(fps)
