"""A page as it looks from its viewer, for the tests: it decodes what it gets, lays it on what it has, and answers."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
from PIL import Image

from asyncplot.viewer.web.encoding import Codec


def decoded(data: bytes) -> Any:
    """A PNG or JPEG, as an independent decoder reads it, with four channels."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def lay(pixels: Any, x: int, y: int, codec: int, new: Any) -> None:
    """Put a box on the picture, by the rule of its codec."""
    here = pixels[y : y + new.shape[0], x : x + new.shape[1]]
    assert here.shape == new.shape, "outside of the canvas"
    if codec == Codec.OVER:
        assert set(np.unique(new[:, :, 3])) <= {0, 255}, "half transparent pixels would mix"
        opaque = new[:, :, 3] == 255
        here[opaque] = new[opaque]
    else:
        here[:] = new


class Looking:
    """A websocket with a page behind it, which looks at everything that is sent.

    Attributes
    ----------
    said : list of dict
        The text messages that came.
    number, pixels : dict
        Of each figure: the picture that it has, and its pixels.
    unanswered : list of (int, int)
        Figure and number of the pictures that it has not told of yet.
    lost : list of int
        The figures of which it got a picture that does not fit to what it has.
    """

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.number: dict[int, int] = {}
        self.pixels: dict[int, Any] = {}
        self.unanswered: list[tuple[int, int]] = []
        self.lost: list[int] = []
        self.wholes = self.bytes = 0
        self.closed: list[tuple[int, str]] = []

    def send(self, message: str | bytes) -> None:
        """Get a message."""
        if isinstance(message, str):
            self.said.append(json.loads(message, parse_constant=float.fromhex))
        else:
            self.bytes += len(message)
            self._paint(message)

    def drop(self) -> None:
        """The connection is closed, and the page may come back."""
        self.closed.append((1001, ""))

    def close(self, code: int, reason: str) -> None:
        """The connection is closed."""
        self.closed.append((code, reason))

    def kinds(self) -> list[str]:
        """The types of the text messages."""
        return [each["type"] for each in self.said]

    def _paint(self, message: bytes) -> None:
        figure, number, base, width, height, count, _, _ = struct.unpack_from("<IIIHHHHd", message)
        if base and base != self.number.get(figure):
            self.lost.append(figure)
            return
        if not base:
            self.wholes += 1
            self.pixels[figure] = np.zeros((height, width, 4), np.uint8)
        assert self.pixels[figure].shape == (height, width, 4)
        at = 28 + 16 * count
        for index in range(count):
            x, y, w, h, codec, _, _, size = struct.unpack_from("<HHHHBBHI", message, 28 + 16 * index)
            new = decoded(message[at : at + size])
            assert new.shape[:2] == (h, w)
            lay(self.pixels[figure], x, y, codec, new)
            at += size
        assert at == len(message)
        self.number[figure] = number
        self.unanswered.append((figure, number))
