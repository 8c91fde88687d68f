"""Who may ask the hub: a table of requests to each of its routes, with the outcome by a rule of its own."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import Any, NamedTuple

from asyncplot.hub.office import Office
from asyncplot.hub.roster import Roster
from asyncplot.web import listening
from asyncplot.web.guard import Guard

TOKEN = "5ec3e7" * 5
KEY = "0123456789abcdef"

#: PORT stands for the port on which the hub listens, SAME for the page of the same host.
OURS = ["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"]
FOREIGN = [
    "evil.example",
    "evil.example:PORT",
    "127.0.0.1:1",
    "localhost",
    "0.0.0.0:PORT",
    "127.0.0.1.nip.example:PORT",
]
ORIGINS = [None, "http://SAME", "https://SAME", "null", "http://evil.example", "http://localhost:1"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
TOKENS = [None, f"Bearer {TOKEN}", "Bearer 0"]

#: Paths, with what they lead to. No run is open, so what belongs to a run is not there.
PATHS = {
    "/": "file", "/index.html": "file", "/hub.js": "file", "/runs.js": "file", "/style.css": "file", "/words.js": "file",
    "/socket": "socket", "/nothing": "nothing file", "/office.py": "nothing file", "/../office.py": "nothing",
    "/..%2foffice.py": "nothing", "//office.py": "nothing", f"/run/{KEY}/viewer/1/": "nothing run",
    f"/run/{KEY}/viewer/1/page.js": "nothing run", f"/run/{KEY}/viewer/1/socket": "nothing run",
    f"/run/{KEY}/viewer/1/figure/1.png": "nothing figure", f"/run/{KEY}/viewer/0/": "nothing",
    f"/run/{KEY}/viewer/1/../../../office.py": "nothing", f"/run/{KEY.upper()}/viewer/1/": "nothing",
    f"/run/{KEY}/viewer/99999/": "nothing", "/run/../viewer/1/": "nothing",
}  # fmt: skip

UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

CASES = 1500


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
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {self.host}"]
        if self.origin is not None:
            lines.append(f"Origin: {self.origin.replace('SAME', self.host)}")
        if self.token is not None:
            lines.append(f"Authorization: {self.token}")
        return "\r\n".join(lines) + "\r\n" + (UPGRADE if self.upgrade else "") + "\r\n"

    def expected(self) -> set[int]:
        """The outcome, by a rule that shares nothing with the hub."""
        if self.host not in OURS or self.origin not in {None, "http://SAME"}:
            return {403}
        leads = PATHS[self.path]
        if self.method != "GET" and not (self.method == "HEAD" and "file" in leads):
            return {404, 405} if "run" in leads or "figure" in leads else {405}
        if leads == "file":
            return {200}
        if leads == "socket":
            return {101} if self.upgrade else {400}
        if leads == "nothing figure" and self.token != TOKENS[1]:
            return {401, 404}
        return {404}


def test_a_table_of_requests() -> None:
    """1,500 of all combinations of host, origin, route, method, token and upgrade, against a hub that serves."""
    chance = random.Random(1)
    every = list(itertools.product(OURS + FOREIGN, ORIGINS, PATHS, METHODS, TOKENS, [False, True]))
    plain = [each for each in every if each[0] in OURS and each[1] in {None, "http://SAME"}]
    cases = [Case(*each) for each in chance.sample(every, CASES // 2) + chance.sample(plain, CASES // 2)]

    async def carried_out() -> list[tuple[Case, int]]:
        listener = listening.on_loopback(0)
        port = int(listener.getsockname()[1])
        office = Office()
        server = office.server(Guard(port, TOKEN))
        server.add_sockets([listener])
        try:
            return [(case, await asked(port, case.text())) for case in cases]
        finally:
            server.stop()
            await office.close()
            await server.close_all_connections()

    wrong = [(case, said) for case, said in asyncio.run(carried_out()) if said not in case.expected()]
    assert not wrong, f"{len(wrong)} of {CASES}: {wrong[:5]}"


async def asked(port: int, text: str) -> int:
    """Send a request; gives the status of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(text.replace("PORT", str(port)).encode("latin-1"))
        return int((await asyncio.wait_for(reader.readline(), 10)).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()


def test_what_another_host_says_of_a_run_is_one_short_line() -> None:
    """Names and states of any type and length, with escape sequences: the page gets short text, and plain numbers."""
    for value in (
        "\x1b[2J" + "x" * 10_000,
        "<img src=x onerror=alert(1)>\n\n",
        ["a"],
        None,
        1e400,
        -1,
        {"a": 1},
        "\ud800",
    ):
        roster = Roster()
        said: dict[str, Any] = dict.fromkeys(
            ("name", "host", "directory", "state", "since", "rate", "viewers"), value
        )
        roster.put({**said, "stats": {"age": value, "called": value, "overhead": value}}, "node7")
        (row,) = roster.since(0)
        for name in ("name", "host", "state"):
            assert len(row[name]) <= 128
            assert row[name].isprintable()
        for name in ("since", "rate", "overhead", "viewers", "called", "drawn"):
            assert abs(row[name]) < 1e15
