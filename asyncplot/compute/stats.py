"""The numbers behind `Server.stats`, counted on the compute side. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..rundir import LaneCounters
from ..stats import Stats
from .lane import Lane
from .pacing import Pacing


def counted(
    lanes: Sequence[Lane],
    boards: Sequence[LaneCounters],
    full_draws: dict[str, int],
    pacing: Pacing,
    now: float,
) -> Stats:
    """The statistics of some lanes, with what the primary viewer says of them.

    Parameters
    ----------
    lanes, boards : sequence
        What both sides count; ``boards`` is empty without a viewer.
    full_draws : dict
        How often the viewer drew a figure in full, by reason.
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
        blitted=max((board.blitted for board in boards), default=0),
        full=sum(full_draws.values()),
        full_because=full_draws,
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
