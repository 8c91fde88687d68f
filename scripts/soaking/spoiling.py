"""Ways to spoil a file that another process is to read. Each says in a few words what it did.

In: a path, and a source of chance. Out: another file, or something else, in its place.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Values of a type, or of a size, that no field has.
WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\ud800",
    "\x1b[2J",
    "x" * 100_000,
    [],
    [[]],
    [None] * 1000,
    {},
    {"a": {}},
    {"": None},
)

#: The size of a file that is too large to be read, bytes. It is sparse.
HUGE = 1 << 30


def record(path: Path, was: dict[str, Any], chance: random.Random) -> str:
    """Spoil a record of JSON: one field in half of the cases, else all of it."""
    if chance.random() < 0.5:
        name = chance.choice(list(was))
        value = chance.choice(WRONG)
        changed: dict[str, Any] = {**was, name: value}
        if isinstance(was[name], (dict, list)) and chance.random() < 0.5:
            changed[name] = _within(was[name], value, chance)
        path.write_text(json.dumps(changed))
        return f"{name} = {json.dumps(changed[name])[:40]}"
    name = chance.choice(list(_WHOLE))
    _replace(path, lambda: _WHOLE[name](path, chance))
    return name


def _within(was: Any, value: Any, chance: random.Random) -> Any:
    """A list or a dictionary with a wrong value somewhere in it."""
    if isinstance(was, list):
        if was and chance.random() < 0.5:
            return [_within(was[0], value, chance), *was[1:]]
        return [value, *was[1:]]
    if isinstance(was, dict):
        name = chance.choice(list(was) or ["new"])
        if isinstance(was.get(name), (dict, list)) and chance.random() < 0.5:
            return {**was, name: _within(was[name], value, chance)}
        return {**was, name: value}
    return value


def board(path: Path, chance: random.Random) -> str:
    """Spoil a board: numbers that cannot be, with a checksum that is right; noise; or all of it."""
    way = chance.randrange(3)
    if way == 0:
        numbers = [chance.choice([0, 1, 2**40, 2**64 - 1]) for _ in range(7)]
        seconds = [chance.choice([0.0, -1.0, 1e9, 1e308, float("nan"), float("inf")]) for _ in range(2)]
        head = struct.pack("<QQQQdQdQ", *numbers[:4], seconds[0], numbers[4], seconds[1], numbers[5])
        _overwritten(path, 0, head + struct.pack("<I", zlib.crc32(head)))
        return f"counters {numbers} {seconds}"
    if way == 1:
        for _ in range(20):
            _overwritten(path, chance.randrange(70_000), chance.randbytes(chance.randrange(1, 600)))
        return "noise"
    name = chance.choice([name for name in _WHOLE if "JSON" not in name])
    _replace(path, lambda: _WHOLE[name](path, chance))
    return name


def folder(path: Path, chance: random.Random) -> str:
    """Spoil the viewer's folder itself, or put something beside it."""
    beside = path.with_name(
        chance.choice(["viewer-old", "viewer-", "viewer-2-3", "viewer-\udc80", "viewer-0"])
    )
    ways: dict[str, Callable[[], object]] = {
        f"folder {beside.name!a} beside it": beside.mkdir,
        f"file {beside.name!a} beside it": beside.touch,
        "gone": lambda: shutil.rmtree(path),
        "a file": lambda: _replace(path, path.touch),
        "a FIFO": lambda: _replace(path, lambda: os.mkfifo(path)),
        "a link to nowhere": lambda: _replace(path, lambda: path.symlink_to("/nowhere")),
        "a link to /proc": lambda: _replace(path, lambda: path.symlink_to("/proc")),
        "empty": lambda: _replace(path, path.mkdir),
    }
    name = chance.choice(list(ways))
    ways[name]()
    return name


def _overwritten(path: Path, place: int, data: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(data)


def _replace(path: Path, by: Callable[[], object]) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    by()


def _sparse(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(HUGE)


#: What can stand in the place of a whole file.
_WHOLE: dict[str, Callable[[Path, random.Random], object]] = {
    "100,000 brackets (JSON)": lambda path, chance: path.write_text("[" * 100_000),
    "100,000 braces (JSON)": lambda path, chance: path.write_text('{"a":' * 100_000),
    "empty record (JSON)": lambda path, chance: path.write_text("{}"),
    "no dictionary (JSON)": lambda path, chance: path.write_text(json.dumps(chance.choice(WRONG))),
    "a number of 5,000 digits (JSON)": lambda path, chance: path.write_text('{"pid": 1' + "0" * 5000 + "}"),
    "huge": lambda path, chance: _sparse(path),
    "noise": lambda path, chance: path.write_bytes(chance.randbytes(5000)),
    "empty": lambda path, chance: path.touch(),
    "gone": lambda path, chance: None,
    "a FIFO": lambda path, chance: os.mkfifo(path),
    "a folder": lambda path, chance: path.mkdir(),
    "a link to /dev/zero": lambda path, chance: path.symlink_to("/dev/zero"),
    "a link to nowhere": lambda path, chance: path.symlink_to("/nowhere"),
    "not to be read": lambda path, chance: path.touch(0),
}
