"""The messages between a page and its viewer. Pure.

Text messages are JSON objects with an entry ``type``. A page's message is checked here, entry by entry, before anything
acts on it: each has the type and the size that is expected, or the message is bad. Pictures are binary messages, to the page
only; all their numbers are little endian::

     0  u32 figure    4  u32 number    8  u32 base: the picture over which the boxes are laid; 0: none is needed
    12  u16 width    14  u16 height   16  u16 how many boxes   18  u16 flags (1: something is not exact)
    20  f64 when it was drawn, seconds since 1970
    28  for each box  u16 x, y, width, height   u8 codec   u8 0   u16 0   u32 bytes
        the bytes of the boxes, one after another

All coordinates are pixels of the canvas, from its upper left corner.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import AsyncplotError
from .encoding import Codec
from .sheet import Spot

#: The version of these messages. A page of another version is told to reload.
VERSION = 1

_HEAD = struct.Struct("<IIIHHHHd")
_BOX = struct.Struct("<HHHHBBHI")

#: The longest text in a message, characters; and the most entries of a list.
_TEXT, _ENTRIES = 256, 256

#: No coordinate, size or time is beyond this.
_FAR = 1e15


class BadMessage(AsyncplotError):
    """A page has sent something that is no message."""


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _FAR


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 32


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _TEXT


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _wholes(value: object) -> bool:
    return isinstance(value, list) and len(value) <= _ENTRIES and all(map(_whole, value))


def _texts(value: object) -> bool:
    return isinstance(value, list) and len(value) <= 8 and all(map(_text, value))


def _one_of(*words: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in words


Check = Callable[[object], bool]

_MODIFIERS = {"modifiers": _texts}

#: Each message of a page: the entries that it must have, and those that it may have.
_MESSAGES: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]] = {
    "hello": ({"token": _text, "version": _whole}, {"session": _text, "ratio": _number, "whole": _flag}),
    "seen": ({"figures": _wholes}, {}),
    "painted": ({"figure": _whole, "number": _whole}, {"decode": _number, "paint": _number}),
    "key": ({"figure": _whole}, {}),
    "control": ({}, {}),
    "mouse": (
        {
            "figure": _whole,
            "kind": _one_of("motion", "press", "release", "double", "wheel", "enter", "leave"),
            "x": _number,
            "y": _number,
        },
        {"button": _whole, "buttons": _whole, "step": _number, "serial": _whole, **_MODIFIERS},
    ),
    "key_event": ({"figure": _whole, "kind": _one_of("press", "release"), "key": _text}, _MODIFIERS),
    "tool": ({"figure": _whole, "name": _one_of("home", "back", "forward", "pan", "zoom")}, {}),
    "resize": ({"figure": _whole, "width": _number, "height": _number}, {"ratio": _number}),
    "set": ({"name": _text, "value": _number}, {}),
    "press": ({"name": _text}, {}),
    "ping": ({"at": _number}, {}),
    "end": ({}, {}),
}


def parsed(text: str | bytes) -> dict[str, Any]:
    """A page's message.

    Raises
    ------
    BadMessage
        If it is none.

    Examples
    --------
    >>> parsed('{"type": "key", "figure": 1}')
    {'type': 'key', 'figure': 1}
    >>> parsed('{"type": "key", "figure": -1}')
    Traceback (most recent call last):
    ...
    asyncplot.viewer.web.messages.BadMessage: key: figure is -1
    """
    if isinstance(text, bytes):
        raise BadMessage("a page sends no binary messages")
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"no JSON: {type(error).__name__}") from error
    kind = message.get("type") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in _MESSAGES:
        raise BadMessage("there is no such message")
    needed, possible = _MESSAGES[kind]
    for name in needed:
        if name not in message:
            raise BadMessage(f"{kind}: {name} is missing")
    for name, value in message.items():
        check = needed.get(name) or possible.get(name)
        if check is not None and not check(value):
            raise BadMessage(f"{kind}: {name} is {ascii(value)[:40]}")
    # What a page of a later version may add is left out.
    return {name: value for name, value in message.items() if name in {"type", *needed, *possible}}


def text(kind: str, **entries: Any) -> str:
    """A message for a page. A number that JSON does not have (infinity) is null.

    >>> text("pong", at=1.5)
    '{"type": "pong", "at": 1.5}'
    """
    try:
        return json.dumps({"type": kind, **entries}, allow_nan=False)
    except ValueError:
        return json.dumps({"type": kind, **_finite(entries)})


def picture(
    figure: int,
    number: int,
    base: int,
    size: tuple[int, int],
    drawn_at: float,
    boxes: Sequence[tuple[Spot, Codec, bytes]],
) -> bytes:
    """A picture for a page. See the head of this file."""
    lossy = any(codec is Codec.JPEG for _, codec, _ in boxes)
    head = _HEAD.pack(figure, number, base, *size, len(boxes), int(lossy), drawn_at)
    table = (_BOX.pack(*spot, codec, 0, 0, len(data)) for spot, codec, data in boxes)
    return b"".join((head, *table, *(data for _, _, data in boxes)))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def _no_constant(word: str) -> float:
    raise BadMessage(f"{word} is no number here")
