"""How many pictures of a figure may be on their way to one page. Pure: the clock is passed in.

A page says what it has painted. So a page that is slow, or behind a slow line, has few pictures on their way, and gets the
next one as soon as it has painted one. On a line with a long way, more pictures may be on their way, for the same rate.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

#: Pictures on their way: at first, and at most.
_FIRST, _MOST = 2, 4

#: Bytes on their way, if it is more than one picture: what the page takes in so many seconds, but so many in any case. (On a
#: line with 1 Mbit/s these are 0.26 s.)
_SECONDS, _BYTES = 0.1, 1 << 15

#: What a new value weighs in an average.
_WEIGHT = 0.2


class _Flying(NamedTuple):
    number: int
    size: int
    at: float


class Credit:
    """The credit of one page for one figure.

    Attributes
    ----------
    delay : float
        How long it took, on average, from sending a picture until it was painted, s; 0: not known yet.

    Examples
    --------
    >>> credit = Credit()
    >>> for number in (1, 2):
    ...     credit.sent(number, 10_000, now=0.0)
    >>> credit.is_left, credit.painted(2, now=0.02), credit.is_left
    (False, True, True)
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self._flying: deque[_Flying] = deque()
        self._interval = 0.0  # between two pictures, on average, s
        self._sent_at = 0.0
        self._rate = math.inf  # bytes a second that this page takes

    @property
    def is_left(self) -> bool:
        """Whether another picture may be sent."""
        if not self._flying:
            return True
        size = sum(each.size for each in self._flying)
        return len(self._flying) < self._window and size <= max(self._rate * _SECONDS, _BYTES)

    @property
    def waits_since(self) -> float | None:
        """When the oldest picture that is not painted yet was sent; None if there is none."""
        return self._flying[0].at if self._flying else None

    @property
    def _window(self) -> int:
        if not self._interval or not self.delay:
            return _FIRST
        return min(max(math.ceil(self.delay / self._interval) + 1, _FIRST), _MOST)

    def sent(self, number: int, size: int, now: float) -> None:
        """A picture is on its way; ``size`` is an estimate, bytes."""
        if self._sent_at:
            self._interval += _WEIGHT * (min(now - self._sent_at, 1.0) - self._interval)
        self._sent_at = now
        self._flying.append(_Flying(number, size, now))

    def weighs(self, number: int, size: int) -> None:
        """The size of a picture on its way is known now, bytes."""
        for index, each in enumerate(self._flying):
            if each.number == number:
                self._flying[index] = each._replace(size=size)

    def painted(self, number: int, now: float) -> bool:
        """The page has painted a picture, and so all before it. False if that picture was never on its way."""
        if not any(each.number == number for each in self._flying):
            return False
        size = 0
        while self._flying and self._flying[0].number <= number:
            last = self._flying.popleft()
            size += last.size
        delay = max(now - last.at, 1e-4)
        self.delay += (_WEIGHT if self.delay else 1.0) * (delay - self.delay)
        rate = size / delay
        self._rate = rate if math.isinf(self._rate) else self._rate + _WEIGHT * (rate - self._rate)
        return True

    def forget(self) -> None:
        """No picture is on its way any more: the page is hidden, and paints none."""
        self._flying.clear()
