"""What one page says to its viewer, from its first message on. GUI thread.

In: the texts of a websocket. Out: calls of the `Site`. A page that says something wrong, or too much, is let go of. A page that does not
drive may look, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from ...web.guard import Guard
from . import gestures, messages
from .messages import BadMessage
from .page import Page
from .pages import MOST
from .site import Site

#: Codes with which a websocket is closed: bad message, wrong token, too many pages.
BAD, WRONG_TOKEN, TOO_MANY = 4400, 4401, 4429

#: A page may send so many messages at once, and so many a second.
_BURST, _PER_SECOND = 2000.0, 500.0


class Socket(Protocol):
    """What a conversation needs of its websocket."""

    def send(self, message: str | bytes) -> None:
        """Send a message; nothing if the page is gone."""
        ...

    def drop(self) -> None:
        """Close the connection; the page may come back."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the connection, and say why."""
        ...


class Conversation:
    """With one page.

    Parameters
    ----------
    socket : Socket
        Its websocket.
    site : Site
        The figures.
    guard : Guard
        Knows the token.
    """

    def __init__(self, socket: Socket, site: Site, guard: Guard) -> None:
        self._socket = socket
        self._site = site
        self._guard = guard
        self._page: Page | None = None
        self._is_over = False
        self._room, self._since = _BURST, time.monotonic()
        self._handlers: dict[str, Callable[[Page, dict[str, Any]], None]] = {
            "seen": lambda page, said: site.seen(page, said["figures"]),
            "painted": lambda page, said: site.painted(page, said["figure"], said["number"]),
            "key": lambda page, said: site.needs_whole(page, said["figure"]),
            "control": lambda page, said: site.give_control(page),
            "ping": lambda page, said: page.tell(messages.text("pong", at=said["at"], now=time.time())),
            "mouse": self._mouse,
            "key_event": self._key_event,
            "tool": self._tool,
            "resize": self._resize,
            "set": self._set,
            "press": self._press,
            "end": self._end,
        }

    @property
    def begun(self) -> bool:
        """Whether the page has said the token."""
        return self._page is not None

    def hear(self, text: str | bytes) -> None:
        """A message has come."""
        if self._is_over:
            return  # what was on its way when the connection was closed
        if not self._may_speak():
            self._close(TOO_MANY, "too many messages")
            return
        try:
            said = messages.parsed(text)
            if self._page is None:
                self._begin(said)
            elif (handler := self._handlers.get(said["type"])) is not None:
                handler(self._page, said)
        except BadMessage as error:
            self._close(BAD, str(error)[:100])

    def end(self) -> None:
        """The page is gone."""
        self._is_over = True
        if self._page is not None:
            self._site.leave(self._page)
            self._page = None

    def _close(self, code: int, reason: str) -> None:
        """Let go of the page, at once: it may take some seconds until its side of the connection is closed."""
        self._socket.close(code, reason)
        self.end()

    def _begin(self, said: dict[str, Any]) -> None:
        if said["type"] != "hello":
            raise BadMessage("the first message is not hello")
        if not self._guard.knows(said["token"]):
            self._close(WRONG_TOKEN, "wrong token")
        elif said["version"] != messages.VERSION:
            self._close(BAD, "reload the page: it is of another version")
        elif len(self._site.pages) >= MOST:
            self._close(TOO_MANY, f"{MOST} pages look already")
        else:
            self._page = self._site.page(self._socket)
            self._page.session, self._page.ratio = said.get("session", ""), float(said.get("ratio", 1.0))
            self._page.whole = said.get("whole", False)
            self._site.enter(self._page)

    def _may_speak(self) -> bool:
        """Whether the page keeps to the number of messages that it may send."""
        now = time.monotonic()
        self._room = min(self._room + (now - self._since) * _PER_SECOND, _BURST) - 1.0
        self._since = now
        return self._room >= 0.0

    # --- what only the page that drives may do -----------------------------------------------------

    def _canvas(self, page: Page, said: dict[str, Any]) -> Any:
        """The canvas that a message is for; None if the page does not drive, or there is no such figure."""
        return self._site.canvas(said["figure"]) if self._site.pages.drives(page) else None

    def _mouse(self, page: Page, said: dict[str, Any]) -> None:
        if (canvas := self._canvas(page, said)) is not None:
            self._site.act(lambda: gestures.mouse(canvas, said))
        if "serial" in said:
            page.tell(messages.text("moved", serial=said["serial"]))

    def _key_event(self, page: Page, said: dict[str, Any]) -> None:
        if (canvas := self._canvas(page, said)) is not None:
            self._site.act(lambda: gestures.key(canvas, said))

    def _tool(self, page: Page, said: dict[str, Any]) -> None:
        if (canvas := self._canvas(page, said)) is not None:
            self._site.act(lambda: gestures.tool(canvas, said["name"]))

    def _resize(self, page: Page, said: dict[str, Any]) -> None:
        if self._canvas(page, said) is not None:
            page.ratio = float(said.get("ratio", page.ratio))
            self._site.act(lambda: self._site.resize(said["figure"], said["width"], said["height"]))

    def _set(self, page: Page, said: dict[str, Any]) -> None:
        if self._site.pages.drives(page):
            self._site.knobs.set(said["name"], said["value"])

    def _press(self, page: Page, said: dict[str, Any]) -> None:
        if self._site.pages.drives(page):
            self._site.knobs.press(said["name"])

    def _end(self, page: Page, said: dict[str, Any]) -> None:
        if self._site.pages.drives(page):
            self._site.end()
