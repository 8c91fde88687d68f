"""C3: a newer call supersedes a waiting frame, and the last frame of a burst arrives."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack

import pytest

import asyncplot
from conditions import wait_until, wait_until_elsewhere
from contract_plotters import Echo

pytestmark = pytest.mark.contract

BURSTS, AT_ONCE = 1000, 4


@pytest.mark.slow
@pytest.mark.timeout(
    180
)  # each of 250 rounds lasts until the helper has looked twice and the viewers have drawn
def test_the_last_frame_of_1000_random_bursts_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    """After a burst of random length and rhythm, the last frame is drawn without another call, flush or close."""
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        print(f"[seed {seed}]", end=" ")
    chance = random.Random(seed)
    with ExitStack() as stack:
        plots = [stack.enter_context(asyncplot.Server(Echo, backend="offscreen")) for _ in range(AT_ONCE)]
        assert all(plot.ready(30) for plot in plots)
        for round_number in range(BURSTS // AT_ONCE):
            last = [burst(plot, chance, round_number) for plot in plots]
            for length, pending in last:
                wait_until_elsewhere(lambda pending=pending: pending.ready, 20, what=f"round {round_number}")
                assert pending.state == "drawn", (round_number, length)
                assert pending.value == [round_number, length]
            spin(chance.choice([0.0, 0.0, chance.uniform(0, 0.03)]))  # may come just when the helper ends
        for plot in plots:
            stats = plot.stats
            assert stats.superseded > 0
            assert stats.called == stats.drawn + stats.superseded
            assert stats.failed == 0


def burst(
    plot: asyncplot.Server, chance: random.Random, round_number: int
) -> tuple[int, asyncplot.PendingResult]:
    """Call ``update`` several times, with random pauses. Returns the number of calls and the last result."""
    length = round(10 ** chance.uniform(0, 3))
    pause = chance.choice([0.0, 0.0, 1e-5, 1e-4]) if length > 5 else chance.choice([0.0, 1e-4, 0.01, 0.025])
    for number in range(1, length + 1):
        pending = plot.update([round_number, number])
        if pause:
            spin(chance.uniform(0, pause))
    return length, pending


def spin(seconds: float) -> None:
    """Compute for this long, as a real loop does between calls."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_a_newer_frame_supersedes_the_waiting_one() -> None:
    """Of a burst, the first frame is taken and the last one arrives. The frames between them are dropped."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        pending = [plot.update(number) for number in range(200)]
        wait_until_elsewhere(lambda: pending[-1].ready)
        assert pending[0].value == 0  # the first frame of a lane is always taken
        assert pending[-1].value == 199
        states = [each.state for each in pending]
        assert states.count("superseded") == plot.stats.superseded > 0
        assert set(states) == {"drawn", "superseded"}


def test_lanes_do_not_supersede_each_other() -> None:
    """The last frame of each lane arrives, in whatever order the lanes were called."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        second = plot.lane("second")
        for number in range(500):
            one, two = plot.update(number), second(-number)
        wait_until_elsewhere(lambda: one.ready and two.ready)
        assert (one.value, two.value) == (499, -499)


def test_a_slow_loop_needs_no_helper() -> None:
    """If calls are more than 20 ms apart, each is taken at once, in the calling thread."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        for number in range(5):
            pending = plot.update(number)
            assert pending.state in {"taken", "drawn"}
            wait_until(lambda pending=pending: pending.ready)
            assert pending.value == number
            spin(0.025)
        assert plot.stats.trailing == 0
