"""What plotting costs and shows: the numbers behind `Server.stats`. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ..rundir import LaneCounters
from .lane import Lane
from .pacing import Pacing


@dataclasses.dataclass(frozen=True)
class Stats:
    """Counts and costs of a `Server`, all lanes together, from its start to now.

    Attributes
    ----------
    called : int
        Calls of ``update`` and of other lanes.
    taken : int
        Frames that were copied into the mailbox.
    superseded : int
        Frames that a newer one replaced, before they were taken or before they were drawn.
    drawn : int
        Frames that the primary viewer drew.
    failed : int
        Frames that could not be sent, or on which the plotter raised.
    trailing : int
        Of the taken ones, those delivered by the helper after the calls had stopped.
    overhead : float
        Share of the wall time that plotting has cost since the first call, 0..1: the time inside taken
        calls, what their bytes cost the caches, and 0.25 us for each call.
    update_us : tuple of float
        How long taken calls were, us: median and 99th percentile of the last 1,000; zeros before.
    fps : float
        Frames that the primary viewer drew per second, over the last second or so.
    age : float
        Age of the picture, s: since the frame that is shown was taken. ``inf`` before the first.
    """

    called: int = 0
    taken: int = 0
    superseded: int = 0
    drawn: int = 0
    failed: int = 0
    trailing: int = 0
    overhead: float = 0.0
    update_us: tuple[float, float] = (0.0, 0.0)
    fps: float = 0.0
    age: float = float("inf")

    def as_dict(self) -> dict[str, Any]:
        """The same as a dictionary.

        >>> Stats(called=3).as_dict()["called"]
        3
        """
        return dataclasses.asdict(self)


def counted(lanes: Sequence[Lane], boards: Sequence[LaneCounters], pacing: Pacing, now: float) -> Stats:
    """The statistics of some lanes, with what the primary viewer says of them.

    Parameters
    ----------
    lanes, boards : sequence
        What both sides count; ``boards`` is empty without a viewer.
    pacing : Pacing
        Knows what plotting has cost.
    now : float
        The present time, s.
    """
    calls = sum(lane.called for lane in lanes)
    outboxes = [lane.outbox for lane in lanes]
    dropped = calls - sum(outbox.failed + outbox.taken + len(outbox.box) for outbox in outboxes)
    passed_over = sum(board.final - board.drawn - board.failed for board in boards)
    shown = max((board.taken_ns for board in boards), default=0)
    age = now - shown * 1e-9 if shown else float("inf")
    return Stats(
        called=calls,
        taken=sum(outbox.taken for outbox in outboxes),
        superseded=max(dropped, 0) + max(passed_over, 0),
        drawn=sum(board.drawn for board in boards),
        failed=sum(outbox.failed for outbox in outboxes) + sum(board.failed for board in boards),
        trailing=sum(outbox.trailing for outbox in outboxes),
        overhead=pacing.share(now, calls),
        update_us=median_and_p99([seconds for outbox in outboxes for seconds in list(outbox.durations)]),
        # A rate that was measured when frames still came falls with the age of the last one.
        fps=min(max((board.fps for board in boards), default=0.0), 1.0 / max(age, 1e-9)),
        age=age,
    )


def median_and_p99(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and 99th percentile, us.

    >>> median_and_p99([1e-6, 2e-6, 3e-6])
    (2.0, 3.0)
    >>> median_and_p99([])
    (0.0, 0.0)
    """
    if not seconds:
        return 0.0, 0.0
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return round(ordered[len(ordered) // 2] * 1e6, 3), round(
        ordered[min(last, len(ordered) * 99 // 100)] * 1e6, 3
    )
