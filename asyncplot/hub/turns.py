"""Whose small picture is asked for next: at most one a second of a run, and at most so many bytes a second of all. Pure.

In: the runs that have another picture, the time, and the sizes of the pictures that came. Out: the runs whose turn it is.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Between two pictures of a run, s; it is a little less than the second between two calls.
_PAUSE = 0.9

#: What a first picture is expected to have, bytes.
_FIRST = 20_000


class Turns:
    """The turns of all runs.

    Parameters
    ----------
    rate : int
        Bytes a second, of all runs. Of what nobody took, one second is kept.
    now : float
        The time, s.

    Examples
    --------
    >>> turns = Turns(30_000, now=0.0)
    >>> turns.take(["a", "b"], 0.0), turns.take(["a", "b"], 0.1)
    (['a'], [])
    >>> turns.came("a", 5_000)
    >>> turns.take(["a", "b"], 1.0)
    ['b', 'a']
    """

    def __init__(self, rate: int, now: float) -> None:
        self._rate = rate
        self._room = float(rate)
        self._filled_at = now
        self._sizes: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._sizes.keys() | self._not_before.keys())

    def take(self, keys: Iterable[str], now: float) -> list[str]:
        """The runs whose turn it is, of these. The one that has waited longest is the first."""
        self._room = min(self._room + (now - self._filled_at) * self._rate, float(self._rate))
        self._filled_at = now
        due = [key for key in keys if self._not_before.get(key, now) <= now]
        taken = []
        for key in sorted(due, key=lambda key: self._not_before.get(key, 0.0)):
            expected = self._sizes.get(key, _FIRST)
            if self._room < expected:
                break
            self._room -= expected
            self._not_before[key] = now + _PAUSE
            taken.append(key)
        return taken

    def came(self, key: str, size: int) -> None:
        """A picture has come. If it has more bytes than was expected, the next ones wait for it."""
        self._room += self._sizes.get(key, _FIRST) - size
        self._sizes[key] = size

    def wait(self, key: str, until: float) -> None:
        """No picture came. The run has no turn until then."""
        self._room += self._sizes.get(key, _FIRST)
        self._not_before[key] = until

    def forget(self, key: str) -> None:
        """The run is not in sight any more, or gone."""
        self._sizes.pop(key, None)
        self._not_before.pop(key, None)
