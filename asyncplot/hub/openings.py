"""The web viewers that pages of the hub may look at, and the processes that keep them. Event loop.

In: a run that a page opens. Out: the folder of a web viewer, in which its socket listens, and its secret. A web viewer that the run
already has is used. Otherwise one is started. It ends when nobody has looked at it for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import AsyncplotError, ViewerGone
from ..join import Place
from ..join.listing import described, living_viewers
from ..launch.bootstrap import bootstrap
from ..launch.command import flags
from ..launch.following import environment, unfollowed
from ..rundir.format import ANNOUNCEMENT, WEB_FILE
from ..rundir.records import WebRecord, read_record
from .roster import Known

#: A viewer that the hub has started ends when nobody has looked at it for so long, s.
_UNSEEN = 30.0

#: How long a keeper may take to end its viewer, s.
_ENDING = 3.0

#: At most so many viewers are started.
_MOST = 16


class Opening(NamedTuple):
    """A web viewer that can be looked at.

    Attributes
    ----------
    folder : Path
        Its folder.
    token : str
        Its secret.
    """

    folder: Path
    token: str

    @property
    def path(self) -> str:
        """Its address below that of its run."""
        return f"viewer/{self.folder.name.removeprefix('viewer-')}/"


class Openings:
    """All that are open.

    Parameters
    ----------
    places : dict of str to Place
        The other hosts, by their names.
    changed : callable
        Called with the key of a run, and its opening; None: it is closed.
    """

    def __init__(self, places: dict[str, Place], changed: Callable[[str, Opening | None], None]) -> None:
        self._places = places
        self._changed = changed
        self._open: dict[str, Opening] = {}
        self._keepers: dict[str, asyncio.subprocess.Process] = {}
        self._starting: dict[str, asyncio.Task[Opening]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._looking: dict[str, int] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def get(self, key: str, path: str) -> Opening | None:
        """The opening of a run with that path; None if there is none."""
        opening = self._open.get(key)
        return opening if opening is not None and opening.path == path else None

    def of(self, key: str) -> Opening | None:
        """The opening of a run; None if it is not open."""
        return self._open.get(key)

    def mirrors(self) -> set[int]:
        """The ids of the processes that keep viewers."""
        return {keeper.pid for keeper in self._keepers.values()}

    async def open(self, known: Known) -> Opening:
        """A viewer of the run. Raises AsyncplotError if there can be none."""
        opening = self._open.get(known.key)
        if opening is not None and (opening.folder / WEB_FILE).exists():
            return opening
        task = self._starting.get(known.key)
        if task is None:
            task = self._starting[known.key] = asyncio.ensure_future(self._start(known))
            task.add_done_callback(lambda _: self._starting.pop(known.key, None))
        opening = await asyncio.shield(task)
        self._unseen_after_a_while(known.key)
        return opening

    @contextlib.contextmanager
    def looked_at(self, key: str) -> Any:
        """While a page looks at the viewer of a run."""
        self._looking[key] = self._looking.get(key, 0) + 1
        try:
            yield
        finally:
            self._looking[key] -= 1
            if not self._looking[key]:
                del self._looking[key]
            self._unseen_after_a_while(key)

    async def close(self) -> None:
        """End all viewers that were started here."""
        for task in self._starting.values():
            task.cancel()
        for timer in self._timers.values():
            timer.cancel()
        await asyncio.gather(*self._starting.values(), return_exceptions=True)
        for key in list(self._keepers):
            self._end(key)
        await asyncio.gather(*self._ending)

    # --- starting ----------------------------------------------------------------------------------

    async def _start(self, known: Known) -> Opening:
        there = None if known.place else _web_viewer(known.directory)
        if there is None:
            self._end(known.key)
            there = _opening(await self._keep(known))
        self._open[known.key] = there
        self._changed(known.key, there)
        return there

    async def _keep(self, known: Known) -> Path:
        """Start a keeper, and wait for the folder of its viewer."""
        if len(self._keepers) >= _MOST:
            raise ViewerGone(f"{_MOST} viewers are open; close some")
        place = self._places[known.place] if known.place else ()
        call = f"main({str(known.directory)!r}, {tuple(place)!r}, {known.row['name']!r})"
        command = unfollowed([sys.executable, *flags(), "-c", bootstrap("hub.keeper", call)])
        pipe = asyncio.subprocess.PIPE
        keeper = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, env=environment(), start_new_session=True
        )
        self._keepers[known.key] = keeper
        try:
            record = await _announced(keeper)
        except BaseException:
            self._end(known.key)
            raise
        self._spawn(self._watch(known.key, keeper))
        return Path(record["folder"])

    async def _watch(self, key: str, keeper: asyncio.subprocess.Process) -> None:
        """Notice that a viewer has ended by itself."""
        await keeper.wait()
        if self._keepers.get(key) is keeper:
            self._end(key)

    # --- ending ------------------------------------------------------------------------------------

    def _unseen_after_a_while(self, key: str) -> None:
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()
        if not self._looking.get(key) and key in self._open:
            self._timers[key] = asyncio.get_running_loop().call_later(_UNSEEN, self._unseen, key)

    def _unseen(self, key: str) -> None:
        self._timers.pop(key, None)
        if not self._looking.get(key):
            self._end(key)

    def _end(self, key: str) -> None:
        """Close the opening of a run, and end its viewer if it was started here."""
        if self._open.pop(key, None) is not None:
            self._changed(key, None)
        keeper = self._keepers.pop(key, None)
        if keeper is not None:
            self._spawn(_ended(keeper))

    def _spawn(self, what: Any) -> None:
        task = asyncio.ensure_future(what)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _announced(keeper: asyncio.subprocess.Process) -> dict[str, Any]:
    """What a keeper says. Raises ViewerGone if it has no viewer."""
    assert keeper.stdout is not None  # a pipe was asked for
    line = await keeper.stdout.readline()
    if not line.startswith(ANNOUNCEMENT):
        raise ViewerGone("the viewer could not be started; the hub's terminal may say why")
    record: dict[str, Any] = json.loads(line.removeprefix(ANNOUNCEMENT))
    if "folder" not in record:
        raise ViewerGone(str(record.get("failed", "there is no viewer")))
    return record


async def _ended(keeper: asyncio.subprocess.Process) -> None:
    """End a keeper. It ends its viewer, and removes its folder."""
    assert keeper.stdin is not None  # a pipe was asked for
    keeper.stdin.close()
    try:
        await asyncio.wait_for(keeper.wait(), _ENDING)
    except TimeoutError:
        keeper.kill()
        await keeper.wait()


def _opening(folder: Path) -> Opening:
    record = read_record(folder / WEB_FILE, WebRecord)
    if record is None or not record.token:
        raise ViewerGone("the viewer has just ended")
    return Opening(folder, record.token)


def _web_viewer(directory: Path) -> Opening | None:
    """The oldest web viewer that a run of this host has; None if it has none."""
    run = described(directory)
    if run is None:
        return None
    for viewer in living_viewers(run):
        with contextlib.suppress(AsyncplotError):
            return _opening(viewer.directory)
    return None
