"""The websocket of the hub's page: its messages, and what it is told. Event loop.

Page -> hub: ``hello`` (token), ``from`` (what it has already: the hub and the cursor), ``seen`` (the runs in sight), ``open`` (a run),
``ping``. Hub -> page: ``welcome``, ``runs`` (what has changed; after ``from`` also which there are), ``gone``, ``opened``, ``failed``,
``pong``, ``bye``; and binary ones: the key of a run, and a small picture.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from tornado.websocket import WebSocketClosedError

from ..errors import AsyncplotError
from ..web.handlers import GuardedSocket

#: The page has to say the token within so many seconds.
_SILENT = 5.0

#: Codes with which a websocket is closed: bad message, wrong token, too many pages, or too many messages.
_BAD, _WRONG_TOKEN, _TOO_MANY = 4400, 4401, 4429

#: At most so many pages; of a page, so many messages at once and a second, and so many runs in sight.
_PAGES, _BURST, _PER_SECOND, _IN_SIGHT = 32, 200.0, 50.0, 200

#: The version of these messages.
_VERSION = 1


class Hub(Protocol):
    """What a desk needs of the hub."""

    desks: set[Desk]
    name: str

    def enter(self, desk: Desk) -> None:
        """A page has come."""
        ...

    def leave(self, desk: Desk) -> None:
        """A page has gone."""
        ...

    def tell(self, desk: Desk, cursor: int) -> None:
        """Tell a page all that has changed since then, and which runs there are."""
        ...

    def sight_changed(self) -> None:
        """A page shows other runs."""
        ...

    async def open(self, key: str) -> str:
        """Open a viewer of a run; returns its address. Raises AsyncplotError."""
        ...


class Desk(GuardedSocket):
    """One page.

    Attributes
    ----------
    seen : set of str
        The keys of the runs in sight.
    cursor : int
        What the page was told up to.
    """

    def initialize(self, hub: Hub) -> None:
        """Get what the routes say."""
        self.seen: set[str] = set()
        self.cursor = 0
        self._hub = hub
        self._welcome = False
        self._room, self._since = _BURST, time.monotonic()
        self._unsent = 0
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "from": self._from,
            "seen": self._sees,
            "open": self._opens,
            "ping": lambda said: self.tell("pong", at=said.get("at"), now=time.time()),
        }

    def open(self, *_: str, **__: str) -> None:
        super().open()
        asyncio.get_running_loop().call_later(_SILENT, self._close_if_silent)

    def on_message(self, message: str | bytes) -> None:
        if not self._may_speak():
            self.close(_TOO_MANY, "too many messages")
            return
        try:
            said = json.loads(message)
            kind = said["type"]
            if not self._welcome:
                self._begin(said)
            elif (handler := self._handlers.get(kind)) is not None:
                handler(said)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            self.close(_BAD, f"bad message: {type(error).__name__}")

    def on_close(self) -> None:
        if self._welcome:
            self._hub.leave(self)

    # --- what the page is told ---------------------------------------------------------------------

    @property
    def is_slow(self) -> bool:
        """Whether what it was told last has not gone out yet. It gets everything in one piece later."""
        return self._unsent > 0

    def tell(self, kind: str, **entries: Any) -> None:
        """Send a message; nothing if the page is gone."""
        self._send(json.dumps({"type": kind, **entries}), binary=False)

    def show(self, key: str, picture: bytes) -> None:
        """Send a small picture, if the run is in sight."""
        if key in self.seen and not self.is_slow:
            self._send(key.encode() + picture, binary=True)

    def _send(self, message: str | bytes, *, binary: bool) -> None:
        def sent(future: asyncio.Future[None]) -> None:
            self._unsent -= 1
            if not future.cancelled():
                future.exception()  # looked at, so that asyncio does not log it: the page is gone

        try:
            future = asyncio.ensure_future(self.write_message(message, binary=binary))
        except WebSocketClosedError:
            return
        self._unsent += 1
        future.add_done_callback(sent)

    # --- what it says ------------------------------------------------------------------------------

    def _begin(self, said: dict[str, Any]) -> None:
        if said["type"] != "hello":
            self.close(_BAD, "the first message is not hello")
        elif not self.guard.knows(said.get("token")):
            self.close(_WRONG_TOKEN, "wrong token")
        elif said.get("version") != _VERSION:
            self.close(_BAD, "reload the page: it is of another version")
        elif len(self._hub.desks) >= _PAGES:
            self.close(_TOO_MANY, f"{_PAGES} pages look already")
        else:
            self._welcome = True
            self.is_known()
            self.tell("welcome", now=time.time(), hub=self._hub.name)
            self._hub.enter(self)

    def _from(self, said: dict[str, Any]) -> None:
        known = said.get("hub") == self._hub.name and isinstance(said.get("cursor"), int)
        self._hub.tell(self, said["cursor"] if known else 0)

    def _sees(self, said: dict[str, Any]) -> None:
        keys = said["runs"]
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise ValueError("runs")
        self.seen = set(keys[:_IN_SIGHT])
        self._hub.sight_changed()

    def _opens(self, said: dict[str, Any]) -> None:
        key = said["run"]
        if not isinstance(key, str):
            raise ValueError("run")
        task = asyncio.ensure_future(self._opened(key))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _opened(self, key: str) -> None:
        try:
            path = await self._hub.open(key)
        except AsyncplotError as error:
            self.tell("failed", run=key, why=str(error))
        else:
            self.tell("opened", run=key, path=path)

    def _may_speak(self) -> bool:
        now = time.monotonic()
        self._room = min(self._room + (now - self._since) * _PER_SECOND, _BURST) - 1.0
        self._since = now
        return self._room >= 0.0

    def _close_if_silent(self) -> None:
        if not self._welcome:
            self.close(_BAD, "no hello")


def in_sight(desks: set[Desk]) -> set[str]:
    """The runs that any page shows."""
    return set().union(*(desk.seen for desk in desks))
