"""Where the windows of one toolkit stand on the screen, and where new ones are put. GUI thread.

In: each window when it is shown, and the places where an earlier viewer's windows stood. Out: a place for each window, in the
order in which the windows appeared. How a window is moved and measured is the toolkit's part (`Standing`).
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

#: The places of the first windows that appear are kept, at most so many.
_KEPT = 32


class Geometry(NamedTuple):
    """Where a window stands.

    Attributes
    ----------
    x, y : int
        Its upper left corner, with its frame, pixels of the toolkit.
    width, height : int
        Its size, without its frame.
    own_width, own_height : int
        The size that it had when it appeared.
    """

    x: int
    y: int
    width: int
    height: int
    own_width: int
    own_height: int


class Standing(ABC):
    """One window, and where it stood last.

    Parameters
    ----------
    window : object
        The toolkit's window, held weakly.
    own : tuple of int
        The width and height that it has by itself.
    """

    def __init__(self, window: Any, own: tuple[int, int]) -> None:
        self._window = weakref.ref(window)
        self._own = own
        self._last: Geometry | None = None

    def is_of(self, window: Any) -> bool:
        """Whether this is that window."""
        return self._window() is window

    def put(self, place: Geometry) -> None:
        """Move the window. Resize it, too, unless its plotter gives it another size now."""
        if self.is_on_a_screen(place):
            self.move(self._window(), place, resize=(place.own_width, place.own_height) == self._own)

    def look(self) -> Geometry | None:
        """Where the window stands, or stood when it was last seen; None if it was never seen."""
        window = self._window()
        found = None if window is None else self.measured(window)
        if found is not None:
            self._last = Geometry(*found, *self._own)
        return self._last

    @abstractmethod
    def is_on_a_screen(self, place: Geometry) -> bool:
        """Whether a window there can be seen: a screen may have been unplugged."""

    @abstractmethod
    def move(self, window: Any, place: Geometry, *, resize: bool) -> None:
        """Move a window, and resize it if asked to."""

    @abstractmethod
    def measured(self, window: Any) -> tuple[int, int, int, int] | None:
        """x, y, width and height of a window; None if it is not shown."""


class StandingWindows:
    """The windows of one toolkit.

    Parameters
    ----------
    standing : callable, optional
        Makes the `Standing` of a window that appears. None: no window ever appears.
    """

    def __init__(self, standing: Callable[[Any], Standing] | None = None) -> None:
        self._make = standing
        self._windows: list[Standing] = []
        self._places: list[Geometry | None] = []

    def put(self, places: Sequence[Geometry | None]) -> None:
        """Put the windows that appear from now on at these places, in the order in which they appear."""
        self._places = list(places)

    def appears(self, window: Any) -> None:
        """A window is about to be shown. If it is new, put it at its place."""
        index = len(self._windows)
        if self._make is None or index == _KEPT or any(each.is_of(window) for each in self._windows):
            return
        self._windows.append(self._make(window))
        place = self._places[index] if index < len(self._places) else None
        if place is not None:
            self._windows[index].put(place)

    def look(self) -> list[Geometry | None]:
        """Where the windows stand, or stood when they were closed, in the order in which they appeared."""
        return [each.look() for each in self._windows]
