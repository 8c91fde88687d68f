"""`Still`: limits that follow values and yet stand still most of the time. Pure. In: extremes; out: limits."""

from __future__ import annotations

#: Limits become narrower when the values filled less than half of them in so many frames one after the other.
PATIENCE = 20

#: Limits that grow get this much room, of their width, so that they do not grow again at once.
ROOM = 0.05


class Still:
    """Limits that hold all values: they grow at once, and shrink when they have been too wide for long.

    Examples
    --------
    >>> still = Still()
    >>> still.follow(0.0, 1.0), still.limits
    (True, (0.0, 1.0))
    >>> still.follow(0.2, 0.9), still.limits
    (False, (0.0, 1.0))
    >>> still.follow(0.0, 2.0), still.limits
    (True, (0.0, 2.1))
    """

    def __init__(self) -> None:
        self.limits: tuple[float, float] | None = None
        self._narrow = 0

    def follow(self, low: float, high: float) -> bool:
        """Take note of the extremes of the newest values; True if the limits are others now."""
        if self.limits is None:
            self.limits = low, high
            return True
        lowest, highest = self.limits
        self._narrow = self._narrow + 1 if 2.0 * (high - low) < highest - lowest else 0
        if self._narrow > PATIENCE:
            self.limits = low, high
            self._narrow = 0
            return True
        room = ROOM * (max(high, highest) - min(low, lowest))
        self.limits = low - room if low < lowest else lowest, high + room if high > highest else highest
        return self.limits != (lowest, highest)
