"""Small records as JSON files, and what a reader believes of them. A file is replaced as a whole: a reader sees the old one or the new one.

Standard library only; any process and thread. One process reads what another one wrote, so records are plain data and
never pickles. A reader trusts none of it: a file may be huge, a FIFO, half a record, or one of other types. So only
a plain file of bounded size is read, and each field that does not fit has its default, which says "unknown".
"""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..descriptors import Descriptors, noted
from .making import write_file
from .printable import printable

#: The largest record that is read, bytes; and the longest text that is written into one, characters. There is room for
#: a message and a traceback, however JSON writes them (up to 6 bytes a character).
RECORD_BYTES, TEXT_LENGTH = 1 << 20, 1 << 16

R = TypeVar("R")


@dataclasses.dataclass(frozen=True)
class ViewerState:
    """``state.json``: what a viewer says of itself. The attributes that `Viewer` has, too, are explained there.

    Attributes
    ----------
    control : str
        ``listening`` if it answers requests, or why it does not.
    fault, error, traceback : str
        Why it could not start: whose fault that was (``plotter`` or ``viewer``), a message, and the traceback.
    ended : str
        Why it ended, if it ended in the ordinary way.
    url : str
        Where a browser of its host finds its page. It holds a secret, so it stands in no list and no log.
    """

    phase: str = "unknown"
    windows: int = 0
    pages: int = 0
    host: str = ""
    pid: int = 0
    python: str = ""
    backend: str = ""
    matplotlib_backend: str = ""
    reason: str = ""
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    control: str = ""
    fault: str = ""
    error: str = ""
    traceback: str = ""
    ended: str = ""
    url: str = ""


@dataclasses.dataclass(frozen=True)
class Ending:
    """``end.json``: how a viewer ended, by its supervisor.

    Attributes
    ----------
    how : str
        What happened, for example ``exited with code 1``.
    command : sequence of str
        The command that had started it.
    tail : str
        The end of its output.
    ordinary : bool
        Whether it ended as it should.
    announced : bool
        Whether asyncplot's code was reached.
    """

    how: str = "ended"
    command: tuple[str, ...] = ()
    tail: str = ""
    ordinary: bool = False
    announced: bool = True


@dataclasses.dataclass(frozen=True)
class Failure:
    """``failure.json``: what failed last in a viewer: the plotter, or the writing of a ``picture``. ``count`` counts failures."""

    of: str = "plotter"
    count: int = 0
    message: str = "unknown"
    traceback: str = ""


@dataclasses.dataclass(frozen=True)
class Drawn:
    """``drawing.json``: how often a viewer drew a figure in full, by reason."""

    full: Mapping[str, int] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Windows:
    """``windows.json``: where a viewer's windows stand; see `asyncplot.viewer.geometry`."""

    windows: list[Any] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class WebRecord:
    """``web.json``: the secret that the page of a web viewer has to know. It is there as soon as the viewer listens."""

    token: str = ""


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """``run.json``, ``owner.json`` and records of the register: which process computes, where, and since when.

    Attributes
    ----------
    directory : Path
        The run directory; only in the register.
    """

    pid: int = 0
    host: str = ""
    name: str = ""
    interpreter: str = ""
    python: str = ""
    since: float = 0.0
    directory: Path = Path("/")


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Write a record; what a plotter raised may be very long, and is shortened.

    Raises OSError (the disk is full, the directory is gone).
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    kept = {name: shortened(value) if isinstance(value, str) else value for name, value in record.items()}
    write_file(temporary, json.dumps(kept).encode(), flags)
    os.replace(temporary, path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a record; None if there is none, or the file is no JSON object, or one that cannot be read."""
    try:
        return _parsed(read_bytes(path))
    except FileNotFoundError:
        return None


def read_record(path: Path, kind: type[R]) -> R | None:
    """Read a record of a kind that is named above. None if there is no such file; defaults if it cannot be read."""
    try:
        return fitted(kind, _parsed(read_bytes(path)))
    except FileNotFoundError:
        return None
    except OSError:
        return kind()


def read_bytes(path: Path, most: int = RECORD_BYTES) -> bytes:
    """Read a small plain file, and wait for nothing. Raises OSError if it is something else, or is larger."""
    with Descriptors() as held:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = noted(held, os.open, path, flags)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            raise OSError(f"not a plain file of at most {most} bytes")
        return os.read(descriptor, status.st_size)


def fitted(kind: type[R], record: object) -> R:
    """What a record says, as far as its fields have the types that they should have.

    >>> fitted(Failure, {"of": 7, "count": 3, "message": "update raised"})
    Failure(of='plotter', count=3, message='update raised', traceback='')
    """
    given = record if isinstance(record, dict) else {}
    values = {}
    for name, fit in _FIELDS[kind].items():
        value = fit(given.get(name))
        if value is not None:
            values[name] = value
    return kind(**values)


def shortened(text: str) -> str:
    """A text that fits into a record: what is in the middle of a long one is left out.

    >>> shortened("x" * 100_000).count("x")
    65536
    """
    left_out, half = len(text) - TEXT_LENGTH, TEXT_LENGTH // 2
    return text if left_out <= 0 else f"{text[:half]}\n... {left_out} characters left out ...\n{text[-half:]}"


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _text(value: object) -> str | None:
    """A text that can be printed: JSON may hold control characters, and half of a pair of surrogates."""
    return printable(value) if isinstance(value, str) else None


def _number(value: object) -> int | None:
    """A count or a process id. ``true`` is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None


def _seconds(value: object) -> float | None:
    """A time, s; neither infinite, nor some 30,000 years away."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < 1e12 else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: object) -> tuple[str, ...] | None:
    return (
        tuple(text for each in value if (text := _text(each)) is not None)
        if isinstance(value, list)
        else None
    )


def _path(value: object) -> Path | None:
    """An absolute path. It may have bytes that are no text."""
    return Path(value) if isinstance(value, str) and value.startswith("/") and "\0" not in value else None


def _by_name(fit: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A dictionary; entries that do not fit are left out."""

    def by_name(value: object) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            return None
        entries = ((_text(name), fit(each)) for name, each in value.items())
        return {name: each for name, each in entries if name is not None and each is not None}

    return by_name


_FITS: Mapping[str, Callable[[Any], Any]] = {
    str(str): _text,
    str(int): _number,
    str(float): _seconds,
    str(bool): _flag,
    str(Path): _path,
    str(tuple[str, ...]): _texts,
    str(list[Any]): lambda value: value if isinstance(value, list) else None,
    str(Mapping[str, str]): _by_name(_text),
    str(Mapping[str, int]): _by_name(_number),
}

#: For each kind of record and each field: what makes a value of the field's type, or None of a value that does not fit.
_FIELDS: Mapping[type[Any], Mapping[str, Callable[[Any], Any]]] = {
    kind: {name: _FITS[str(hint)] for name, hint in typing.get_type_hints(kind).items()}
    for kind in (ViewerState, Ending, Failure, Drawn, Windows, WebRecord, RunRecord)
}
