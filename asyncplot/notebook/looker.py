"""Looks at a viewer as a page does, but without a browser: it gets whole pictures, and says when it has shown one.

In: the folder of the viewer's socket. Out: each new picture of each figure. An event loop on a thread of its own; it is the
one that the viewer's other pages use in a browser.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..rundir.format import WEB_FILE
from ..rundir.records import WebRecord, read_record
from ..web.listening import SOCKET
from ..web.reaching import At

#: The head of a picture, and that of its one box; see `asyncplot.viewer.web.messages`.
_HEAD, _BOX = struct.Struct("<IIIHHHHd"), struct.Struct("<HHHHBBHI")
_JPEG = 1

#: The version of the messages.
_VERSION = 1

#: The largest picture, bytes; between two looks whether a viewer listens, s; and how long it may take to answer, s.
_MOST, _PAUSE, _ANSWER = 1 << 26, 0.05, 30.0


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
        """Look until the viewer ends. Raises OSError if it cannot be reached."""
        while (found := viewer_of(self._run)) is None:
            await asyncio.sleep(_PAUSE)
        folder, token = found
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
            self.figures = {each["figure"]: (each["width"], each["height"]) for each in said["figures"]}
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
    """The folder of a run's first web viewer, and its secret; None if none listens yet."""
    for path in sorted(run.glob(f"viewer-*/{WEB_FILE}")):
        record = read_record(path, WebRecord)
        if record is not None:
            return path.parent, record.token
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
                data = answer.read()
            except http.client.HTTPException as error:
                raise OSError(f"the viewer gave no answer: {error}") from error
            if answer.status == 200:  # else the figure was closed meanwhile
                pictures.append(Picture(figure, 0, width, height, "image/png", data))
        return pictures
