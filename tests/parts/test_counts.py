"""Each frame is counted once: what the statistics say is compared with what was seen where it happened. No process."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lane_host import Host

from asyncplot.compute.lane import Lane
from asyncplot.compute.outbox import Ticket
from asyncplot.mailbox import Control, MailboxWriter
from asyncplot.rundir import BoardReader, BoardWriter
from asyncplot.stats import Stats, summary
from asyncplot.viewer.failures import Failures
from asyncplot.viewer.inbox import LaneInbox


class Box(deque[Ticket]):
    """The place of the waiting frame, which counts what it drops."""

    dropped = 0

    def append(self, ticket: Ticket) -> None:
        self.dropped += len(self)
        super().append(ticket)


class Moody:
    """Raises on some frames, and counts all of them."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.newest = -1

    def update(self, number: int) -> None:
        assert number > self.newest
        self.newest = number
        self.seen["failed" if number % 3 == 1 else "drawn"] += 1
        if number % 3 == 1:
            raise ValueError(f"no, not {number}")


@pytest.mark.parametrize("seed", range(5))
def test_superseded_is_what_was_dropped_and_what_was_passed_over(tmp_path: Path, seed: int) -> None:
    """Calls, takes and draws come in a random order, and some frames fail: at each moment all counts are those of the parts."""
    chance = random.Random(seed)
    control, plotter = Control.make(tmp_path), Moody()
    foot: Any = SimpleNamespace(failed=lambda *_: None, passed=lambda _: None)
    failures = Failures(tmp_path, foot)
    lane = Lane("update", 0, MailboxWriter(tmp_path, control, control.add_lane("update")), Host())
    lane._box = lane.outbox.box = box = Box(maxlen=1)
    writer = BoardWriter(tmp_path)
    board = BoardReader(tmp_path)
    inbox = LaneInbox(tmp_path, control, 0, "update", writer)
    seen: Counter[str] = Counter()
    shown = 0

    def call() -> None:
        seen["called"] += 1
        cannot_be_sent = seen["called"] > 1 and chance.random() < 0.2
        lane.update(threading.Lock() if cannot_be_sent else seen["called"])

    def take() -> None:
        lane.deliver(1.0)

    def draw() -> None:
        nonlocal shown
        if inbox.fetch():
            seen["passed over"] += inbox.number - shown - 1
            shown = inbox.number
            inbox.call(plotter, failures)
            inbox.settle(0.01, None, 0)

    def now() -> Stats:
        return summary([lane.counts], [board.counters(0)], {}, now=0.0, overhead=0.0)

    for _ in range(500):
        chance.choice((call, call, call, take, draw))()
        stats = now()
        assert stats.superseded == box.dropped + seen["passed over"]
        assert (stats.called, stats.drawn) == (seen["called"], plotter.seen["drawn"])
        assert stats.failed == lane.outbox.failed + plotter.seen["failed"]
    take()
    draw()
    stats = now()
    assert stats.called == stats.drawn + stats.failed + box.dropped + seen["passed over"]
    assert min(stats.drawn, lane.outbox.failed, plotter.seen["failed"], box.dropped, seen["passed over"]) > 5
    assert failures.count == plotter.seen["failed"]
    lane.close("the test is over")
    inbox.close()
    board.close()
    writer.close()
    control.close()
