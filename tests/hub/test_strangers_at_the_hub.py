"""Who may ask the hub: a table of requests to all its routes, with the outcome by a rule of its own; and whose token goes where."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tornado.websocket import websocket_connect

from asyncplot.hub.office import Office
from asyncplot.hub.openings import Opening
from asyncplot.web import listening
from asyncplot.web.guard import Guard
from asyncplot.web.handlers import Guarded, GuardedSocket, server

TOKEN, SECRET = "4ab" * 10, "5ec" * 10  # of the hub, and of the viewer
KEY, OTHER = "0123456789abcdef", "fedcba9876543210"
PORT = "PORT"  # stands for the hub's port

OURS = ["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"]
FOREIGN = ["evil.example:PORT", "localhost:1", "localhost", "127.0.0.1.nip.example:PORT", "10.0.0.1:PORT"]
MALFORMED = ["", "user@localhost:PORT", "localhost:x"]
ORIGINS = [None, "http://SAME", "null", "http://evil.example", "https://SAME", "http://SAME.evil.example"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
TOKENS = {None: False, f"Bearer {TOKEN}": True, f"Bearer {SECRET}": False, "Bearer": False, TOKEN: False}

VIEWER = f"/run/{KEY}/viewer/1/"

#: Paths, with what they lead to.
PATHS = {
    "/": "file", "/hub.js": "file", "/page.js": "file", "/nothing.js": "no file", "/socket": "socket", "/run/": "nothing",
    VIEWER: "passed", f"{VIEWER}page.js": "passed", f"{VIEWER}figure/1.png": "figure", f"{VIEWER}socket": "socket",
    f"{VIEWER}nothing.js": "nothing", f"/run/{KEY}/viewer/2/": "nothing", f"/run/{KEY}/viewer/01/": "nothing",
    f"/run/{OTHER}/viewer/1/figure/1.png": "nothing", f"/run/{OTHER}/viewer/1/socket": "nothing", f"/run/{KEY.upper()}/viewer/1/": "nothing",
    # These would lead out of the folders, or to a file of the viewer's folder.
    f"{VIEWER}../../../../etc/passwd": "nothing", f"{VIEWER}..%2f..%2fweb.json": "nothing", f"{VIEWER}%2e%2e/web.json": "nothing",
    f"{VIEWER}web.json": "nothing", f"{VIEWER}figure/..%2f1.png": "nothing", f"/run/{KEY}%00/viewer/1/": "nothing",
    "/run/../hub.js": "nothing", "/..%2f__init__.py": "nothing", "//etc/passwd": "nothing", "/run/../gpe/viewer/1/": "nothing",
    f"{VIEWER}\\..\\web.json": "nothing", f"/run/{KEY}/viewer/1%0d%0aX: 1/": "nothing or bad",
}  # fmt: skip

UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


class Figure(Guarded):
    """A figure of the viewer."""

    def get(self) -> None:
        """The figure, for who knows the viewer's secret."""
        self.need_token()
        self.finish(b"figure")


class Listens(GuardedSocket):
    """The websocket of the viewer. It answers who knows its secret."""

    def on_message(self, message: str | bytes) -> None:
        assert TOKEN not in str(message)
        knows = self.guard.knows(json.loads(message).get("token"))
        self.write_message("welcome" if knows else "stranger")


class Case(NamedTuple):
    """A request."""

    host: str
    origin: str | None
    path: str
    method: str
    token: str | None
    upgrade: bool

    def text(self) -> str:
        """As it is sent."""
        lines = f"{self.method} {self.path} HTTP/1.1\r\nHost: {self.host}\r\n"
        if self.origin is not None:
            lines += f"Origin: {self.origin.replace('SAME', self.host)}\r\n"
        if self.token is not None:
            lines += f"Authorization: {self.token}\r\n"
        return f"{lines}{UPGRADE if self.upgrade else ''}\r\n"

    def expected(self) -> set[int]:
        """The outcome."""
        leads = PATHS[self.path]
        if "bad" in leads:
            return {0, 400, 403, 404, 405}
        if self.host in MALFORMED:
            return {400, 403}
        if self.host in FOREIGN or self.origin not in {None, "http://SAME"}:
            return {403}
        if self.method != "GET" and not (self.method == "HEAD" and "file" in leads):
            return {405}
        if leads == "figure":
            return {200 if TOKENS[self.token] else 401}
        if leads == "socket":
            return {101 if self.upgrade else 400}
        return {200} if leads in {"file", "passed"} else {404}


def cases() -> Iterator[Case]:
    """All hosts with all origins and paths, and all paths with all methods and tokens."""
    tokens, upgrades = itertools.cycle(TOKENS), itertools.cycle([True, False])
    for host, origin, path in itertools.product([*OURS, *FOREIGN, *MALFORMED], ORIGINS, PATHS):
        yield Case(host, origin, path, "GET", next(tokens), next(upgrades))
    for path, method, token in itertools.product(PATHS, METHODS, TOKENS):
        yield Case(OURS[0], None, path, method, token, next(upgrades))


class Served:
    """A hub in the test's process, with one viewer that is open."""

    port: int

    async def ask(self, case: Case) -> tuple[int, dict[str, str], bytes]:
        """Send a request; gives the status, the headers and the body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(case.text().replace(PORT, str(self.port)).encode())
            start = await reader.readuntil(b"\r\n\r\n")
            status, *lines = start.decode().split("\r\n")[:-2]
            headers = dict(line.split(": ", 1) for line in lines)
            size = 0 if case.method == "HEAD" else int(headers.get("Content-Length", "0"))
            return int(status.split()[1]), headers, await reader.readexactly(size)
        finally:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def served(base: Path) -> AsyncIterator[Served]:
    """Start both, and end them."""
    folder = base / "viewer-1"
    folder.mkdir(mode=0o700)
    (folder / "web.json").write_text(SECRET)
    office, made = Office(), Served()
    viewer = server([(r"/figure/1\.png", Figure), (r"/socket", Listens)], Guard(None, SECRET))
    viewer.add_sockets([listening.on_socket(folder)])
    office._openings._open[KEY] = Opening(folder, SECRET)
    listener = listening.on_loopback(0)
    made.port = int(listener.getsockname()[1])
    hub = office.server(Guard(made.port, TOKEN))
    hub.add_sockets([listener])
    try:
        yield made
    finally:
        await office.close()
        for each in (hub, viewer):
            each.stop()
            await each.close_all_connections()
        await asyncio.sleep(0)


def look(base: Path, looks: Callable[[Served], Awaitable[Any]]) -> None:
    """Run what a test does with a hub."""

    async def carried_out() -> None:
        async with served(base) as hub:
            await asyncio.wait_for(looks(hub), 50)

    asyncio.run(carried_out())


def test_the_table(tmp_path: Path) -> None:
    """More than 2,000 combinations of host, origin, path, method and token. No answer holds a secret, or lets other pages in."""
    all_cases = list(dict.fromkeys(cases()))
    assert len(all_cases) > 2000

    async def ask_all(hub: Served) -> None:
        queue = iter(all_cases)

        async def work() -> None:
            for case in queue:
                status, headers, body = await hub.ask(case)
                assert status in case.expected(), (case, status)
                said = f"{headers}{body!r}"
                assert TOKEN not in said, case
                assert SECRET not in said, case
                assert not {"Set-Cookie", "Access-Control-Allow-Origin", "Location"} & headers.keys(), case
                if headers.get("Content-Security-Policy") is None:
                    assert (status, body) == (400, b""), case  # tornado has not understood it, and hangs up
                else:
                    assert "unsafe-" not in headers["Content-Security-Policy"], case

        await asyncio.gather(*(work() for _ in range(4)))

    look(tmp_path, ask_all)
    assert {status for case in all_cases for status in case.expected()} >= {101, 200, 400, 401, 403, 404, 405}


def test_whose_token_opens_a_websocket(tmp_path: Path) -> None:
    """The hub's token opens both websockets; the viewer hears its own one in its place. No other token opens any."""

    async def says(hub: Served, path: str, token: object) -> str | bytes | int | None:
        socket = await websocket_connect(f"ws://127.0.0.1:{hub.port}{path}")
        await socket.write_message(json.dumps({"type": "hello", "version": 1, "token": token}))
        said = await socket.read_message()
        socket.close()
        while said is not None and await socket.read_message() is not None:
            pass
        return socket.close_code if said is None else said

    async def looks(hub: Served) -> None:
        assert '"welcome"' in str(await says(hub, "/socket", TOKEN))
        assert await says(hub, f"{VIEWER}socket", TOKEN) == "welcome"
        for path, wrong in itertools.product(
            ("/socket", f"{VIEWER}socket"), (SECRET, "", None, [TOKEN], TOKEN[:-1], f"{TOKEN}0", "\ud800")
        ):
            assert await says(hub, path, wrong) == 4401

    look(tmp_path, looks)
