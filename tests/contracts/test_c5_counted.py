"""C5: the frames are counted by their state, on both sides."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import threading

import numpy as np
import pytest

import asyncplot
from conditions import wait_until, wait_until_elsewhere
from contract_plotters import Echo, Moody
from hammering import hammer
from run_processes import viewer_pid

pytestmark = pytest.mark.contract


def test_the_counts_add_up_at_rest() -> None:
    """If no frame waits or is under way, the plotter got all frames but the superseded ones, before and after `close`."""
    with asyncplot.Server(Moody, backend="offscreen", max_overhead=0.1) as plot:
        assert plot.ready(20)
        hammered = hammer(plot.update, lambda: plot.stats.failed > 2 and plot.stats.drawn > 2)
        assert plot.flush(20)
        stats = plot.stats
        assert stats.called == hammered.calls
        got, refused = plot.plotter.got, plot.plotter.refused
        assert (stats.drawn, stats.failed) == (got - refused, refused)
        assert stats.superseded == hammered.calls - got
        assert stats.taken >= stats.drawn + stats.failed
        assert stats.taken + stats.superseded >= stats.called
    final = plot.stats
    for name in ("called", "taken", "superseded", "drawn", "failed", "trailing"):
        assert getattr(final, name) == getattr(stats, name), name


def test_the_counts_add_up_at_any_moment() -> None:
    """While calls come, called = taken + superseded before a take + waiting; and taken is at least drawn."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=0.1) as plot:
        assert plot.ready(20)
        seen: list[asyncplot.Stats] = []
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                seen.append(plot.stats)
                done.wait(0.01)

        looker = threading.Thread(target=look)
        looker.start()
        hammer(plot.update, lambda: len(seen) > 50)
        done.set()
        looker.join()
        for stats in seen:
            assert stats.called >= stats.taken >= stats.drawn
            assert stats.trailing <= stats.taken
            # Frames that wait or are under way, and calls between two of the reads
            assert stats.superseded + stats.drawn + stats.failed <= plot.stats.called
        for before, after in itertools.pairwise(seen):
            assert after.called >= before.called
            assert after.taken >= before.taken
            assert after.drawn >= before.drawn


def test_frames_that_cannot_be_sent_are_counted_as_failed() -> None:
    """A frame that cannot be pickled is neither taken nor superseded."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=1.0) as plot:
        assert plot.ready(20)
        plot.update(0)
        assert plot.flush(20)
        for _ in range(3):
            plot.update(threading.Lock())
            plot.flush(20)
        stats = plot.stats
        assert (stats.called, stats.taken, stats.failed) == (4, 1, 3)
        assert stats.drawn + stats.superseded + stats.failed == stats.called


def test_trailing_frames_are_counted() -> None:
    """A frame that the helper delivered after the calls had stopped counts as trailing."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        for number in range(1, 4):
            for _ in range(50):
                last = plot.update(number)
            wait_until_elsewhere(lambda last=last: last.ready)
            assert plot.stats.trailing == number


def test_age_and_rate_of_the_picture() -> None:
    """Before the first frame the age is infinite. A frame makes it small. Without frames it grows."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.stats.age == float("inf")
        assert plot.stats.fps == 0.0
        assert plot.ready(20)
        hammer(plot.update, lambda: plot.stats.fps > 5.0)
        assert plot.flush(20)
        young = plot.stats
        assert 0.0 < young.age < 5.0
        wait_until(lambda: plot.stats.age > young.age + 0.5)
        assert plot.stats.fps < young.fps


def test_lanes_are_counted_together() -> None:
    """The counts are sums over all lanes."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        second = plot.lane("second")
        for number in range(100):
            plot.update(number)
            second(number)
        assert plot.flush(20)
        stats = plot.stats
        assert stats.called == 200
        assert stats.drawn + stats.superseded == 200
        assert stats.drawn >= 2  # the last one of each


def test_after_a_killed_viewer_calls_and_takes_are_still_counted() -> None:
    """The counters of the compute side need no viewer, and the number of drawn frames stays known."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        plot.update(1)
        assert plot.flush(20)
        os.kill(viewer_pid(plot.directory), signal.SIGKILL)
        wait_until(lambda: not plot.is_alive)
        before = plot.stats
        hammered = hammer(plot.update, lambda: plot.stats.taken > before.taken)
        after = plot.stats
        assert after.called == before.called + hammered.calls
        assert after.drawn == before.drawn == 1
    assert plot.stats.called == after.called


def test_stats_are_plain_and_frozen() -> None:
    """The statistics can be kept and written to a file, and nobody can change them."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        plot.update(np.zeros(10))
        assert plot.flush(20)
        stats = plot.stats
        assert stats.update_us[0] > 0.0
        assert stats.as_dict() == dataclasses.asdict(stats)
        with pytest.raises(dataclasses.FrozenInstanceError):
            stats.called = 5  # type: ignore[misc]
