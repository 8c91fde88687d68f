"""How many windows are open, and whether the user has closed the last one. GUI thread.

In: the number of open windows, counted at the beginning of each tick, and again when the plotter may have changed it. Out:
whether the user closed the last one. The user closes windows between ticks, the plotter within them.
"""

from __future__ import annotations

from collections.abc import Callable


class OpenWindows:
    """The windows of one viewer.

    Parameters
    ----------
    count : callable
        Counts those that the user can close.

    Attributes
    ----------
    number : int
        How many were open when they were last counted.
    closed_by_user : bool
        Whether the user closed the last one before this tick.

    Examples
    --------
    >>> there = iter([1, 0])
    >>> windows = OpenWindows(lambda: next(there))
    >>> windows.begin_tick(), windows.closed_by_user
    (None, False)
    >>> windows.begin_tick(), windows.closed_by_user
    (None, True)
    """

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count
        self.number = 0
        self.closed_by_user = False

    def begin_tick(self) -> None:
        """Count, before the plotter has its turn."""
        before, self.number = self.number, self._count()
        self.closed_by_user = before > 0 and not self.number

    def recount(self) -> int:
        """Count again: the plotter had its turn, or a figure was shown."""
        self.number = self._count()
        return self.number
