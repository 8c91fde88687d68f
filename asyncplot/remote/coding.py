"""Records with typed fields as bytes, and back. Pure.

A message is a NamedTuple. As bytes it is: the length of a JSON text (4 bytes, big endian), that text, and then
all its fields of type bytes, one after the other. The text is a list: the name of the message, and its fields in
their order. A field of type bytes stands there as its length, a record within a record as a list.

What comes from another process is checked against the types of the fields, so whoever uses a message can rely
on them. Nothing is unpickled here.
"""

from __future__ import annotations

import functools
import json
import struct
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ..errors import ViewerError

_LENGTH = struct.Struct("!L")

#: The longest JSON text of a message, bytes. Fields of type bytes do not count.
_TEXT_MAXIMUM = 1 << 20

#: Whole numbers are at least 0 and less than this, so that they fit into the words of a board.
_INTEGERS_END = 1 << 63


def encode(message: tuple[Any, ...]) -> bytes:
    """A message, which is a NamedTuple, as bytes."""
    pieces: list[bytes] = []

    def length(piece: bytes) -> int:
        pieces.append(piece)
        return len(piece)

    text = json.dumps([type(message).__name__, *message], default=length).encode()
    return b"".join([_LENGTH.pack(len(text)), text, *pieces])


def decode(data: bytes, expected: Any) -> Any:
    """A message from its bytes.

    Parameters
    ----------
    data : bytes
        What `encode` gave at the other end, or anything else.
    expected : union of types
        The messages that may come.

    Raises
    ------
    ViewerError
        If it is none of these, or has a field of another type.

    Examples
    --------
    >>> from asyncplot.remote.wire import FromMirror, FromSource, Request
    >>> decode(encode(Request(7, b"help")), FromSource)
    Request(client=7, data=b'help')
    >>> decode(encode(Request(7, b"help")), FromMirror)
    Traceback (most recent call last):
    asyncplot.errors.ViewerError: 'Request' is not expected here
    """
    try:
        (length,) = _LENGTH.unpack_from(data)
        start = _LENGTH.size + length
        if length > _TEXT_MAXIMUM or start > len(data):
            raise ViewerError(f"a message has a text of {length} bytes")
        name, *fields = json.loads(data[_LENGTH.size : start])
    except (ValueError, TypeError, RecursionError, struct.error) as error:
        raise ViewerError(f"a message cannot be read ({type(error).__name__})") from error
    kinds = {kind.__name__: kind for kind in get_args(expected)}
    if not isinstance(name, str) or name not in kinds:
        raise ViewerError(f"{name!r:.40} is not expected here")
    return _Decoder(data, start).record(kinds[name], fields)


class _Decoder:
    """Makes the records of one message; the bytes that they are given begin at ``position``."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position

    def record(self, kind: type[tuple[Any, ...]], values: Any) -> Any:
        """A record from a list of its fields. Fields that a newer version has added are passed over."""
        hints = _hints(kind)
        if not isinstance(values, list) or len(values) < len(hints):
            raise ViewerError(f"a {kind.__name__} has other fields")
        return kind(*[self._value(hint, value) for hint, value in zip(hints, values, strict=False)])

    def _value(self, hint: Any, value: Any) -> Any:
        kind, inner = get_origin(hint) or hint, get_args(hint)
        if NoneType in inner:  # X | None
            return None if value is None else self._value(inner[0], value)
        if kind is bytes and _is_integer(value):
            return self._bytes(value)
        if kind is tuple and isinstance(value, list):  # tuple[X, ...]
            return tuple([self._value(inner[0], each) for each in value])
        if isinstance(kind, type) and issubclass(kind, tuple) and kind is not tuple:
            return self.record(kind, value)
        if _is_plain(hint, kind, value):
            return value
        raise ViewerError(f"a message has {value!r:.40} where {hint} is expected")

    def _bytes(self, length: int) -> bytes:
        start, self._position = self._position, self._position + length
        if self._position > len(self._data):
            raise ViewerError(f"a message lacks {self._position - len(self._data)} bytes")
        return self._data[start : self._position]


@functools.cache
def _hints(kind: type) -> tuple[Any, ...]:
    """The types of a record's fields."""
    return tuple(get_type_hints(kind).values())


def _is_plain(hint: Any, kind: Any, value: Any) -> bool:
    """Whether a value that is no record and no bytes is of a type."""
    if kind is Any:
        return True
    if kind is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if kind is float:
        return type(value) is float or _is_integer(value)
    if kind is int:
        return _is_integer(value)
    return type(value) is kind


def _is_integer(value: Any) -> bool:
    return type(value) is int and 0 <= value < _INTEGERS_END
