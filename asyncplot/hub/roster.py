"""The runs that the hub knows, and what has changed since a page was told last. Pure.

In: runs as the survey finds them. Out: rows for the page, plain data. Each change gets a number, the *cursor*. A page that says
its cursor gets what has changed since then.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..rundir.printable import one_line

#: What is kept of a name, characters.
_LONGEST = 128


class Known(NamedTuple):
    """One run.

    Attributes
    ----------
    key : str
        Its name in addresses: 16 hexadecimal digits. Another run of the same name has another one.
    directory : Path
        Its run directory, on its host.
    place : str
        ``HOST`` or ``USER@HOST`` if it was listed by that host; empty: it is of this host.
    row : dict
        What the page shows.
    cursor : int
        When it changed.
    """

    key: str
    directory: Path
    place: str
    row: dict[str, Any]
    cursor: int


class Roster:
    """All runs.

    Attributes
    ----------
    cursor : int
        The number of the last change.

    Examples
    --------
    >>> roster = Roster()
    >>> key = roster.put({"name": "gpe", "host": "node7", "directory": "/run/gpe", "state": "running"})
    >>> [row["name"] for row in roster.since(0)], roster.since(roster.cursor)
    (['gpe'], [])
    """

    def __init__(self) -> None:
        self.cursor = 0
        self._known: dict[str, Known] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Known]:
        return iter(self._known.values())

    def get(self, key: str) -> Known | None:
        """The run with that key; None if there is none (any more)."""
        return self._known.get(key)

    @property
    def keys(self) -> list[str]:
        """The keys of all runs."""
        return list(self._known)

    def put(self, said: dict[str, Any], place: str = "") -> str:
        """Note how a run is, as `Run.as_dict` says it; it may come from another host. Returns its key."""
        row = _row(said, place)
        old = self._known.get(row["key"])
        if old is None or {**old.row, **row} != old.row:
            directory = Path(str(said.get("directory", "/")))
            row = {**(old.row if old else {}), **row}
            self._change(Known(row["key"], directory, place, row, 0))
        return str(row["key"])

    def mark(self, key: str, **entries: Any) -> None:
        """Note something more of a run."""
        known = self._known.get(key)
        if known is not None and {**known.row, **entries} != known.row:
            self._change(known._replace(row={**known.row, **entries}))

    def drop(self, keys: Iterable[str]) -> list[str]:
        """Forget runs; returns those that were there."""
        return [key for key in keys if self._known.pop(key, None) is not None]

    def since(self, cursor: int) -> list[dict[str, Any]]:
        """The rows that have changed since then, oldest change first."""
        changed = [known for known in self._known.values() if known.cursor > cursor]
        return [known.row for known in sorted(changed, key=lambda known: known.cursor)]

    def _change(self, known: Known) -> None:
        self.cursor += 1
        self._known[known.key] = known._replace(cursor=self.cursor)


def key_of(place: str, host: str, directory: str, since: float) -> str:
    """The key of a run.

    >>> key_of("", "node7", "/run/gpe", 1.5)
    '13f82a1fa7b47e27'
    """
    told = "\0".join([place, host, directory, repr(since)])
    return hashlib.blake2b(told.encode(errors="backslashreplace"), digest_size=8).hexdigest()


def _row(said: dict[str, Any], place: str) -> dict[str, Any]:
    """What the page shows of a run. Nothing is believed of what another host says."""
    given = said.get("stats")
    stats: dict[str, Any] = given if isinstance(given, dict) else {}
    host, since = _text(said.get("host")), _number(said.get("since"))
    age = stats.get("age")
    shown = time.time() - age if isinstance(age, int | float) and age < 1e12 else None
    return {
        "key": key_of(place, host, str(said.get("directory", "")), since),
        "name": _text(said.get("name")),
        "host": host,
        "place": place,
        "state": _text(said.get("state")),
        "since": since,
        # Rounded, so that what nobody would see is no change.
        "rate": float(f"{_number(said.get('rate')):.3g}"),
        "overhead": float(f"{_number(stats.get('overhead')):.3g}"),
        "viewers": int(_number(said.get("viewers"))),
        "called": int(_number(stats.get("called"))),
        "drawn": int(_number(stats.get("drawn"))),
        "shown": None if shown is None else round(shown),
    }


def _text(value: object) -> str:
    return one_line(value)[:_LONGEST] if isinstance(value, str) else ""


def _number(value: object) -> float:
    """A number that JSON can say; 0 for what is none."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return float(value) if fits and isinstance(value, int | float) else 0.0
