"""Small pictures of the runs that a page shows: at most one a second of a run, and at most 500 kB a second of all. Event loop.

In: which runs are in sight. Out: JPEG of at most 320 pixels, asked from a viewer that the run has. A run without a viewer has none. A
picture that has not changed is not asked for again. The requests wait on a few threads, because a viewer answers between two frames.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..errors import AsyncplotError
from ..join.attaching import answering
from ..join.listing import described
from ..log import logger
from ..rpc import ClientConnection, Pump, connect
from .openings import Openings
from .roster import Known
from .turns import Turns

#: Pixels; bytes a second; and the largest picture that is passed on, bytes.
_WIDTH, _RATE, _LARGEST = 320, 500_000, 60_000

#: How many requests wait at once, and how long, s. A viewer that fails is asked again after so long, s.
_THREADS, _ANSWER, _AGAIN = 3, 2.0, 10.0


class Thumbnails:
    """Asks viewers for small pictures.

    Parameters
    ----------
    openings : Openings
        The viewers of runs of other hosts.
    made : callable
        Gets the key of a run and its picture.
    """

    def __init__(self, openings: Openings, made: Callable[[str, bytes], None]) -> None:
        self._openings = openings
        self._made = made
        self._newest: dict[str, bytes] = {}
        self._drawn: dict[str, int] = {}  # how many frames had been drawn when it was asked for
        self._turns = Turns(_RATE, time.monotonic())
        self._tasks: dict[str, asyncio.Future[None]] = {}
        self._connections = _Connections()
        self._pool: ThreadPoolExecutor | None = None
        self._wanted: set[str] = set()  # the keys of the runs in sight

    def newest(self, key: str) -> bytes | None:
        """The last picture of a run; None if there is none."""
        return self._newest.get(key)

    def refresh(self, runs: Iterable[Known]) -> None:
        """Ask for new pictures of the runs in sight, as far as there is room. Called once a second."""
        there = {known.key: known for known in runs}
        self._wanted = set(there)
        due = [key for key, known in there.items() if self._is_due(known)]
        for key in self._turns.take(due, time.monotonic()):
            self._tasks[key] = asyncio.ensure_future(self._ask(there[key]))

    def _is_due(self, known: Known) -> bool:
        row, key = known.row, known.key
        if key in self._tasks or not (row["viewers"] or row.get("open")):
            return False
        return bool(known.place) or row["drawn"] != self._drawn.get(key)

    async def _ask(self, known: Known) -> None:
        self._pool = self._pool or ThreadPoolExecutor(_THREADS, "asyncplot-thumbnails")
        drawn = known.row["drawn"]
        opening = self._openings.of(known.key)
        folder = None if opening is None else opening.folder
        try:
            picture = await asyncio.get_running_loop().run_in_executor(
                self._pool, self._connections.picture, known, folder
            )
        except Exception as error:  # noqa: BLE001 (what the viewer raised; an older one has no thumbnails)
            logger.debug("no thumbnail of %s: %s", known.row["name"], error)
            self._turns.wait(known.key, time.monotonic() + _AGAIN)
        else:
            self._came(known.key, drawn, picture)
        finally:
            self._tasks.pop(known.key, None)
            if known.key not in self._wanted:  # it went out of sight meanwhile, so nothing of it is kept
                self.forget([known.key])
            if not self._wanted:
                self.close()  # once more: its thread may have made a connection after the first time

    def _came(self, key: str, drawn: int, picture: bytes) -> None:
        self._turns.came(key, len(picture))
        self._drawn[key] = drawn
        if len(picture) <= _LARGEST and picture != self._newest.get(key):
            self._newest[key] = picture
            self._made(key, picture)

    def forget(self, keys: Iterable[str]) -> None:
        """These runs are not in sight any more, or gone."""
        for key in keys:
            self._wanted.discard(key)
            self._newest.pop(key, None)
            self._drawn.pop(key, None)
            self._turns.forget(key)
            self._connections.close(key)

    def close(self) -> None:
        """End the threads; no page is open."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self.forget(self._wanted | self._newest.keys() | self._drawn.keys())
        self._connections.close_all()


class _Connections:
    """The connections to viewers, all on one thread of `Pump`. Used by the threads of the pool."""

    def __init__(self) -> None:
        self._pump: Pump | None = None
        self._open: dict[str, tuple[Path, ClientConnection]] = {}
        self._lock = threading.Lock()

    def picture(self, known: Known, folder: Path | None) -> bytes:
        """A small picture of a run. Raises AsyncplotError if there is none."""
        if folder is None:
            folder = _viewer(known.directory)
        return bytes(self._connected(known.key, folder).root.thumbnail(_WIDTH))

    def _connected(self, key: str, folder: Path) -> ClientConnection:
        with self._lock:
            known = self._open.get(key)
            if known is not None and known[0] == folder and not known[1].closed:
                return known[1]
            self._pump = self._pump or Pump("asyncplot-thumbnails")
            pump = self._pump
        connection = connect(folder, pump, _ANSWER)
        with self._lock:
            self._open[key] = folder, connection
        if known is not None:
            known[1].close()
        return connection

    def close(self, key: str) -> None:
        """Close the connection to the viewer of a run."""
        with self._lock:
            known = self._open.pop(key, None)
        if known is not None:
            known[1].close()

    def close_all(self) -> None:
        """Close all, and end the thread."""
        for key in list(self._open):
            self.close(key)
        with self._lock:
            pump, self._pump = self._pump, None
        if pump is not None:
            pump.close()


def _viewer(directory: Path) -> Path:
    """The folder of a viewer that answers. Raises AsyncplotError if the run has none."""
    run = described(directory)
    viewer = None if run is None else answering(run)
    if viewer is None:
        raise AsyncplotError("no viewer of the run answers")
    return viewer.directory
