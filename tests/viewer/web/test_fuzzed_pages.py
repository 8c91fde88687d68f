"""10,000 messages that no page sends, to a viewer that draws meanwhile: it answers, goes on, and the computation notices nothing."""

from __future__ import annotations

import asyncio
import json
import random
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from tornado.websocket import WebSocketClientConnection, websocket_connect

import asyncplot
from asyncplot.rundir.format import LOG_FILE
from conditions import wait_until

#: Messages in all, and the connections that send them at a time. Each connection may send 2,000 at once.
MESSAGES, AT_A_TIME, EACH = 10_000, 4, 800

#: How long the viewer may take to answer, s. It may be drawing.
ANSWER = 20.0

VALID: list[dict[str, Any]] = [
    {"type": "seen", "figures": [1, 2]},
    {"type": "painted", "figure": 1, "number": 1, "decode": 1.0, "paint": 0.5},
    {"type": "key", "figure": 1},
    {"type": "control"},
    {"type": "mouse", "figure": 1, "kind": "motion", "x": 10, "y": 20, "button": 0, "buttons": 1, "step": 1},
    {"type": "mouse", "figure": 1, "kind": "press", "x": 50, "y": 60, "button": 0, "buttons": 1, "serial": 3},
    {"type": "key_event", "figure": 1, "kind": "press", "key": "g", "modifiers": ["shift"]},
    {"type": "tool", "figure": 1, "name": "zoom"},
    {"type": "resize", "figure": 1, "width": 300, "height": 200},
    {"type": "set", "name": "speed", "value": 1.0},
    {"type": "press", "name": "stop"},
    {"type": "ping", "at": 5.0},
]

ODD: list[Any] = [
    None, True, 0, -1, 1, 2, 0.5, -0.0, 1e300, 1 << 31, 1 << 40, "", "a", "x" * 5000, "\ud800", "\0", "motion", "release",
    "home", [], [1], [[1]], {}, ["\U0001f600"] * 9, list(range(300)),
]  # fmt: skip


class Marks:
    """A line, and a handler of keys, as many plotters have."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, axes = pyplot.subplots(figsize=(3, 2))
        (self.line,) = axes.plot([0, 1], [0, 1])
        self.keys: list[Any] = []
        self.figure.canvas.mpl_connect("key_press_event", lambda event: self.keys.append(event.key))

    def update(self, value: float) -> None:
        self.line.set_ydata([0, value % 10])


def mutated(chance: random.Random) -> str:
    """A message of a page in which something is different."""
    message = dict(chance.choice(VALID))
    for _ in range(chance.randint(0, 2)):
        name = chance.choice(list(message) or ["type"])
        match chance.randint(0, 3):
            case 0:
                message.pop(name, None)
            case 1:
                message[chance.choice(["later", "token", "__class__", ""])] = chance.choice(ODD)
            case 2:
                message[name] = chance.choice([chance.randint(0, 500), chance.uniform(-1e4, 1e4)])
            case _:
                message[name] = chance.choice(ODD)
    if message.get("type") == "resize":  # a large figure is drawn slowly, which is no fault
        for side in ("width", "height"):
            if isinstance(message.get(side), int | float):
                message[side] = min(message[side], 500)
    return json.dumps(message)


def damaged(chance: random.Random) -> str:
    """The text of a message, with some characters changed."""
    text = bytearray(mutated(chance).encode())
    for _ in range(chance.randint(1, 4)):
        text[chance.randrange(len(text))] = chance.randrange(256)
    return text.decode(errors="replace")


def nested(chance: random.Random, depth: int = 4) -> Any:
    """Random JSON."""
    kind = chance.randint(0, 3 if depth else 1)
    if kind == 3:
        return [nested(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    if kind == 2:
        return {chance.choice(["type", "figure", "x", "a"]): nested(chance, depth - 1) for _ in range(3)}
    return chance.choice(ODD)


def message(chance: random.Random) -> str | bytes:
    """What is sent as one whole message."""
    kind = chance.random()
    if kind < 0.75:
        return mutated(chance)
    if kind < 0.85:
        return damaged(chance)
    if kind < 0.96:
        return json.dumps(nested(chance))
    return chance.randbytes(chance.randint(0, 300)) if kind < 0.99 else "x" * chance.choice([16_000, 100_000])


class Fuzzer:
    """Sends messages to a viewer. After each one it waits until the viewer has answered a ping, or has hung up."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.address, self.port, self.token = f"ws://{parts.netloc}/socket", parts.port or 0, parts.fragment
        self.count = self.answered = 0
        self.codes: set[int | None] = set()
        self.chance = random.Random(20261127)

    async def run(self) -> None:
        """Send all messages."""
        await asyncio.gather(*(self._work() for _ in range(AT_A_TIME)))

    async def _work(self) -> None:
        while self.count < MESSAGES:
            socket = await websocket_connect(self.address)
            await socket.write_message(json.dumps({"type": "hello", "version": 1, "token": self.token}))
            is_open = True
            for _ in range(EACH):
                self.count += 1
                is_open = await self._answers(socket, message(self.chance))
                if not is_open or self.count >= MESSAGES:
                    break
            self.codes.add(socket.close_code)
            socket.close()
            while is_open:
                is_open = await asyncio.wait_for(socket.read_message(), ANSWER) is not None
            if self.chance.random() < 0.1:
                await self._spoil()

    async def _answers(self, socket: WebSocketClientConnection, sent: str | bytes) -> bool:
        """Whether the viewer answers after a message; False if it has hung up."""
        at = float(self.count)
        try:
            await socket.write_message(sent, binary=isinstance(sent, bytes))
            await socket.write_message(json.dumps({"type": "ping", "at": at}))
        except Exception:  # noqa: BLE001 (tornado's errors, of a connection that is closed)
            pass
        while True:
            said = await asyncio.wait_for(socket.read_message(), ANSWER)
            if said is None:
                return False
            if isinstance(said, str) and json.loads(said).get("at") == at:
                self.answered += 1
                return True

    async def _spoil(self) -> None:
        """A connection on which something comes that is no frame of a websocket, or a part of one. Then this side hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"GET /socket HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        petabyte = bytes([0x81, 0xFF]) + (1 << 50).to_bytes(8, "big") + bytes(7)
        writer.write(head.encode() + self.chance.choice([petabyte, self.chance.randbytes(40)]))
        try:
            assert b" 101 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER)
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            pass  # the viewer was first


@pytest.mark.slow
@pytest.mark.timeout(180)  # 10,000 answers, some of them after a draw
def test_a_viewer_goes_on_whatever_pages_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changed messages, random JSON, binary ones, huge ones, and what is no websocket at all."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", "0")
    with asyncplot.Server(Marks, backend="web") as plot:
        fuzzer = Fuzzer(plot.url)
        assert plot.ready(30)
        viewer = psutil.Process(plot.viewers[0].pid)
        before, calls = viewer.memory_info().rss, 0
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(asyncio.run, fuzzer.run())
            while not wait([done], 0.05).done:
                calls += 1
                plot.update(calls)
            done.result()
        assert fuzzer.answered > MESSAGES / 4
        assert {None, 4400} <= fuzzer.codes <= {None, 1001, 1006, 1007, 1009, 4400, 4429}
        assert plot.update(0).value is None  # it was drawn, and `update` returned nothing
        assert calls > 10
        assert viewer.memory_info().rss < before + 150e6
        assert plot.viewers[0].pid == viewer.pid
        log = (plot.directory / "viewer-1" / LOG_FILE).read_text()
        assert "Traceback" not in log, log[-3000:]
        assert fuzzer.token not in log
        wait_until(lambda: viewer.num_fds() < 40)
