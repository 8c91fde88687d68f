"""`Stats`: what plotting has cost and shown. Pure, any process.

In: the counters of each lane on the compute side, and those of the primary viewer. Out: one summary, the same
for `Server.stats`, ``asyncplot list`` and ``asyncplot stats``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .tables import duration, html_table, most_frequent, rate


@dataclasses.dataclass(frozen=True)
class Stats:
    """The counters and costs of a run, all lanes together, from its start to now.

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
        Frames that could not be sent, and frames for which the plotter raised.
    trailing : int
        Taken frames that the helper delivered after the calls had stopped.
    overhead : float
        The share of the wall time that plotting has cost since the first call, 0..1. It includes the time
        inside taken calls, the cost of their bytes in the caches, and 0.45 us for each call.
    update_us : tuple of float
        How long taken calls were, us: the median and the 99th percentile of the last 1,000. (0.0, 0.0) before
        the first one, and in another process than the computation.
    fps : float
        Frames per second that the primary viewer drew, over about the last second.
    age : float
        The time since the shown frame was taken, s. ``inf`` before the first.
    blitted, full : int
        How often the primary viewer drew only what had changed in a figure, and how often a figure in full.
    full_because : dict of str to int
        Why it drew figures in full: a reason, and how often. The reason tells what to change in the plotter
        to make it faster.

    Notes
    -----
    A `Stats` does not change. ``plot.stats`` makes a new one at each access.
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
    blitted: int = 0
    full: int = 0
    full_because: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The same as a dictionary.

        >>> Stats(called=3).as_dict()["called"]
        3
        """
        return dataclasses.asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """What a table shows of it: names and values.

        >>> Stats(called=3000, overhead=0.004).rows()[0]
        ('called', '3,000')
        """
        return [
            ("called", f"{self.called:,}"),
            ("taken", f"{self.taken:,}"),
            ("superseded", f"{self.superseded:,}"),
            ("drawn", f"{self.drawn:,}"),
            ("failed", f"{self.failed:,}"),
            ("overhead", f"{100.0 * self.overhead:.3f} %"),
            ("pictures", rate(self.fps)),
            ("age", duration(self.age)),
            ("blitted", f"{self.blitted:,} pictures"),
            *((f"in full: {why}", f"{number:,}") for why, number in most_frequent(self.full_because)),
        ]

    def _repr_html_(self) -> str:
        """A table, for a notebook."""
        return html_table([("plot", ""), *self.rows()])


class Counts(NamedTuple):
    """The counters of one lane on the compute side.

    Attributes
    ----------
    called, taken, failed, trailing : int
        Calls, taken frames, frames that could not be sent, and trailing frames.
    waiting : int
        Waiting frames: 0 or 1.
    """

    called: int
    taken: int
    failed: int
    trailing: int
    waiting: int = 0


class BoardCounts(Protocol):
    """The counters of one lane in a viewer; see `asyncplot.rundir.board.LaneCounters`."""

    @property
    def final(self) -> int:
        """Frames up to this number will not be drawn any more: each is drawn, failed or superseded."""
        ...

    @property
    def drawn(self) -> int:
        """The number of frames that were drawn."""
        ...

    @property
    def failed(self) -> int:
        """The number of frames for which the plotter raised."""
        ...

    @property
    def fps(self) -> float:
        """Frames drawn per second."""
        ...

    @property
    def taken_ns(self) -> int:
        """When the shown frame was taken, on the clock of ``time.monotonic_ns``, ns. 0: no frame is shown."""
        ...

    @property
    def blitted(self) -> int:
        """How often the viewer drew only what had changed in a figure."""
        ...


def summary(
    lanes: Sequence[Counts],
    boards: Sequence[BoardCounts],
    full_because: Mapping[str, int],
    *,
    now: float,
    overhead: float,
    seconds: Sequence[float] = (),
) -> Stats:
    """The statistics of a run.

    Parameters
    ----------
    lanes : sequence of Counts
        The counters of the compute side, one entry per lane.
    boards : sequence of BoardCounts
        The counters of the primary viewer, one entry per lane; empty without a viewer.
    full_because : mapping
        How often that viewer drew a figure in full, by reason.
    now : float
        The present time, on the clock of `time.monotonic`, s.
    overhead : float
        The share of the wall time that plotting has cost, 0..1.
    seconds : sequence of float
        How long the last taken calls were, s.

    Examples
    --------
    >>> stats = summary([Counts(10, 4, 1, 0, waiting=1)], [], {}, now=0.0, overhead=0.01)
    >>> stats.taken, stats.superseded, stats.age
    (4, 4, inf)
    """
    called, taken = sum(lane.called for lane in lanes), sum(lane.taken for lane in lanes)
    failed = sum(lane.failed for lane in lanes)
    dropped = called - taken - failed - sum(lane.waiting for lane in lanes)
    passed_over = sum(board.final - board.drawn - board.failed for board in boards)
    shown = max((board.taken_ns for board in boards), default=0)
    age = now - shown * 1e-9 if shown else float("inf")
    return Stats(
        called=called,
        taken=taken,
        superseded=max(dropped, 0) + max(passed_over, 0),
        drawn=sum(board.drawn for board in boards),
        failed=failed + sum(board.failed for board in boards),
        trailing=sum(lane.trailing for lane in lanes),
        overhead=overhead,
        update_us=median_and_p99(seconds),
        # The viewer measures its rate when frames come. If none comes any more, the rate falls with the age.
        fps=min(max((board.fps for board in boards), default=0.0), 1.0 / max(age, 1e-9)),
        age=age,
        blitted=max((board.blitted for board in boards), default=0),
        full=sum(full_because.values()),
        full_because=full_because,
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
