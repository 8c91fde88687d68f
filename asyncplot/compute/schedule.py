"""When a call of a lane looks whether its frame may be taken, and when the helper looks instead. Pure.

In: the times of calls and takes; out: the times of the next looks. The clock is passed in, so that tests need none.

Most calls only leave their frame: they compare the clock with the time that is set here. A call behind that time *looks*:
it asks whether a reader wants a frame, and whether the budget pays for one. If the calls stop, the helper looks, once.
"""

from __future__ import annotations

from .rhythm import SHORTEST, Rhythm

#: A call that comes later than this after the one before is taken without being asked for, s. So a loop that is slower
#: than 50 calls a second never needs the helper, as long as the budget pays for each frame.
SLOW = 0.02

#: How long calls wait until one looks, s: after a take (a screen asks for a frame every 16 ms), and after a look. A look
#: costs 0.6 us, and several times as much in a computation that fills the caches.
LOOK_FIRST, LOOK_AGAIN = 0.008, 0.004

#: A reader that is faster than a screen is looked for after half, and then after a quarter, of the time between the two
#: newest takes; but not sooner than this, s. (10,000 points of white noise by pyqtgraph: 235 frames a second and not 175.)
LOOK_SOONEST = 0.001

#: A reader that has not asked for so long draws slowly, is stopped, or is gone. It is looked for more rarely, s.
PATIENCE, LOOK_RARELY = 0.1, 0.016

#: The helper is put off by so many looks at once. The next looks need not put it off again.
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
        When the helper is to look at the lane, s; infinity if it need not.
    covered_until : float
        Until then the helper is put off, and the next look need not put it off again, s.
    interval : float
        The time between two looks, s.

    Examples
    --------
    Calls every 4 ms that are not taken are looked at every 4 ms, and the helper looks when they have stopped:

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
        """How long calls must have stopped until the helper may copy what waits, s."""
        return SHORTEST if self._copies else self._rhythm.pause

    # --- in a call ---------------------------------------------------------------------------------

    def heard(self, now: float, called: int) -> bool:
        """Note a call that looks; True if it came late after the one before (`SLOW`).

        Parameters
        ----------
        now : float
            The present time, s.
        called : int
            How many calls there have been, this one included. Most of them do not look.
        """
        return self._rhythm.heard(now, called, self.covered_until) > SLOW

    def is_late(self, now: float) -> bool:
        """Whether a call that came now would come late."""
        return now - self._rhythm.last > SLOW

    def until_look(self, since_take: float) -> float:
        """How long until the next look if nothing is taken now, s.

        Parameters
        ----------
        since_take : float
            How long ago the last frame was taken, s.
        """
        self.interval = LOOK_AGAIN if since_take < PATIENCE else LOOK_RARELY
        return self.interval

    def until_look_after(self, cycle: float) -> float:
        """How long until the first look after a take, s.

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
            Whether there is something that only the helper can do.
        """
        covered = due + COVERED * self.interval
        self.quiet_at = 0.0 if at_once else covered + self.pause
        self.covered_until = covered - self.interval

    def forget(self) -> None:
        """Forget until when calls may have come unseen: the next call looks."""
        self.covered_until = -NEVER

    # --- in the helper -----------------------------------------------------------------------------

    def wait_for_calls(self, now: float) -> None:
        """Have the helper look when no call has come for the usual pause."""
        self.quiet_at = now + self.pause

    def is_quiet(self, now: float) -> bool:
        """Whether calls have stopped. If so, nothing is set: a call from now on sets the next time."""
        if now < self.quiet_at:
            return False
        self.quiet_at = NEVER
        return True

    def try_again(self, now: float, wait: float) -> None:
        """Have the helper look again after ``wait`` s: the budget does not pay for the frame yet, or a call came."""
        if self.quiet_at == NEVER:
            self.quiet_at = now + max(wait, SHORTEST)
