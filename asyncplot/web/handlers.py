"""Answers requests for the page's files, and what every answer has: the checks of `Guard`, and headers. Event loop's thread.

In: HTTP requests. Out: the files in ``page``. They hold no secret, so they need no token. Everything else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketHandler

from .guard import Guard

#: The folder with the page's files.
PAGE = Path(__file__).with_name("page")

#: The files that are served, by their name in the URL, with their types.
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

#: The page loads nothing from anywhere else, runs no script but its own files, and stands in no frame.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "asyncplot",
}

#: The largest message of a page, bytes; a page sends none of this size. And how often a silent page is asked whether it is
#: there, and when it counts as gone, s.
_MESSAGE_BYTES, _PING, _GONE = 1 << 14, 10, 10


#: So many connections have not shown the token, at most. One more closes the oldest of them, so another user of this machine
#: cannot take all descriptors, and cannot keep a page out for long.
_STRANGERS = 64


class _Server(HTTPServer):
    """An HTTP server with a bounded number of connections."""

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        application: Any = self.request_callback
        strangers: dict[IOStream, None] = application.settings["strangers"]
        for each in [each for each in strangers if each.closed()]:
            del strangers[each]
        if len(strangers) >= _STRANGERS:
            oldest = next(iter(strangers))
            del strangers[oldest]
            oldest.close()
        strangers[stream] = None
        super().handle_stream(stream, address)


class Guarded(RequestHandler):
    """A handler that answers only who may ask. Its application has the setting ``guard``."""

    @property
    def guard(self) -> Guard:
        """Decides who may ask."""
        guard: Guard = self.settings["guard"]
        return guard

    def set_default_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        host = self.request.headers.get("Host", "")
        why = self.guard.refuses_host(host) or self.guard.refuses_origin(
            self.request.headers.get("Origin"), host
        )
        if why:
            raise HTTPError(403, reason="not this server")

    def need_token(self) -> None:
        """Refuse the request if its header ``Authorization`` does not have the token."""
        kind, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not self.guard.knows(token.strip()):
            raise HTTPError(401, reason="the token is missing or wrong")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class PageFile(Guarded):
    """The files of the page."""

    def initialize(self, folders: Sequence[Path] = (PAGE,)) -> None:
        """Learn in which folders they are; the first one that has a name counts."""
        self._folders = folders

    def get(self, name: str) -> None:
        name = name or "index.html"
        kind = _TYPES.get(Path(name).suffix)
        # Only names that are in the folders: no path leads out of them.
        files = [file for folder in self._folders for file in folder.iterdir() if file.name == name]
        if kind is None or not files:
            raise HTTPError(404, reason="there is no such page")
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish(files[0].read_bytes())

    head = get


class GuardedSocket(Guarded, WebSocketHandler):
    """A websocket that opens only for pages of this server. The token comes in its first message."""

    def check_origin(self, origin: str) -> bool:
        return True  # `prepare` has looked, and more strictly

    def open(self, *_: str, **__: str) -> None:
        # Otherwise a small message waits until the last one was acknowledged: 42 ms until an answer, in place of 4.
        self.set_nodelay(True)

    def get_compression_options(self) -> None:
        return None  # pictures are compressed already

    def is_known(self) -> None:
        """The page has shown the token, so its connection is not closed for a newer one."""
        self.settings["strangers"].pop(getattr(self.ws_connection, "stream", None), None)


class NoSuchPage(Guarded):
    """Everything else."""

    def get(self) -> None:
        """Say that there is nothing."""
        raise HTTPError(404, reason="there is no such page")


def server(routes: list[Any], guard: Guard) -> HTTPServer:
    """An HTTP server for the page and for these further routes. It does not listen yet."""
    application = Application(
        [*routes, (r"/([a-z-]*(?:\.[a-z]+)?)", PageFile)],
        guard=guard,
        strangers={},  # an ordered set of streams
        default_handler_class=NoSuchPage,
        log_function=lambda _: None,  # no log: a path could hold a secret that somebody has put there
        websocket_ping_interval=_PING,
        websocket_ping_timeout=_GONE,
        websocket_max_message_size=_MESSAGE_BYTES,
    )
    return _Server(
        application,
        max_header_size=1 << 14,
        max_body_size=0,
        idle_connection_timeout=60,
        body_timeout=5,
    )
