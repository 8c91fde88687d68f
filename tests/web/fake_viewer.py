"""A viewer of the page that does what a test says: it speaks the websocket's protocol, and draws nothing.

For what a real viewer does not do when asked: a lost picture, one that cannot be decoded, a goodbye, silence.
"""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketHandler

import asyncplot
from conditions import wait_until

PAGE = Path(asyncplot.__file__).parent / "web" / "page"
TOKEN = "0123456789abcdef0123456789abcdef"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Message = dict[str, Any]
Box = tuple[int, int, int, int, str]  # x, y, width, height, colour


def png(width: int, height: int, colour: str) -> bytes:
    """The PNG of a box of one colour."""
    with io.BytesIO() as file:
        Image.new("RGB", (width, height), colour).save(file, "png")
        return file.getvalue()


def picture(
    figure: int, number: int, base: int, size: tuple[int, int], *boxes: Box, broken: bool = False
) -> bytes:
    """A picture as it goes over the websocket; broken: its boxes cannot be decoded."""
    coded = [b"no picture" if broken else png(width, height, colour) for _, _, width, height, colour in boxes]
    head = struct.pack("<IIIHHHHd", figure, number, base, *size, len(boxes), 0, time.time())
    places = [
        struct.pack("<HHHHBBHI", *box[:4], 0, 0, 0, len(data)) for box, data in zip(boxes, coded, strict=True)
    ]
    return b"".join([head, *places, *coded])


@dataclasses.dataclass
class FakeViewer:
    """The viewer, on a thread of its own.

    Attributes
    ----------
    url : str
        The address of the page, with the token.
    heard : list of dict
        The messages of all pages, in order; without pings.
    first : list of dict
        What each page is told at once.
    """

    url: str = ""
    heard: list[Message] = dataclasses.field(default_factory=list)
    first: list[Message] = dataclasses.field(default_factory=list)
    pages: list[_Socket] = dataclasses.field(default_factory=list)

    def said(self, kind: str, /, **fields: Any) -> list[Message]:
        """The messages of one type that have these fields."""
        wanted = {"type": kind, **fields}.items()
        return [message for message in list(self.heard) if wanted <= message.items()]

    def await_said(self, kind: str, /, **fields: Any) -> Message:
        """The last message of a type that has these fields. Waits for it."""
        what = f"{kind} with {fields}; heard {self.heard[-5:]}"
        return wait_until(lambda: self.said(kind, **fields), what=what)[-1]

    def send(self, *messages: Message | bytes) -> None:
        """Send to all pages."""
        for page in list(self.pages):
            page.loop.call_soon_threadsafe(page.give, messages)

    def cut(self, code: int = 1011) -> None:
        """Close the connections of all pages."""
        for page in list(self.pages):
            page.loop.call_soon_threadsafe(page.close, code)


class _Socket(WebSocketHandler):
    def initialize(self, viewer: FakeViewer) -> None:
        self.viewer = viewer
        self.loop = asyncio.get_running_loop()

    def on_message(self, message: str | bytes) -> None:
        said: Message = json.loads(message)
        if said["type"] == "ping":
            self.give([{"type": "pong", "at": said["at"], "now": time.time()}])
            return
        if said["type"] == "hello":
            if said["token"] != TOKEN:
                self.close(4401)
                return
            self.viewer.pages.append(self)
            self.give(self.viewer.first)
        self.viewer.heard.append(said)

    def on_close(self) -> None:
        if self in self.viewer.pages:
            self.viewer.pages.remove(self)

    def give(self, messages: Iterable[Message | bytes]) -> None:
        for message in messages:
            self.write_message(message, binary=isinstance(message, bytes))


class _Page(StaticFileHandler):
    def set_extra_headers(self, path: str) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Cache-Control", "no-store")


class _File(RequestHandler):
    def get(self, kind: str) -> None:
        if self.request.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send_error(403)
        elif kind == "pdf":
            self.send_error(500, reason="cannot be drawn")
        else:
            self.write(png(2, 2, "red") if kind == "png" else b"<svg xmlns='http://www.w3.org/2000/svg'/>")


@contextmanager
def fake_viewer(*first: Message, port: int = 0) -> Iterator[FakeViewer]:
    """Start a fake viewer, and stop it at the end."""
    viewer = FakeViewer(first=list(first))
    started, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        routes: list[Any] = [
            ("/socket", _Socket, {"viewer": viewer}),
            (r"/figure/\d+\.(png|svg|pdf)", _File),
            ("/(.*)", _Page, {"path": str(PAGE), "default_filename": "index.html"}),
        ]
        server = HTTPServer(Application(routes, log_function=lambda handler: None))
        sockets = bind_sockets(port, "127.0.0.1")
        server.add_sockets(sockets)
        viewer.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/#{TOKEN}"
        loops.append(asyncio.get_running_loop())
        started.set()
        await stop.wait()
        viewer.cut()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="fake viewer")
    thread.start()
    try:
        assert started.wait(10)
        yield viewer
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)


def welcome(**more: Any) -> Message:
    """What a page is told first."""
    run = {"name": "superfluid", "host": "node17", "started": time.time() - 5000}
    return {
        "type": "welcome",
        "session": "1",
        "run": run,
        "mine": True,
        "ends": True,
        "now": time.time(),
        **more,
    }


def figures(*sizes: tuple[int, int], titles: Iterable[str] = ()) -> Message:
    """The list of figures, numbered from 1."""
    names = [*titles, *(f"Figure {number}" for number in range(1, len(sizes) + 1))]
    return {
        "type": "figures",
        "figures": [
            {"figure": index + 1, "title": names[index], "width": width, "height": height, "ratio": 1}
            for index, (width, height) in enumerate(sizes)
        ],
    }


def control(mine: bool = True, clients: int = 1) -> Message:
    """Who drives."""
    return {"type": "control", "mine": mine, "clients": clients}


def status(**fields: Any) -> Message:
    """How the run goes."""
    now = time.time()
    counts = {"called": 1000, "taken": 100, "drawn": 90, "superseded": 900}
    rates = {"rate": 12345.6, "fps": 29.83, "overhead": 0.0031, "taken_at": now, "clients": 1, "now": now}
    said = {"state": "running", "ended": "", "foot": "", "failure": None}
    return {"type": "status", **counts, **rates, **said, **fields}
