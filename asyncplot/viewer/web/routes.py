"""The viewer's HTTP server: the page's files, its websocket, and figures to be saved. GUI thread.

In: requests that `Guard` lets through. Out: a `Conversation` for each websocket, and files.
"""

from __future__ import annotations

import asyncio
import io
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError

from ...log import logger
from ...web.guard import Guard
from ...web.handlers import Guarded, GuardedSocket, server
from .conversation import BAD, Conversation
from .site import Site

#: The page has to say the token within so many seconds.
_SILENT = 5.0

#: A page for which so many bytes wait is dropped. Four large pictures have less.
_UNSENT = 1 << 26

#: The formats in which a figure can be saved, with their types.
_FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


class _Websocket(GuardedSocket):
    """The connection of one page."""

    def initialize(self, site: Site) -> None:
        """Get what the routes say."""
        self._conversation = Conversation(self, site, self.guard)
        self._unsent = 0  # bytes

    def open(self, *_: str, **__: str) -> None:
        super().open()
        asyncio.get_running_loop().call_later(_SILENT, self._close_if_silent)

    def on_message(self, message: str | bytes) -> None:
        had_begun = self._conversation.begun
        self._conversation.hear(message)
        if self._conversation.begun and not had_begun:
            self.is_known()

    def on_close(self) -> None:
        self._conversation.end()

    def send(self, message: str | bytes) -> None:
        """Send a message; nothing if the page is gone."""
        try:
            sent = self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            return
        # A page that reads nothing gets no more pictures, by its credit. But texts add up, too.
        self._unsent += len(message)
        sent.add_done_callback(lambda done: self._is_sent(done, len(message)))
        if self._unsent > _UNSENT:
            self.drop()

    def _is_sent(self, sent: asyncio.Future[None], size: int) -> None:
        self._unsent -= size
        if not sent.cancelled():
            sent.exception()  # looked at, so that asyncio does not log it: the page is gone

    def drop(self) -> None:
        """Close the connection; the page may come back."""
        self.close(1001, "no picture was painted")
        self._conversation.end()

    def _close_if_silent(self) -> None:
        if not self._conversation.begun:
            self.close(BAD, "no hello")


class _Figure(Guarded):
    """A figure to be saved."""

    def initialize(self, site: Site) -> None:
        """Get what the routes say."""
        self._site = site

    def get(self, number: str, form: str) -> None:
        """The figure in a format."""
        self.need_token()
        canvas = self._site.canvas(int(number))
        if canvas is None:
            raise HTTPError(404, reason="there is no such figure")
        self.set_header("Content-Type", _FORMATS[form])
        self.set_header("Content-Disposition", f'attachment; filename="figure-{number}.{form}"')
        self.finish(_saved(canvas, form))


def _saved(canvas: Any, form: str) -> bytes:
    """The figure as a file: the pixels that are shown as PNG, or all its lines and texts as SVG and PDF."""
    from ..pictures import png

    if form == "png":
        return png(canvas)
    file = io.BytesIO()
    try:
        canvas.figure.savefig(file, format=form, dpi=canvas.figure.dpi)
    except Exception as error:
        logger.exception("a figure cannot be saved as %s", form)
        raise HTTPError(500, reason="the figure cannot be saved; the viewer's log says why") from error
    return file.getvalue()


def routes(site: Site, guard: Guard) -> HTTPServer:
    """The server of a viewer. It does not listen yet."""
    return server(
        [
            (r"/socket", _Websocket, {"site": site}),
            (r"/figure/(\d{1,6})\.(png|svg|pdf)", _Figure, {"site": site}),
        ],
        guard,
    )
