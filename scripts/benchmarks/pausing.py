"""Stops what ``update`` leaves running, where a benchmark goes on without it.

Three things would blur segments with and without ``update``: the helper thread ticks on for a while
after the last call, delivers the waiting frame then, and the budget fills in segments that spend nothing.
(With a third of the segments calling `update`, they could spend three times the budget.) No public name
reaches these, so this file, and no other, uses private ones.
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
        Lengths of the measured parts, and what their frames and calls have cost by the server's own
        account.
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
        """The measured part of a segment with calls begins: the budget is what it was when the last ended."""
        self._filled_level()
        self._pacing._level = self._level
        self._before = self._account()

    def end(self) -> None:
        """It ends: note the budget, deliver the waiting frame, and end the helper."""
        now, spent, taken = self._account()
        self.seconds += now - self._before[0]
        self.spent += spent - self._before[1]
        self.taken += taken - self._before[2]
        self._level = self._filled_level()
        self._session.before_fork()

    def _filled_level(self) -> float:
        """The level of the bucket, filled until now."""
        self._pacing.wait(monotonic(), self._session.calls)
        return float(self._pacing._level)

    def _account(self) -> tuple[float, float, int]:
        now = monotonic()
        share = self._pacing.share(now, self._session.calls)
        return now, share * (now - self._pacing.started), self._plot.stats.taken
