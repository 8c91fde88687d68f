"""A hub in a process of its own, and what its page says and hears: a websocket."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect


class Socket:
    """A websocket that always hears, so that its end is noticed."""

    line: WebSocketClientConnection

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._heard: asyncio.Queue[str | bytes | None] = asyncio.Queue()

    def heard(self, message: str | bytes | None) -> None:
        """A message has come; None: it has ended."""
        self._heard.put_nowait(message)
        if message is None:
            self.ended.set()

    async def read_message(self) -> str | bytes | None:
        """The next message; None if it has ended."""
        return await asyncio.wait_for(self._heard.get(), 30)

    async def write_message(self, message: str) -> None:
        """Send a message."""
        await self.line.write_message(message)

    @property
    def close_code(self) -> int | None:
        """Why it has ended."""
        return self.line.close_code

    def close(self) -> None:
        """Close it."""
        self.line.close()


class Hub:
    """A running hub.

    Attributes
    ----------
    url, token : str
        Of its page.
    process : Popen
        Its process.
    """

    def __init__(self, process: subprocess.Popen[str], line: str) -> None:
        self.process = process
        self.sockets: list[Socket] = []
        self.url, _, self.token = line.split(" are at ")[1].split(maxsplit=1)[0].partition("#")

    async def socket(self, path: str = "", token: str | None = None) -> Socket:
        """A websocket that has said hello."""
        made = Socket()
        address = f"{self.url.replace('http', 'ws')}{path}socket"
        made.line = await websocket_connect(address, on_message_callback=made.heard)
        self.sockets.append(made)
        hello = {"type": "hello", "token": self.token if token is None else token, "version": 1}
        await made.write_message(json.dumps({**hello, "session": "a", "ratio": 1}))
        return made

    async def get(self, path: str, **headers: str) -> HTTPResponse:
        """A file."""
        return await AsyncHTTPClient().fetch(self.url + path, headers=headers, raise_error=False)


def look(hub: Hub, looks: Callable[[Hub], Awaitable[None]]) -> None:
    """Run what a test does with a hub, and close its connections."""

    async def carried_out() -> None:
        try:
            await looks(hub)
        finally:
            for socket in hub.sockets:
                socket.close()
            for socket in hub.sockets:
                await asyncio.wait_for(socket.ended.wait(), 10)
            AsyncHTTPClient().close()

    asyncio.run(carried_out())


class Page:
    """The page of a hub, without a browser."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.rows: dict[str, dict[str, Any]] = {}
        self.gone: list[str] = []
        self.pictures: dict[str, bytes] = {}

    async def say(self, kind: str, **entries: Any) -> None:
        """Send a message."""
        await self.socket.write_message(json.dumps({"type": kind, **entries}))

    async def until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Hear messages until one fits. A small picture is a message of the type ``picture``."""
        while True:
            heard = await self.socket.read_message()
            assert heard is not None, self.socket.close_code
            if isinstance(heard, bytes):
                self.pictures[heard[:16].decode()] = heard[16:]
                said: dict[str, Any] = {"type": "picture"}
            else:
                said = json.loads(heard)
            for row in said.get("changed", []):
                self.rows[row["key"]] = row
            self.gone += said["runs"] if said["type"] == "gone" else []
            if condition(said):
                return said

    async def key(self, name: str) -> str:
        """The key of the run with that name, as soon as it is listed."""
        found = lambda _=None: [key for key, row in self.rows.items() if row["name"] == name]  # noqa: E731
        if not found():
            await self.until(found)
        return found()[0]

    async def open(self, key: str) -> str:
        """Open a run; returns the address of its viewer."""
        await self.say("open", run=key)
        said = await self.until(lambda said: said["type"] in {"opened", "failed"})
        assert said["type"] == "opened", said
        return str(said["path"])


async def page(hub: Hub) -> Page:
    """A page that has been told all."""
    made = Page(await hub.socket())
    await made.say("from", hub="", cursor=0)
    await made.until(lambda said: "there" in said)
    return made


@contextmanager
def started(*words: str) -> Iterator[Hub]:
    """Start a hub, and end it."""
    here = Path(__file__).parent
    paths = [*os.environ.get("PYTHONPATH", "").split(os.pathsep), str(here.parent), str(here / "hub")]
    process = subprocess.Popen(
        [sys.executable, "-m", "asyncplot", "hub", "--no-browser", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield Hub(process, process.stdout.readline())
            process.terminate()
            process.wait(20)
        finally:
            process.kill()
