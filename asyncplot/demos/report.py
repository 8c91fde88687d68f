"""The table at the end of a demo: what the plot has cost and shown. Pure. In: numbers. Out: text."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Report:
    """What the plot has cost and shown in one run of a demo.

    Attributes
    ----------
    seconds : float
        Length of the run.
    iterations, called, taken, superseded, drawn : int
        Steps of the computation, calls of ``update``, and what became of these.
    update_us, update_percent : float
        Mean time inside ``update`` per call, us, and its share of the time with the plot, %.
    fps : float
        Frames drawn per second with the plot.
    slowdown_percent : float or None
        Compared with the same loop without the plot, %; None if the run was too short.
    slowdown_interval : tuple of float or None
        Its bootstrap 95 % interval, %.
    """

    seconds: float
    iterations: int
    called: int
    taken: int
    superseded: int
    drawn: int
    update_us: float
    update_percent: float
    fps: float
    slowdown_percent: float | None
    slowdown_interval: tuple[float, float] | None

    def as_dict(self) -> dict[str, Any]:
        """The report as a dictionary."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        rows = {
            "iterations": f"{self.iterations:,} in {self.seconds:.1f} s",
            "frames called": f"{self.called:,}",
            "frames taken": f"{self.taken:,}",
            "frames superseded": f"{self.superseded:,}",
            "frames drawn": f"{self.drawn:,}, {self.fps:.1f} a second",
            "time in update": f"{self.update_us:.2f} us a call, {self.update_percent:.2f} % of the loop",
            "slowdown": self._slowdown(),
        }
        return "\n".join(f"{name:18} {text}" for name, text in rows.items())

    def _slowdown(self) -> str:
        if self.slowdown_percent is None or self.slowdown_interval is None:
            return "unknown, the run was too short"
        low, high = self.slowdown_interval
        return (
            f"{self.slowdown_percent:.2f} % [{low:.2f}, {high:.2f}] against the same loop without the plot, "
            "the drawing beside it included"
        )
