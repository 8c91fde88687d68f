"""The messages between a page and its viewer: what is wrong is refused entry by entry, and pictures have their layout."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import pytest

from asyncplot.viewer.web import messages
from asyncplot.viewer.web.encoding import Codec
from asyncplot.viewer.web.messages import BadMessage, parsed, picture
from asyncplot.viewer.web.sheet import Spot

#: A whole message of each kind, with all its entries.
WHOLE: dict[str, dict[str, Any]] = {
    "hello": {"token": "ab" * 16, "version": 1, "session": "cd", "ratio": 2.0},
    "seen": {"figures": [1, 2]},
    "painted": {"figure": 1, "number": 7, "decode": 1.5, "paint": 0.25},
    "key": {"figure": 1},
    "control": {},
    "mouse": {
        "figure": 1, "kind": "motion", "x": 10.5, "y": -3, "button": 0, "buttons": 1, "step": -1, "serial": 4,
        "modifiers": ["shift", "ctrl"],
    },
    "key_event": {"figure": 1, "kind": "press", "key": "a", "modifiers": ["alt"]},
    "tool": {"figure": 1, "name": "zoom"},
    "resize": {"figure": 1, "width": 640, "height": 480.5, "ratio": 1},
    "set": {"name": "speed", "value": 0.5},
    "press": {"name": "stop"},
    "ping": {"at": 12.5},
    "end": {},
}  # fmt: skip

#: The entries that a message need not have.
OPTIONAL = {"session", "ratio", "decode", "paint", "button", "buttons", "step", "serial", "modifiers"}

WHOLE_NUMBERS = {"version", "figure", "number", "button", "buttons", "serial"}
NUMBERS = {"ratio", "decode", "paint", "x", "y", "step", "width", "height", "value", "at"}
WORDS = {
    ("mouse", "kind"): {"motion", "press", "release", "double", "wheel", "enter", "leave"},
    ("key_event", "kind"): {"press", "release"},
    ("tool", "name"): {"home", "back", "forward", "pan", "zoom"},
}

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 0.5, -0.5, 1e14, 1e15, -1e16, 1 << 31, (1 << 32) - 1, 1 << 32, -(1 << 40), 10**400,
    "", "a", "a" * 256, "a" * 257, "press", "zoom", "__init__", "\0", "\ud800", "ü" * 40, "\U0001f600" * 40,
    [], [1], [1, 2], [-1], [0.5], [True], [None], ["a"], ["a"] * 8, ["a"] * 9, ["a" * 257], [1] * 256, [1] * 257, [[]],
    {}, {"a": 1}, [{}],
]  # fmt: skip


def is_right(kind: str, name: str, value: Any) -> bool:
    """What an entry may be, in other words than the checks."""
    number = type(value) in (int, float)
    if (kind, name) in WORDS:
        return type(value) is str and value in WORDS[kind, name]
    if name in WHOLE_NUMBERS:
        return type(value) is int and value in range(1 << 32)
    if name in NUMBERS:
        return number and -(10**15) < value < 10**15
    if name == "figures":
        return (
            type(value) is list
            and len(value) <= 256
            and all(is_right(kind, "figure", each) for each in value)
        )
    if name == "modifiers":
        return type(value) is list and len(value) <= 8 and all(is_right(kind, "key", each) for each in value)
    return type(value) is str and len(value) <= 256


def test_each_entry_has_its_type_and_its_size() -> None:
    """Each entry with each value: taken as it is, or refused with a reason that fits into a closing frame's ASCII."""
    for kind, whole in WHOLE.items():
        assert parsed(json.dumps({"type": kind, **whole})) == {"type": kind, **whole}
        for name in whole:
            for value in VALUES:
                message = {"type": kind, **whole, name: value}
                if is_right(kind, name, value):
                    assert parsed(json.dumps(message)) == message
                    continue
                with pytest.raises(BadMessage) as refused:
                    parsed(json.dumps(message))
                assert str(refused.value).isascii()
                assert len(str(refused.value)) <= 100


def test_only_some_entries_may_be_missing() -> None:
    """And entries that a later version may add are left out."""
    for kind, whole in WHOLE.items():
        for name in whole:
            rest = {each: value for each, value in whole.items() if each != name}
            if name in OPTIONAL:
                assert name not in parsed(json.dumps({"type": kind, **rest}))
            else:
                with pytest.raises(BadMessage, match="missing"):
                    parsed(json.dumps({"type": kind, **rest}))
        assert "later" not in parsed(json.dumps({"type": kind, "later": {"a": [1]}, **whole}))


#: What is no message.
WHAT_IS_NO_MESSAGE_IS_REFUSED = [
    "", " ", "null", "1", '"hello"', "[]", "{}", '{"type": 1}', '{"type": null}', '{"type": ["key"]}',
    '{"type": "keys"}', '{"type": "__class__"}', "{", '{"type": "ping", "at": NaN}', '{"type": "ping", "at": Infinity}',
    '{"type": "ping", "at": -Infinity}', '{"type": "ping", "at": 1e999}', "[" * 16000, '{"a":' * 3000,
    '{"type": "ping", "at": ' + "9" * 5000 + "}", "\x00", "\ufeff{}", b'{"type": "end"}', b"", b"\xff" * 100,
]  # fmt: skip


def test_what_is_no_message_is_refused() -> None:
    """Whatever it is: by the one exception that closes the connection."""
    for text in WHAT_IS_NO_MESSAGE_IS_REFUSED:
        with pytest.raises(BadMessage) as refused:
            parsed(text)
        assert str(refused.value).isascii()


def test_what_is_nested_deeply_is_refused() -> None:
    """At each depth, also where JSON can just be read and its text could not be written any more."""
    for depth in [*range(1, 60, 7), *range(600, 1010), *range(1200, 7000, 400)]:
        for opened, closed in (("[", "]"), ('{"a":', "}")):
            value = opened * depth + "1" + closed * depth
            with pytest.raises(BadMessage):
                parsed('{"type": "key", "figure": ' + value + "}")


def test_a_number_that_json_does_not_have_is_null() -> None:
    """A page's JSON.parse takes every message."""
    said = messages.text("status", age=math.inf, values={"a": math.nan, "b": [1.0, -math.inf]})
    assert json.loads(said, parse_constant=pytest.fail) == {
        "type": "status", "age": None, "values": {"a": None, "b": [1.0, None]},
    }  # fmt: skip


@pytest.mark.parametrize("codecs", [[], [Codec.PNG], [Codec.OVER, Codec.JPEG], [Codec.OVER] * 16])
def test_a_picture_has_its_layout(codecs: list[Codec]) -> None:
    """As it stands in the head of the module: read here by the offsets."""
    boxes = [
        (Spot(i, 2 * i, 10 + i, 20 + i), codec, bytes([i]) * (i * 100)) for i, codec in enumerate(codecs)
    ]
    said = picture(3, (1 << 32) - 1, 41, (65535, 480), 1.75e9, boxes)
    assert struct.unpack_from("<III", said, 0) == (3, (1 << 32) - 1, 41)
    assert struct.unpack_from("<HH", said, 12) == (65535, 480)
    assert struct.unpack_from("<HH", said, 16) == (len(codecs), int(Codec.JPEG in codecs))
    assert struct.unpack_from("<d", said, 20) == (1.75e9,)
    at = 28 + 16 * len(codecs)
    for index, (spot, codec, data) in enumerate(boxes):
        entry = 28 + 16 * index
        assert struct.unpack_from("<HHHH", said, entry) == tuple(spot)
        assert struct.unpack_from("<BBHI", said, entry + 8) == (codec, 0, 0, len(data))
        assert said[at : at + len(data)] == data
        at += len(data)
    assert len(said) == at
