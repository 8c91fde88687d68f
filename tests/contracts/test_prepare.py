"""`prepare`: the plotter's function on the compute side. It runs for taken frames only."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
import pytest

import asyncplot
from conditions import wait_until

pytestmark = pytest.mark.contract


class Reduced:
    """Sends the extremes of an array, and the process that computed them."""

    def __init__(self) -> None:
        self.got: list[Any] = []

    @staticmethod
    def prepare(values: Any, label: str = "") -> dict[str, Any]:
        """The extremes."""
        return {"low": float(values.min()), "high": float(values.max()), "label": label, "pid": os.getpid()}

    def update(self, low: float, high: float, label: str, pid: int) -> list[Any]:
        """Keep them."""
        self.got.append((low, high, label, pid))
        return [low, high, label, pid, os.getpid()]


class Counting:
    """Counts its preparations, on the compute side."""

    prepared: list[int] = []  # noqa: RUF012 (shared on purpose)

    @staticmethod
    def prepare(number: int) -> tuple[int]:
        """Count."""
        Counting.prepared.append(number)
        return (number,)

    def update(self, number: int) -> int:
        """Return what came."""
        return number


class Failing:
    """Cannot prepare odd numbers."""

    @staticmethod
    def prepare(number: int) -> Any:
        """Raise, or return something that is no arguments."""
        if number % 2:
            raise ValueError(f"{number} is odd")
        return (number,) if number < 100 else number

    def update(self, number: int) -> int:
        """Return what came."""
        return number


class Zoomed:
    """Sends only the part that the view shows."""

    def __init__(self) -> None:
        self.shown: Any = None

    def view(self) -> Any:
        """The view: a range of numbers."""
        return self.shown

    @staticmethod
    def prepare(values: Any, *, views: list[Any]) -> tuple[Any, Any]:
        """Cut out the part that the view shows."""
        low, high = views[0] if views else (0, len(values))
        return values[low:high].copy(), views

    def update(self, part: Any, views: list[Any]) -> list[Any]:
        """Return what came."""
        return [float(part[0]), len(part), views]


def test_runs_on_the_compute_side() -> None:
    """The viewer's `update` gets what `prepare` returns. Lazy arguments are evaluated before `prepare`."""
    with asyncplot.Server(Reduced, backend="offscreen") as plot:
        first = plot.update(np.arange(5.0), label="a")
        assert first.value[:4] == [0.0, 4.0, "a", os.getpid()]
        assert first.value[4] != os.getpid()
        assert plot.update(asyncplot.lazy(lambda: np.arange(3.0))).value[:3] == [0.0, 2.0, ""]


def test_runs_for_taken_frames_only() -> None:
    """Superseded calls cost no preparation."""
    Counting.prepared.clear()
    with asyncplot.Server(Counting, backend="offscreen") as plot:
        for number in range(20_000):
            last = plot.update(number)
        assert last.value == 19_999
        assert plot.flush(20)
        taken = plot.stats.taken
    assert len(Counting.prepared) == taken < 20_000
    assert Counting.prepared[-1] == 19_999


@pytest.mark.parametrize("copy", ["auto", "always"])
def test_its_errors_lose_one_frame(copy: str) -> None:
    """If the first frame cannot be prepared, its call raises. For later frames the pending result raises."""
    with asyncplot.Server(Failing, backend="offscreen", copy=copy) as plot:
        with pytest.raises(asyncplot.FrameError, match="prepare raised ValueError: 1 is odd"):
            plot.update(1)
        assert plot.update(2).value == 2
        assert plot.flush(20)
        failed = plot.update(3)
        plot.flush(20)
        with pytest.raises(asyncplot.FrameError, match="3 is odd"):
            _ = failed.value
        failed = plot.update(100)
        plot.flush(20)
        with pytest.raises(
            asyncplot.FrameError, match="returned a int; it must return the arguments of update"
        ):
            _ = failed.value
        assert plot.update(4).value == 4
        assert plot.stats.failed == 3


def test_a_plain_method_is_refused() -> None:
    """A class whose `prepare` needs an instance is refused, because the compute side has no instance."""

    class Plain:
        def prepare(self, number: int) -> tuple[int]:
            return (number,)

        def update(self, number: int) -> None: ...

    with pytest.raises(asyncplot.ConfigurationError, match="make it a @staticmethod"):
        asyncplot.Server(Plain, backend="offscreen")


@pytest.mark.parametrize("inline", [False, True])
def test_views_reach_it(inline: bool) -> None:
    """The next preparation gets the view that the viewer reports."""
    with asyncplot.Server(Zoomed(), backend="offscreen", inline=inline) as plot:
        values = np.arange(100.0)
        assert plot.update(values).value == [0.0, 100, []]
        plot.plotter.shown = [10, 30]
        if inline:
            assert plot.update(values).value == [10.0, 20, [[10, 30]]]
            return
        wait_until(lambda: plot.update(values).value == [10.0, 20, [[10, 30]]], 20)
        plot.plotter.shown = None
        wait_until(lambda: plot.update(values).value == [0.0, 100, []], 20)
        assert dict(plot.received) == {}


def test_from_many_threads() -> None:
    """Preparations of one lane never overlap, whatever threads call."""
    Counting.prepared.clear()
    with asyncplot.Server(Counting, backend="offscreen", max_overhead=1.0) as plot:
        threads = [
            threading.Thread(target=lambda: [plot.update(number) for number in range(2000)]) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert plot.flush(20)
        assert plot.stats.taken == len(Counting.prepared)
