"""The usual interval between the calls of one lane. Pure: the clock is passed in.

In: the time of each call that looks, and the number of calls so far. Out: how long a pause must be before it
means that the calls have stopped. Only then may our helper thread copy the waiting frame. While calls come,
the computation writes into its arrays between them, so a call is the only safe moment.

(With a fixed pause of 20 ms, 30 of 43 pictures of a solver with 32 MB and 0.4 s a step were torn.)
"""

from __future__ import annotations

from collections import deque

#: The calls have stopped if none comes for this many times their usual interval.
INTERVALS = 2.0

#: The shortest and the longest such pause, s. A busy machine delays a process for several ms at a time.
SHORTEST, LONGEST = 0.02, 5.0

#: The pause until there have been two calls, and so an interval, s.
UNKNOWN = 1.0

#: The usual interval is the second longest of the last this many. The longest may be the pause after a burst
#: of calls. (If that pause counted at once, the last frame of the next burst would wait twice as long, and
#: the pause would grow.)
_KEPT = 4


class Rhythm:
    """The running estimate for one lane.

    Attributes
    ----------
    last : float
        The time of the last call that looked, s; minus infinity before the first one.
    pause : float
        The pause after which the calls have stopped, s.

    Examples
    --------
    Calls every 0.4 s have stopped if none comes for 0.8 s:

    >>> rhythm = Rhythm()
    >>> rhythm.pause
    1.0
    >>> for number in range(1, 4):
    ...     interval = rhythm.heard(0.4 * number, number)
    >>> round(rhythm.pause, 6)
    0.8
    """

    __slots__ = ("_called", "_intervals", "last", "pause")

    def __init__(self) -> None:
        self.last = -float("inf")
        self.pause = UNKNOWN
        self._called = 0
        self._intervals: deque[float] = deque(maxlen=_KEPT)

    def heard(self, now: float, called: int, seen_until: float = -float("inf")) -> float:
        """Note a call. Returns the time since the calls before it, s.

        Parameters
        ----------
        now : float
            The present time, s.
        called : int
            The number of calls so far, this one included. Most calls do not look.
        seen_until : float
            The calls between the last noted one and this one have come before this time, s.
        """
        calls, since = max(called - self._called, 1), now - self.last
        gap = now - max(seen_until, self.last)
        first, self._called, self.last = self._called == 0, called, now
        if first:
            return gap
        if calls == 1 or gap <= since / calls:
            gap = since / calls
            self._note(gap, calls)
        else:  # several calls in a row, and then a pause
            self._note((since - gap) / (calls - 1), calls - 1)
            self._note(gap, 1)
        return gap

    def _note(self, interval: float, times: int) -> None:
        """Note ``times`` equal intervals. An interval above `LONGEST` was a stop, and does not count."""
        if interval > LONGEST:
            return
        self._intervals.extend([interval] * min(times, _KEPT))
        ordered = sorted(self._intervals)
        usual = ordered[-2] if len(ordered) == _KEPT else ordered[-1]
        self.pause = min(max(INTERVALS * usual, SHORTEST), LONGEST)
