"""How often, and of how many bytes, small pictures are asked for; on a clock of the test's own."""

from __future__ import annotations

import itertools
import random

from asyncplot.hub.turns import Turns

RATE = 500_000


def test_all_pictures_keep_to_the_rate_and_each_run_to_one_a_second() -> None:
    """300 runs whose pictures have 2 to 60 kB, over 120 s: 500 kB a second in all, and all runs have about as many turns."""
    chance = random.Random(5)
    runs = [str(number) for number in range(300)]
    sizes = {run: chance.randrange(2_000, 60_000) for run in runs}
    turns = Turns(RATE, now=0.0)
    asked: dict[str, list[float]] = {run: [] for run in runs}
    passed = 0
    for tick in range(1, 1201):
        now = tick / 10
        for run in turns.take(runs, now):
            asked[run].append(now)
            size = max(1, int(sizes[run] * chance.uniform(0.9, 1.1)))
            turns.came(run, size)
            passed += size
        if (
            now > 25.0
        ):  # The sizes of the first pictures are not known before. What they had too much is paid back.
            assert passed <= RATE * (now + 1.1)  # the second that is kept; and sizes change by a tenth
    assert passed >= 0.9 * RATE * 120
    assert all(
        later - earlier > 0.89 for times in asked.values() for earlier, later in itertools.pairwise(times)
    )
    counts = [len(times) for times in asked.values()]
    assert max(counts) - min(counts) <= 2


def test_a_viewer_that_fails_waits_and_costs_no_bytes() -> None:
    """It is asked again when its time has come. The others have the whole rate."""
    turns = Turns(20_000, now=0.0)
    assert turns.take(["bad", "good"], 0.0) == ["bad"]
    turns.wait("bad", 10.0)
    assert turns.take(["bad", "good"], 0.0) == ["good"]
    turns.came("good", 100)
    assert turns.take(["bad", "good"], 9.0) == ["good"]
    assert turns.take(["bad"], 9.5) == []
    assert turns.take(["bad"], 10.0) == ["bad"]


def test_nothing_is_kept_of_runs_out_of_sight() -> None:
    """Also if they failed."""
    turns = Turns(RATE, now=0.0)
    for run in turns.take(["a", "b", "c"], 0.0)[:2]:
        turns.came(run, 1_000)
    turns.wait("c", 10.0)
    for run in "abc":
        turns.forget(run)
    assert len(turns) == 0
