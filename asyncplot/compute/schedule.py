"""When a call of a lane looks, and when the helper looks instead. Pure: the clock is passed in.

In: the times of calls and takes. Out: the times of the next looks.

Most calls only leave their frame: they compare the clock with the time that is set here. A call after that
time *looks*: it checks whether a reader asks for a frame, and whether the budget allows one. If the calls
stop, the helper looks once.
"""

from __future__ import annotations

from .rhythm import SHORTEST, Rhythm

#: A call that comes this long after the one before is taken even if no reader asks, s. So a loop with fewer
#: than 50 calls a second never needs the helper, as long as the budget allows each frame.
SLOW = 0.02

#: The time to the next look, s: after a take (a screen asks for a frame every 16 ms), and after a look. A
#: look costs 0.6 us, and several times as much in a computation that fills the caches.
LOOK_FIRST, LOOK_AGAIN = 0.008, 0.004

#: For a reader that is faster than a screen, the first look comes after half of the time between the two
#: newest takes, and each further look after a quarter of it. But no look comes sooner than this, s. (With
#: 10,000 points of white noise in pyqtgraph this gives 235 frames a second instead of 175.)
LOOK_SOONEST = 0.001

#: A reader that has not asked for ``PATIENCE`` s draws slowly, is stopped, or is gone. Then a look comes
#: every ``LOOK_RARELY`` s.
PATIENCE, LOOK_RARELY = 0.1, 0.016

#: One look puts the helper's wake-up time off by this many looks. So the next looks need not put it off
#: again.
COVERED = 5

NEVER = float("inf")


class Schedule:
    """The times of one lane.

    Parameters
    ----------
    copies : bool
        Whether each call copies its frame (``copy="always"``). The helper may take such a frame at any time.

    Attributes
    ----------
    quiet_at : float
        When the helper looks at the lane, s; infinity if it need not.
    covered_until : float
        A look before this time need not put the helper off again, s.
    interval : float
        The time between two looks, s.

    Examples
    --------
    Calls come every 4 ms and are not taken. Then a call looks every 4 ms, and the helper looks when the calls
    have stopped:

    >>> schedule = Schedule()
    >>> [schedule.heard(0.004 * number, number) for number in range(1, 5)]
    [True, False, False, False]
    >>> schedule.until_look(since_take=0.01)
    0.004
    >>> schedule.put_off(due=0.02)
    >>> round(schedule.quiet_at, 6)  # five looks, and a pause of 20 ms
    0.06
    """

    __slots__ = ("_copies", "_rhythm", "covered_until", "interval", "quiet_at")

    def __init__(self, *, copies: bool = False) -> None:
        self.quiet_at = NEVER
        self._copies = copies
        self.covered_until = -NEVER
        self.interval = LOOK_AGAIN
        self._rhythm = Rhythm()

    @property
    def pause(self) -> float:
        """The pause in the calls after which the helper may copy the waiting frame, s."""
        return SHORTEST if self._copies else self._rhythm.pause

    # --- in a call ---------------------------------------------------------------------------------

    def heard(self, now: float, called: int) -> bool:
        """Note a call that looks. True if it came late after the one before (`SLOW`).

        Parameters
        ----------
        now : float
            The present time, s.
        called : int
            The number of calls so far, this one included. Most calls do not look.
        """
        return self._rhythm.heard(now, called, self.covered_until) > SLOW

    def is_late(self, now: float) -> bool:
        """Whether a call at this time would be late."""
        return now - self._rhythm.last > SLOW

    def until_look(self, since_take: float) -> float:
        """The time to the next look if nothing is taken now, s.

        Parameters
        ----------
        since_take : float
            The time since the last take, s.
        """
        self.interval = LOOK_AGAIN if since_take < PATIENCE else LOOK_RARELY
        return self.interval

    def until_look_after(self, cycle: float) -> float:
        """The time to the first look after a take, s.

        Parameters
        ----------
        cycle : float
            The time between this take and the one before, s.
        """
        self.interval = min(max(cycle / 4, LOOK_SOONEST), LOOK_AGAIN)
        return min(max(cycle / 2, LOOK_SOONEST), LOOK_FIRST)

    def put_off(self, due: float, *, at_once: bool = False) -> None:
        """Put the helper off until the calls have stopped.

        Parameters
        ----------
        due : float
            When the next call looks, s.
        at_once : bool
            Whether the helper has something to do now, which only it can do.
        """
        covered = due + COVERED * self.interval
        self.quiet_at = 0.0 if at_once else covered + self.pause
        self.covered_until = covered - self.interval

    def forget(self) -> None:
        """Forget how far the helper is put off, so that the next look sets it anew."""
        self.covered_until = -NEVER

    # --- in the helper -----------------------------------------------------------------------------

    def wait_for_calls(self, now: float) -> None:
        """Have the helper look if no call comes for the usual pause."""
        self.quiet_at = now + self.pause

    def is_quiet(self, now: float) -> bool:
        """Whether the calls have stopped. If so, no further look is set: a later call sets one."""
        if now < self.quiet_at:
            return False
        self.quiet_at = NEVER
        return True

    def try_again(self, now: float, wait: float) -> None:
        """Have the helper look again after ``wait`` s, unless a call has set a time.

        For a frame that still waits: the budget does not allow it yet, or the take lock was held.
        """
        if self.quiet_at == NEVER:
            self.quiet_at = now + max(wait, SHORTEST)
