"""Passes on between a page and the viewer that the hub has opened for it: files, and the websocket. Event loop.

In: requests for ``/run/KEY/viewer/N/...``. Out: what the viewer answers at the Unix socket in its folder. The page knows the hub's
token only. The hub puts the viewer's own one in its place.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.web import HTTPError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..web.handlers import Guarded, GuardedSocket
from ..web.reaching import At
from .openings import Opening, Openings

#: The largest message of a viewer, and the largest figure to be saved, bytes.
_MOST = 1 << 26

#: How long a viewer may take to answer, s; it may be drawing.
_ANSWER = 30.0

#: A page has to say the token within so many seconds.
_SILENT = 5.0

#: Codes with which a websocket is closed: bad message, wrong token, the viewer does not answer.
_BAD, _WRONG_TOKEN, _NO_VIEWER = 4400, 4401, 1013


class _Framed(Guarded):
    """What is common to both: the page of the viewer stands in a frame of the hub's page, and in no other."""

    def initialize(self, openings: Openings) -> None:
        """Get what the routes say."""
        self._openings = openings

    def set_default_headers(self) -> None:
        super().set_default_headers()
        policy = self._headers["Content-Security-Policy"]
        self.set_header(
            "Content-Security-Policy", policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        )
        self.set_header("X-Frame-Options", "SAMEORIGIN")

    def _opening(self, key: str, number: str) -> Opening:
        opening = self._openings.get(key, f"viewer/{number}/")
        if opening is None:
            raise HTTPError(404, reason="that viewer is not open")
        return opening


class PassedFile(_Framed):
    """A file of a viewer's page, which needs no token; or a figure, which does."""

    async def get(self, key: str, number: str, name: str) -> None:
        """Fetch it from the viewer."""
        opening = self._opening(key, number)
        headers = {}
        if name.startswith("figure/"):
            self.need_token()
            headers["Authorization"] = f"Bearer {opening.token}"
        response = await _fetched(opening, name, headers)
        for header in ("Content-Type", "Content-Disposition"):
            if header in response.headers:
                self.set_header(header, response.headers[header])
        self.set_status(response.code)
        await self.finish(response.body)


async def _fetched(opening: Opening, name: str, headers: dict[str, str]) -> HTTPResponse:
    client = SimpleAsyncHTTPClient(
        force_instance=True, resolver=At(folder=opening.folder), max_body_size=_MOST, max_buffer_size=_MOST
    )
    request = HTTPRequest(
        f"http://localhost/{name}", headers=headers, request_timeout=_ANSWER, follow_redirects=False
    )
    try:
        return await client.fetch(request, raise_error=False)
    except OSError as error:
        raise HTTPError(502, reason="the viewer does not answer") from error
    finally:
        client.close()


class PassedSocket(_Framed, GuardedSocket):
    """The websocket of a page that looks at a viewer."""

    _far: WebSocketClientConnection | None = None
    _looks: Any = None

    async def get(self, key: str, number: str) -> None:
        """Open the websocket, if that viewer is open."""
        self._key, self._to = key, self._opening(key, number)
        await super().get(key, number)

    def open(self, *_: str, **__: str) -> None:
        """Wait for the token."""
        super().open()
        asyncio.get_running_loop().call_later(_SILENT, self._close_if_silent)

    async def on_message(self, message: str | bytes) -> None:
        # The next message is read when this one has been handled.
        if self._far is None:
            await self._begin(message)
            return
        try:
            await self._far.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            pass  # `_heard` is told

    def on_close(self) -> None:
        if self._far is not None:
            self._far.close()
        if self._looks is not None:
            self._looks.__exit__(None, None, None)
            self._looks = None

    async def _begin(self, message: str | bytes) -> None:
        """The first message: the hub's token goes out of it, and the viewer's one goes in."""
        said = _hello(message)
        if said is None:
            self.close(_BAD, "the first message is not hello")
        elif not self.guard.knows(said.get("token")):
            self.close(_WRONG_TOKEN, "wrong token")
        else:
            self.is_known()
            self._looks = self._openings.looked_at(self._key)
            self._looks.__enter__()
            try:
                self._far = await websocket_connect(
                    "ws://localhost/socket",
                    connect_timeout=_ANSWER,
                    on_message_callback=self._heard,
                    max_message_size=_MOST,
                    resolver=At(folder=self._to.folder),
                )
                await self._far.write_message(json.dumps({**said, "token": self._to.token}))
            except (OSError, WebSocketClosedError):
                self.close(_NO_VIEWER, "the viewer does not answer")
            if self.ws_connection is None and self._far is not None:
                self._far.close()  # the page has gone meanwhile

    def _heard(self, message: str | bytes | None) -> None:
        """The viewer has said something; None: it has closed the connection."""
        if message is None:
            assert self._far is not None  # it has just spoken
            self.close(self._far.close_code or _NO_VIEWER, self._far.close_reason)
            return
        try:
            # What is under way is bounded by the credit that the page gives its viewer.
            self.write_message(message, binary=isinstance(message, bytes)).add_done_callback(_looked_at)
        except WebSocketClosedError:
            pass  # `on_close` is called

    def _close_if_silent(self) -> None:
        if self._looks is None:
            self.close(_BAD, "no hello")


def _hello(message: str | bytes) -> dict[str, Any] | None:
    """The first message of a page; None if it is none."""
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and said.get("type") == "hello" else None


def _looked_at(sent: asyncio.Future[None]) -> None:
    """Look at the exception of a message that was not sent, so that asyncio does not log it: the page is gone."""
    if not sent.cancelled():
        sent.exception()
