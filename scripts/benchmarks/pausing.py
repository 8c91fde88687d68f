"""Stops what ``update`` leaves running, when a benchmark goes on without calls.

Three things would mix up segments with and without ``update``. The helper thread runs for a while after the
last call. It then delivers the waiting frame. The budget grows in segments that spend nothing: if a third of
the segments call ``update``, they could spend three times the budget. No public name reaches these, so this
file, and no other benchmark, uses private names.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, cast

import asyncplot


class Pausing:
    """The budget and the helper of a server whose calls come in segments.

    Attributes
    ----------
    seconds, spent : float
        The length of the measured parts, and the cost of their frames and calls as the server counts it, s.
    taken : int
        Frames taken in the measured parts.
    """

    def __init__(self, plot: asyncplot.Server) -> None:
        self._plot = plot
        self._session = cast(Any, plot._session)
        self._pacing = self._session.pacing
        self.seconds = self.spent = 0.0
        self.taken = 0
        self._before = self._account()
        self.end()
        self.seconds = self.spent = 0.0
        self.taken = 0

    def begin(self) -> None:
        """Begin the measured part of a segment with calls. The budget is as at the end of the last one."""
        self._filled_level()
        self._pacing._level = self._level
        self._before = self._account()

    def end(self) -> None:
        """End it: note the budget, deliver the waiting frame, and end the helper."""
        now, spent, taken = self._account()
        self.seconds += now - self._before[0]
        self.spent += spent - self._before[1]
        self.taken += taken - self._before[2]
        self._level = self._filled_level()
        self._session.before_fork()

    def _filled_level(self) -> float:
        """The level of the bucket at this time."""
        self._pacing.wait(monotonic(), self._session.calls)
        return float(self._pacing._level)

    def _account(self) -> tuple[float, float, int]:
        now = monotonic()
        share = self._pacing.share(now, self._session.calls)
        return now, share * (now - self._pacing.started), self._plot.stats.taken
