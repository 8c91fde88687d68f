"""The helper's thread, with lanes that the test makes: whoever asks for it gets it, also while it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from asyncplot.compute.helper import NEVER, Helper
from asyncplot.compute.pacing import Pacing
from asyncplot.compute.session.hosting import LaneHost
from conditions import wait_until


class Ticked:
    """A lane without frames. Its end of a rest can be put off."""

    def __init__(self) -> None:
        self.quiet_at = NEVER
        self.ticks = 0
        self.resting, self.go_on = threading.Event(), threading.Event()

    def tick(self, now: float) -> None:
        if now >= self.quiet_at:
            self.ticks += 1
            self.quiet_at = NEVER

    def rest(self) -> bool:
        self.resting.set()
        self.go_on.wait(20)
        return True


@pytest.fixture
def lane() -> Ticked:
    """The one lane."""
    return Ticked()


@pytest.fixture
def helper(lane: Ticked) -> Iterator[Helper]:
    """A helper of that lane."""
    made = Helper(lambda: [lane], lambda: None)
    yield made
    lane.go_on.set()
    made.close()


def test_a_frame_that_comes_while_the_thread_ends_is_looked_at(helper: Helper, lane: Ticked) -> None:
    """The thread that ends may lose its processor for long, on a busy machine. Who asks meanwhile does not wait so long."""
    assert helper.start()
    helper.look_now()
    assert lane.resting.wait(20)  # it has found no frame, and is about to end
    lane.quiet_at = 0.0  # a call leaves a frame
    assert helper.start()
    helper.put_off(0.0, 0.0)
    assert lane.ticks == 0
    lane.go_on.set()
    wait_until(lambda: lane.ticks == 1)


def test_a_thread_that_nobody_needs_ends(helper: Helper, lane: Ticked) -> None:
    """It looks once, and is gone; the next one that is asked for looks again."""
    lane.go_on.set()
    for looks in (1, 2):
        lane.quiet_at = 0.0
        assert helper.start()
        helper.look_now()
        wait_until(lambda looks=looks: lane.ticks == looks and not helper.running)


def test_a_start_that_waits_for_the_processor_is_not_charged_for_that() -> None:
    """On a busy machine a start takes long, and costs little: the frame that needs it does not wait for the budget."""
    late = threading.Event()
    helper = SimpleNamespace(start=lambda: not late.wait(0.1))  # at 1 %, these 0.1 s would be paid after 10 s
    session: Any = SimpleNamespace(pacing=Pacing(0.01, 0.0), _helper=helper)
    assert LaneHost.start_helper(session)
    assert 0.0 < session.pacing.spent < 0.05
