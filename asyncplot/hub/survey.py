"""Looks which runs there are, while a page is open: those of this host each second, those of other hosts each 10 s. Event loop.

In: the run directories, and what ``asyncplot list --json`` says on other hosts. Out: changes of the `Roster`.

To read all about a run takes 0.3 ms. So one look reads as many runs as fit into 6 ms: first those that the page shows, then those
that were read longest ago. Which runs there are is seen by the time stamps of two folders.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import AsyncplotError
from ..join import Place, described
from ..join.listing import directories, elsewhere
from ..log import logger
from ..remote import reach
from ..rundir import base_path, register
from .roster import Roster

#: Between two looks; and between two questions to another host, s.
_LOOK, _ASK = 1.0, 10.0

#: How long a look may take, s.
_BUDGET = 0.006

#: A run that does not compute is read again after so long, s.
_AT_REST = 30.0


class Survey:
    """Keeps a roster up to date.

    Parameters
    ----------
    roster : Roster
        Gets what is found.
    places : sequence of Place
        The other hosts.
    changed : callable
        Called after each look, with the keys of the runs that are gone.

    Attributes
    ----------
    seen : set of str
        The keys of the runs that a page shows now: they are read first.
    mirrors : callable
        The ids of the processes whose runs are not listed: they mirror runs of other hosts for the hub itself.
    """

    def __init__(self, roster: Roster, places: Sequence[Place], changed: Callable[[list[str]], None]) -> None:
        self.seen: set[str] = set()
        self.mirrors: Callable[[], set[int]] = set
        self._roster = roster
        self._places = places
        self._changed = changed
        self._keys: dict[Path, str] = {}  # of the runs of this host; empty: it could not be read yet
        self._read_at: dict[Path, float] = {}
        self._stamps: tuple[int, ...] = ()
        self._shared: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look: a page is open."""
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._keep_looking())]
            self._tasks += [loop.create_task(self._keep_asking(place)) for place in self._places]

    def stop(self) -> None:
        """Look no more: no page is open."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def read_all(self) -> None:
        """Read all about all runs of this host, however long that takes."""
        self._find()
        for directory in list(self._keys):
            self._read(directory)
            await asyncio.sleep(0)

    # --- this host ---------------------------------------------------------------------------------

    async def _keep_looking(self) -> None:
        while True:
            self._changed(self.look())
            await asyncio.sleep(_LOOK)

    def look(self) -> list[str]:
        """Read what is due, as far as there is time; returns the keys of the runs that are gone."""
        end = time.perf_counter() + _BUDGET
        gone = self._find()
        for directory in self._due(time.monotonic()):
            if (key := self._read(directory)) is not None:
                gone.append(key)
            if time.perf_counter() > end:
                break
        return self._roster.drop(gone)

    def _find(self) -> list[str]:
        """See which run directories there are; returns the keys of the runs that are gone."""
        stamps = _stamps()
        if stamps == self._stamps:
            return []
        # A folder that changes twice within a tick of its clock has the same stamp. So a young one is read again.
        self._stamps = stamps if max(stamps) < time.time_ns() - 50_000_000 else ()
        there = set(directories())
        gone = [key for path, key in self._keys.items() if path not in there and key]
        self._keys = {path: self._keys.get(path, "") for path in there}
        self._read_at = {path: at for path, at in self._read_at.items() if path in there}
        now = [self._roster.put(run.as_dict()) for run in elsewhere()]
        gone += [key for key in self._shared if key not in now]
        self._shared = now
        return gone

    def _due(self, now: float) -> list[Path]:
        def resting(path: Path) -> bool:
            known = self._roster.get(self._keys[path])
            return known is not None and known.row["state"] in {"dead", "malformed"}

        due = [
            path
            for path in self._keys
            if now - self._read_at.get(path, -_AT_REST) >= (_AT_REST if resting(path) else 0.9 * _LOOK)
        ]
        return sorted(due, key=lambda path: (self._keys[path] not in self.seen, self._read_at.get(path, 0.0)))

    def _read(self, directory: Path) -> str | None:
        """Read all about a run; returns the key of another run that was there before."""
        self._read_at[directory] = time.monotonic()
        run = described(directory)
        old, key = self._keys[directory], ""
        if run is not None and run.pid not in self.mirrors():
            key = self._roster.put(run.as_dict())
        self._keys[directory] = key
        return old if old and old != key else None

    # --- other hosts -------------------------------------------------------------------------------

    async def _keep_asking(self, place: Place) -> None:
        while True:
            try:
                said = await asyncio.to_thread(reach.output, place, "", ["list", "--json"])
                found = json.loads(said)
            except (AsyncplotError, ValueError) as error:
                logger.warning("%s cannot be asked for its runs: %s", place, error)
            else:
                rows = [each for each in found if isinstance(each, dict) and each.get("state") != "elsewhere"]
                now = {self._roster.put(each, str(place)) for each in rows}
                before = {known.key for known in self._roster if known.place == str(place)}
                self._changed(self._roster.drop(before - now))
            await asyncio.sleep(_ASK)


def _stamps() -> tuple[int, ...]:
    """When the folder of run directories, and that of the records, changed last."""
    found = []
    try:
        found.append(os.stat(base_path()).st_mtime_ns)
        found.append(os.stat(register.register_directory()).st_mtime_ns)
    except (OSError, AsyncplotError):
        pass  # there has been no run yet
    return tuple(found)
