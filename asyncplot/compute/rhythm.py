"""How far apart the calls of one lane usually are. Pure: the clock is passed in.

In: the time of each call that looks at the clock, and how many calls there have been; out: how long a pause must be
until it means that the calls have stopped. Only then may a thread of ours copy the waiting frame: while calls come,
the computation writes into its arrays between them, and a call is the one safe moment.

(A fixed pause of 20 ms tore 30 of 43 pictures of a solver with 32 MB and 0.4 s a step.)
"""

from __future__ import annotations

from collections import deque

#: Calls have stopped after this many times their usual interval.
INTERVALS = 2.0

#: But not sooner than this, s: a busy machine holds up a process for several ms at a time. And not later than this, s.
SHORTEST, LONGEST = 0.02, 5.0

#: Until there have been two calls nobody knows their interval, s.
UNKNOWN = 1.0

#: The usual interval is the second longest of so many. The longest may be a pause after a burst of calls. (Believed
#: at once, it would hold up the last frame of the next burst twice as long, and that would be the next pause.)
_KEPT = 4


class Rhythm:
    """The running estimate for one lane.

    Attributes
    ----------
    last : float
        When the last call came that looked at the clock, s; minus infinity before the first one.
    pause : float
        The pause after which calls have stopped, s.

    Examples
    --------
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
        """Note a call, and return how long after the ones before it came, s.

        Parameters
        ----------
        now : float
            The present time, s.
        called : int
            How many calls there have been, this one included. Most of them do not look at the clock.
        seen_until : float
            Until when the calls before this one, and after the last one that was noted, may have come, s.
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
        """Note so many equal intervals; one that is longer than any that counts was a stop."""
        if interval > LONGEST:
            return
        self._intervals.extend([interval] * min(times, _KEPT))
        ordered = sorted(self._intervals)
        usual = ordered[-2] if len(ordered) == _KEPT else ordered[-1]
        self.pause = min(max(INTERVALS * usual, SHORTEST), LONGEST)
