"""Looks at a viewer as a page does, but without a browser: it gets whole pictures, and says when it has shown one.

In: the run directory, in which viewers come and go. Out: each new picture of each figure. Event loop, on a thread of its own.
What a viewer says is believed as little as in a browser: numbers are numbers, and sizes are bounded.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..rundir import folders
from ..rundir.format import WEB_FILE, viewer_number
from ..rundir.records import WebRecord, read_record
from ..web.listening import SOCKET
from ..web.reaching import At

#: The head of a picture, and that of its one box; see `asyncplot.viewer.web.messages`.
_HEAD, _BOX = struct.Struct("<IIIHHHHd"), struct.Struct("<HHHHBBHI")
_JPEG = 1

#: The version of the messages.
_VERSION = 1

#: The largest picture, bytes; and how long a viewer may take to answer, s.
_MOST, _ANSWER = 1 << 26, 30.0

#: Between two looks whether a viewer listens, s: at first, at last, and how much more each time.
_PAUSE, _LONGEST, _LONGER = 0.05, 1.0, 1.1


class Picture(NamedTuple):
    """A picture of a figure.

    Attributes
    ----------
    figure, number : int
        Which figure, and which of its pictures; 0: it was asked for.
    width, height : int
        Pixels of the page.
    mime : str
        ``image/png`` or ``image/jpeg``.
    data : bytes
        The file.
    """

    figure: int
    number: int
    width: int
    height: int
    mime: str
    data: bytes


class Looker:
    """A page without a browser.

    Parameters
    ----------
    run : Path
        The run directory.
    show : callable
        Gets a picture of each figure, in the order of the figures, when one is new. It returns after how many seconds the next
        one may come.

    Attributes
    ----------
    figures : dict
        Which figures there are: their numbers, and their widths and heights, pixels.
    """

    def __init__(self, run: Path, show: Callable[[Sequence[Picture]], float]) -> None:
        self._run = run
        self._show = show
        self.figures: dict[int, tuple[int, int]] = {}
        self._newest: dict[int, Picture] = {}
        self._new = asyncio.Event()

    async def look(self) -> None:
        """Look at one viewer after the other, until the run ends. Raises OSError if one cannot be reached."""
        seen: set[Path] = set()
        pause = _PAUSE
        while self._run.exists():
            found = viewer_of(self._run)
            if found is None or found[0] in seen:
                await asyncio.sleep(pause)
                pause = min(pause * _LONGER, _LONGEST)
                continue
            seen.add(found[0])
            pause = _PAUSE
            await self._look_at(*found)

    async def _look_at(self, folder: Path, token: str) -> None:
        """Look at a viewer until it ends."""
        line = await websocket_connect(
            "ws://localhost/socket",
            connect_timeout=_ANSWER,
            max_message_size=_MOST,
            resolver=At(folder=folder),
        )
        hello = {"type": "hello", "version": _VERSION, "token": token, "ratio": 1.0, "whole": True}
        await line.write_message(json.dumps(hello))
        showing = asyncio.ensure_future(self._keep_showing(line))
        try:
            while (message := await line.read_message()) is not None:
                if isinstance(message, bytes):
                    self._take(message)
                else:
                    await self._hear(json.loads(message), line)
        except WebSocketClosedError:
            pass  # the viewer has ended
        finally:
            showing.cancel()
            line.close()

    async def _hear(self, said: dict[str, Any], line: WebSocketClientConnection) -> None:
        if said["type"] == "figures":
            self.figures = {
                int(each["figure"]): (int(each["width"]), int(each["height"])) for each in said["figures"]
            }
            self._newest = {number: each for number, each in self._newest.items() if number in self.figures}
            await line.write_message(json.dumps({"type": "seen", "figures": list(self.figures)}))

    def _take(self, message: bytes) -> None:
        figure, number, _, width, height, boxes, _, _ = _HEAD.unpack_from(message)
        if boxes != 1:
            return
        codec, size = _BOX.unpack_from(message, _HEAD.size)[4::3]
        start = _HEAD.size + _BOX.size
        mime = "image/jpeg" if codec == _JPEG else "image/png"
        self._newest[figure] = Picture(figure, number, width, height, mime, message[start : start + size])
        self._new.set()

    async def _keep_showing(self, line: WebSocketClientConnection) -> None:
        """Show the newest pictures, and say so: that is the credit for the next ones."""
        while True:
            await self._new.wait()
            self._new.clear()
            pictures = [self._newest[figure] for figure in self.figures if figure in self._newest]
            pause = self._show(pictures)
            for each in pictures:
                await line.write_message(
                    json.dumps({"type": "painted", "figure": each.figure, "number": each.number})
                )
            await asyncio.sleep(pause)


def viewer_of(run: Path) -> tuple[Path, str] | None:
    """The folder of a run's newest web viewer, and its secret; None if none listens yet."""
    try:
        there = sorted(folders(run), key=lambda folder: viewer_number(folder.name), reverse=True)
    except OSError:
        return None  # the run has ended
    for folder in there:
        record = read_record(folder / WEB_FILE, WebRecord)
        if record is not None:
            return folder, record.token
    return None


def exact(run: Path, figures: Mapping[int, tuple[int, int]], timeout: float) -> list[Picture]:
    """These figures as they are now, without loss. Waits for the viewer. Raises OSError if it does not answer in time."""
    found = viewer_of(run)
    if found is None:
        raise OSError("the run has no web viewer any more")
    folder, token = found
    with socket.socket(socket.AF_UNIX) as connected:
        connected.settimeout(timeout)
        connected.connect(str(folder / SOCKET))
        connection = http.client.HTTPConnection("localhost")
        connection.sock = connected
        pictures = []
        for figure, (width, height) in figures.items():
            connection.request("GET", f"/figure/{figure}.png", headers={"Authorization": f"Bearer {token}"})
            try:
                answer = connection.getresponse()
                data = _read(answer, time.monotonic() + timeout)
            except http.client.HTTPException as error:
                raise OSError(f"the viewer gave no answer: {error}") from error
            if answer.status == 200:  # else the figure was closed meanwhile
                pictures.append(Picture(figure, 0, width, height, "image/png", data))
        return pictures


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """All of an answer. Raises OSError if it is too long, or takes too long."""
    data = bytearray()
    while part := answer.read(1 << 18):
        data += part
        if len(data) > _MOST or time.monotonic() > deadline:
            raise OSError(f"the viewer's answer has {len(data)} bytes so far, and does not end")
    return bytes(data)
