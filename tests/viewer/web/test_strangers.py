"""Who may ask the web viewer: a table of requests, with the outcome by a rule of its own; and who takes up connections."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from room import HELLO, TOKEN, Room

from asyncplot.viewer.web.routes import routes
from asyncplot.web import handlers, listening
from asyncplot.web.guard import Guard
from leaks import open_descriptors

PORT = "PORT"  # stands for the server's port in the names below

#: Hosts that are this server on a port.
OURS = ["127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT", "[::1]:PORT"]

#: Names that a browser sends for an address that somebody else has chosen, or for another port; and other ways to write ours.
FOREIGN = [
    "evil.example", "evil.example:PORT", "localhost.evil.example:PORT", "127.0.0.1.nip.example:PORT", "rebind.example:PORT",
    "localhost.:PORT", "127.0.0.1.:PORT", "127.1:PORT", "2130706433:PORT", "0.0.0.0:PORT", "127.0.0.2:PORT", "[::]:PORT",
    "[::ffff:127.0.0.1]:PORT", "10.0.0.1:PORT",
]  # fmt: skip

#: Only on a Unix socket may the port be any other one.
OTHER_PORTS = ["localhost:1", "127.0.0.1:65535", "localhost", "[::1]"]

#: What is no host.
MALFORMED = ["", "user@localhost:PORT", "localhost:PORT@evil.example", "localhost:", "localhost:x", "localhost:PORT, localhost:PORT",
             "localhost:PORT/", "http://localhost:PORT"]  # fmt: skip

#: Origins: SAME stands for the page of the same host.
ORIGINS = [
    None, "http://SAME", "HTTP://SAME", "https://SAME", "null", "", "http://evil.example", "http://localhost:1",
    "http://SAME.evil.example", "http://evil.example@SAME", "http://SAME/", "file://", "ws://SAME",
]  # fmt: skip

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get"]

#: Paths, with what they lead to.
PATHS = {
    "/": "file", "/index.html": "file", "/page.js": "file", "/style.css": "file",
    "/figure/1.png": "figure", "/figure/1.svg": "figure", "/figure/9.png": "no figure", "/figure/1.exe": "nothing",
    "/figure/-1.png": "nothing", "/figure/1.png/": "nothing",
    "/socket": "socket", "/socket/": "nothing", "/nothing": "nothing file", "/hub": "nothing file",
    "/handlers.py": "nothing file", "/../handlers.py": "nothing", "/..%2fhandlers.py": "nothing",
    "/%2e%2e/handlers.py": "nothing", "/..\\handlers.py": "nothing", "//handlers.py": "nothing", "/page.js%00": "nothing",
    "/page.js/../../handlers.py": "nothing", "/index%2ehtml": "nothing", "/.": "nothing", "/*": "nothing",
}  # fmt: skip

#: The header ``Authorization``, and whether it has the token.
TOKENS = {
    None: False, f"Bearer {TOKEN}": True, f"bearer {TOKEN}": True, f"Bearer {TOKEN[:-1]}": False, "Bearer": False,
    f"Basic {TOKEN}": False, TOKEN: False, f"Bearer {TOKEN} x": False,
}  # fmt: skip

#: What else browsers send; it changes nothing.
MORE = [
    "", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", "Sec-Fetch-Site: same-origin\r\n",
    "X-Forwarded-Host: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n", f"Cookie: token={TOKEN}\r\n", "Referer: http://evil.example/\r\n",
]  # fmt: skip

UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


class Served:
    """A server with one figure, on a port and on a Unix socket."""

    def __init__(self, folder: Path) -> None:
        self.room = Room()
        self.canvas = self.room.figure()
        self.folder = folder
        self.room.loop.run_until_complete(self._listen())

    async def _listen(self) -> None:
        listener = listening.on_loopback(0)
        self.port = int(listener.getsockname()[1])
        self.servers = [routes(self.room.site, Guard(port, TOKEN)) for port in (self.port, None)]
        self.servers[0].add_sockets([listener])
        self.servers[1].add_sockets([listening.on_socket(self.folder)])

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let the server and a client work."""
        try:
            return self.room.loop.run_until_complete(asyncio.wait_for(work, 50))
        finally:  # what a failed assertion has left
            self.room.loop.run_until_complete(_cancel_others())

    async def connect(self, unix: bool = False) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection."""
        if unix:
            return await asyncio.open_unix_connection(str(self.folder / listening.SOCKET))
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, text: str, unix: bool = False, head: bool = False) -> Answer:
        """Send a request; gives the answer."""
        reader, writer = await self.connect(unix)
        try:
            writer.write(text.replace(PORT, str(self.port)).encode("latin-1"))
            try:
                start = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError as error:
                return Answer(0, {}, error.partial)
            status, *lines = start.decode().split("\r\n")[:-2]
            headers = dict(line.split(": ", 1) for line in lines)
            size = 0 if head else int(headers.get("Content-Length", "0"))
            return Answer(int(status.split()[1]), headers, await reader.readexactly(size))
        finally:
            writer.close()
            await writer.wait_closed()

    async def _stop(self) -> None:
        for server in self.servers:
            server.stop()
            await server.close_all_connections()

    def close(self) -> None:
        """End it."""
        self.run(self._stop())
        self.room.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    clients = [each for each in others if "ask_all" in repr(each)]
    for each in clients:
        each.cancel()
    await asyncio.gather(*clients, return_exceptions=True)


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def served(runtime_dir: Path) -> Iterator[Served]:
    """A server with one figure."""
    folder = runtime_dir.with_name(f"{runtime_dir.name}-state")
    folder.mkdir()
    one = Served(folder)
    yield one
    one.close()


class Case(NamedTuple):
    """A request."""

    unix: bool
    host: str
    origin: str | None
    path: str
    method: str
    token: str | None
    upgrade: bool
    more: str

    def text(self) -> str:
        """As it is sent."""
        lines = f"{self.method} {self.path} HTTP/1.1\r\nHost: {self.host}\r\n"
        if self.origin is not None:
            lines += f"Origin: {self.origin.replace('SAME', self.host)}\r\n"
        if self.token is not None:
            lines += f"Authorization: {self.token}\r\n"
        return f"{lines}{UPGRADE if self.upgrade else ''}{self.more}\r\n"

    def expected(self) -> set[int]:
        """The outcome, by a rule that shares nothing with the server."""
        if self.host in MALFORMED:
            return {400, 403} if self.method in METHODS[:7] else {400, 403, 405}
        if self.method not in METHODS[:7]:
            return {405, 400}
        ours = self.host in OURS or (self.unix and self.host in OTHER_PORTS)
        origin = (self.origin or "").replace("SAME", self.host).lower()
        if not ours or (self.origin is not None and origin != f"http://{self.host.lower()}"):
            return {403}
        leads = PATHS[self.path]
        if self.method != "GET" and not (self.method == "HEAD" and "file" in leads):
            return {405}
        if leads == "file":
            return {200}
        if "figure" in leads and not TOKENS[self.token]:
            return {401}
        if leads == "socket":
            return {101} if self.upgrade else {400}
        return {200} if leads == "figure" else {404}


def cases() -> Iterator[Case]:
    """The table: all hosts with all origins, and all paths with all methods and tokens."""
    more = itertools.cycle(MORE)
    hosts = [*OURS, *FOREIGN, *OTHER_PORTS, *MALFORMED]
    for unix, host, origin, path in itertools.product(
        (False, True), hosts, ORIGINS, ("/", "/figure/1.png", "/socket")
    ):
        yield Case(unix, host, origin, path, "GET", f"Bearer {TOKEN}", path == "/socket", next(more))
    asked = [
        (OURS[0], None),
        (OURS[1], "http://SAME"),
        (FOREIGN[1], "http://SAME"),
        (OURS[0], "http://evil.example"),
    ]
    for index, (path, method, token) in enumerate(itertools.product(PATHS, METHODS, TOKENS)):
        host, origin = asked[index % 4] if index % 3 else asked[index % 2]
        yield Case(index % 5 == 0, host, origin, path, method, token, index % 2 == 0, next(more))


def assert_says_nothing(answer: Answer, case: str) -> None:
    """Each answer of ours has all our headers, and none has anything of the secret."""
    said = f"{answer.headers}{answer.body!r}"
    assert TOKEN not in said, case
    assert "import annotations" not in said, case
    assert not {"Set-Cookie", "Access-Control-Allow-Origin", "Location"} & answer.headers.keys(), case
    if answer.status == 400 and not answer.headers:
        assert answer.body == b"", case  # tornado has not understood it, and hangs up
    else:
        assert {name: answer.headers.get(name) for name in handlers._HEADERS} == handlers._HEADERS, case


def test_the_table(served: Served) -> None:
    """More than 2,000 combinations of host, origin, path, method and token, on a port and on a Unix socket."""
    all_cases = list(cases())
    assert len(set(all_cases)) >= 2000

    async def ask_all() -> None:
        queue = iter(all_cases)

        async def work() -> None:
            for case in queue:
                answer = await served.ask(case.text(), case.unix, case.method == "HEAD")
                assert answer.status in case.expected(), (case, answer)
                assert_says_nothing(answer, str(case))
                if answer.status == 200 and PATHS[case.path] == "file" and case.method == "GET":
                    file = handlers.PAGE / (case.path[1:] or "index.html")
                    assert answer.body == file.read_bytes()

        await asyncio.gather(*(work() for _ in range(4)))

    served.run(ask_all())
    outcomes = {status for case in all_cases for status in case.expected()}
    assert outcomes == {101, 200, 400, 401, 403, 404, 405}


def test_requests_that_no_browser_sends(served: Served) -> None:
    """Without a host, with two, by an absolute address, with a body, with huge heads: refused, and nobody else is held up."""
    ours = f"Host: localhost:{PORT}\r\n"
    refused = {
        "GET / HTTP/1.0\r\n\r\n": {400, 403},
        "GET / HTTP/1.1\r\n\r\n": {400, 403},
        f"GET / HTTP/1.1\r\n{ours}Host: evil.example\r\n\r\n": {400, 403},
        f"GET / HTTP/1.1\r\nHost: evil.example\r\n{ours}\r\n": {400, 403},
        f"GET / HTTP/1.1\r\n{ours}{ours}\r\n": {400, 403},
        f"GET / HTTP/1.1\r\n{ours}Origin: http://evil.example\r\nOrigin: http://localhost:{PORT}\r\n\r\n": {
            400,
            403,
        },
        f"GET http://evil.example/ HTTP/1.1\r\n{ours}\r\n": {400, 403, 404},
        f"GET http://localhost:{PORT}/figure/1.png HTTP/1.1\r\n{ours}\r\n": {400, 401, 403, 404},
        f"GET / HTTP/9.9\r\n{ours}\r\n": {0, 400, 403},
        f"GET  / HTTP/1.1\r\n{ours}\r\n": {0, 400},
        f"\0\0\0\r\n{ours}\r\n": {0, 400},
        f"GET / HTTP/1.1\r\n{ours}X: {'a' * 20000}\r\n\r\n": {0, 400, 431},
        f"GET /{'a' * 20000} HTTP/1.1\r\n{ours}\r\n": {0, 400, 414, 431},
        f"GET / HTTP/1.1\r\n{ours}" + "X: a\r\n" * 4000 + "\r\n": {0, 400, 431},
        f"GET / HTTP/1.1\r\n{ours}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc": {0, 400},
        f"POST / HTTP/1.1\r\n{ours}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n": {0, 400},
    }
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        for size in (1, 1000, 1 << 40):
            refused[
                f"{method} /figure/1.png HTTP/1.1\r\n{ours}Content-Length: {size}\r\n\r\n{'a' * min(size, 1000)}"
            ] = {0, 400}

    async def ask_all() -> None:
        for unix in (False, True):
            for text, statuses in refused.items():
                answer = await served.ask(text, unix)
                assert answer.status in statuses, (text[:200], answer)
                if answer.status:
                    assert_says_nothing(answer, text[:200])
            assert (await served.ask(f"GET / HTTP/1.1\r\n{ours}\r\n", unix)).status == 200

    served.run(ask_all())


def frame(data: bytes) -> bytes:
    """A text message of a page."""
    assert len(data) < 126
    return bytes([0x81, 0x80 | len(data), 0, 0, 0, 0]) + data


@pytest.mark.parametrize("unix", [False, True])
def test_who_takes_up_connections_keeps_nobody_out(served: Served, unix: bool) -> None:
    """200 strangers that connect and say nothing, or half a request: a page that looks goes on, and another one can come."""
    ours = f"Host: localhost:{PORT}\r\n".replace(PORT, str(served.port))

    async def crowd() -> None:
        page_in, page_out = await served.connect(unix)
        page_out.write(f"GET /socket HTTP/1.1\r\n{ours}{UPGRADE}\r\n".encode() + frame(HELLO.encode()))
        while b'"welcome"' not in await page_in.readuntil(b"}"):
            pass
        before = len(open_descriptors())
        strangers = []
        for index in range(200):
            _, writer = await served.connect(unix)
            writer.write([b"", b"GET / HT", f"GET / HTTP/1.1\r\n{ours}X: ".encode()][index % 3])
            strangers.append(writer)
        assert (await served.ask(f"GET / HTTP/1.1\r\n{ours}\r\n", unix)).status == 200
        assert len(open_descriptors()) - before - len(strangers) <= 64 + 1
        page_out.write(frame(json.dumps({"type": "ping", "at": 1}).encode()))
        while b'"pong"' not in await page_in.readuntil(b"}"):
            pass
        for writer in [*strangers, page_out]:
            writer.close()
            try:
                await writer.wait_closed()
            except ConnectionError:
                continue

    served.run(crowd())


def test_a_page_that_reads_nothing_is_dropped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for it is bounded, also if it is text."""
    monkeypatch.setattr("asyncplot.viewer.web.routes._UNSENT", 1 << 20)
    ours = f"Host: localhost:{served.port}\r\n"

    async def read_nothing() -> None:
        with socket.create_connection(("127.0.0.1", served.port)) as caller:
            caller.setblocking(False)
            loop = asyncio.get_running_loop()
            hello = frame(HELLO.encode())
            await loop.sock_sendall(caller, f"GET /socket HTTP/1.1\r\n{ours}{UPGRADE}\r\n".encode() + hello)
            while not served.room.site.pages:
                await asyncio.sleep(0)
            said = 0
            while served.room.site.pages:
                served.room.site.pages.tell("x" * 100_000)
                said += 1
                await asyncio.sleep(0)
            assert said < 200

    served.run(read_nothing())


# --- another user ----------------------------------------------------------------------------------


def test_another_user_of_this_machine_gets_the_page_and_nothing_else(served: Served) -> None:
    """On the port: files, and no figure without the token. On the Unix socket: nothing, because the folder is closed."""
    if os.getuid():
        pytest.skip("needs root to become another user")
    served.folder.chmod(0o700)
    socket_path = str(served.folder / listening.SOCKET)
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        status = 9
        try:
            os.setgid(65534)
            os.setuid(65534)
            os.write(write_end, json.dumps(_stranger(served.port, socket_path)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write_end)

    async def wait() -> bytes:
        return await asyncio.to_thread(os.read, read_end, 1 << 16)

    said = json.loads(served.run(wait()) or b"null")
    os.close(read_end)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    served.room.loop.run_until_complete(served.room.loop.shutdown_default_executor())
    assert said == ["200", "401", "401", "4401", "PermissionError"]


def _stranger(port: int, socket_path: str) -> list[str]:
    """What another user gets: the page, a figure, a figure by a guess, the websocket by a guess, and the Unix socket."""
    found = []
    ours = f"Host: localhost:{port}\r\n"
    guess = f"Authorization: Bearer {'0' * 32}\r\n"
    for path, more in (("/", ""), ("/figure/1.png", ""), ("/figure/1.png", guess)):
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(f"GET {path} HTTP/1.1\r\n{ours}{more}\r\n".encode())
            found.append(caller.recv(1000).split()[1].decode())
    with socket.create_connection(("127.0.0.1", port)) as caller:
        hello = HELLO.replace(TOKEN, "0" * 30).encode()
        caller.sendall(f"GET /socket HTTP/1.1\r\n{ours}{UPGRADE}\r\n".encode() + frame(hello))
        said = b""
        while b"wrong token" not in said:
            said += caller.recv(1000)
        closing = said[said.rindex(b"wrong token") - 2 :]
        found.append(str(int.from_bytes(closing[:2], "big")))
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(socket_path)
        except OSError as error:
            found.append(type(error).__name__)
    return found
