"""When the loop ticks next. Pure: the clock is passed in.

In: when a tick began and ended, whether it drew a frame, and the rate that the plotter asks for. Out: seconds.
"""

from __future__ import annotations

from typing import Any

from ..errors import AsyncplotError

#: Ticks while frames come, and when they do not, s; frames count as coming for so long after the last one, s.
BUSY, IDLE, COMING = 0.008, 0.05, 1.0

#: Draws are at least as far apart as the frames of a screen (unless the plotter asks for more, by ``fps``), and the GUI gets
#: at least so much time between them, s.
SCREEN, TURN = 0.016, 0.002

#: The highest rate that a plotter may ask for, frames a second.
FASTEST = 1000.0


class Ticks:
    """The rhythm of one viewer.

    Parameters
    ----------
    fps : float or None
        The plotter's attribute ``fps``: how many frames a second it wants at most.

    Raises
    ------
    AsyncplotError
        If ``fps`` is no such number.

    Examples
    --------
    >>> Ticks(None).after_frame(0.0, 0.004), Ticks(250).after_frame(0.0, 0.004)
    (0.012, 0.002)
    """

    def __init__(self, fps: Any) -> None:
        if fps is not None and (not isinstance(fps, int | float) or not 0.0 < fps <= FASTEST):
            raise AsyncplotError(
                f"the plotter's fps is {fps!r}; it is a number above 0 and at most {FASTEST:g}"
            )
        self._interval = SCREEN if fps is None else 1.0 / fps
        self._busy_at = 0.0

    def busy(self, now: float) -> None:
        """Something happens: tick quickly for a while."""
        self._busy_at = now

    def after_frame(self, started: float, now: float) -> float:
        """How long to wait after a tick that drew a frame, s."""
        self._busy_at = now
        return max(self._interval - (now - started), min(TURN, self._interval))

    def without_frame(self, now: float) -> float:
        """How long to wait after a tick that drew none, s."""
        return min(BUSY, self._interval) if now - self._busy_at < COMING else IDLE
