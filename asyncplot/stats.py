"""`Stats`: what plotting costs and shows, as the computation and whoever looks at its run are told. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Stats:
    """Counts and costs of a run, all lanes together, from its start to now.

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
        calls, what their bytes cost the caches, and 0.45 us for each call.
    update_us : tuple of float
        How long taken calls were, us: median and 99th percentile of the last 1,000; zeros before, and
        where somebody else than the computation asks.
    fps : float
        Frames that the primary viewer drew per second, over the last second or so.
    age : float
        Age of the picture, s: since the frame that is shown was taken. ``inf`` before the first.
    blitted, full : int
        How often the primary viewer drew only what had changed in a figure, and how often all of it.
    full_because : dict of str to int
        Why it drew all of it: what to change in a plotter so that it is drawn faster.
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
