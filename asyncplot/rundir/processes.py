"""The processes below another one, as ``/proc`` shows them: their states, and how long they have computed.

Standard library only; any process and thread. On a system without ``/proc`` there are none to be seen.
"""

from __future__ import annotations

import os
from typing import NamedTuple


class Process(NamedTuple):
    """One process.

    Attributes
    ----------
    pid, parent : int
        Its number, and that of its parent.
    state : str
        One letter: R runs or could run, S sleeps, D waits for a disk, T was stopped, t is traced, Z has ended.
    ticks : int
        The CPU time that it used, in ticks of the system (10 ms).
    """

    pid: int
    parent: int
    state: str
    ticks: int


def can_be_seen() -> bool:
    """Whether this system shows its processes."""
    return os.path.isdir(f"/proc/{os.getpid()}")


def below(ancestor: int, *, itself: bool = False) -> list[Process]:
    """The processes that a process started, and those that they started. One that starts meanwhile may be missed.

    With ``itself`` that process, too.
    """
    own = [process] if itself and (process := _process(ancestor)) is not None else []
    return own + _started(ancestor)


def _started(ancestor: int) -> list[Process]:
    if not os.path.exists(f"/proc/{ancestor}/task/{ancestor}/children"):
        return under(ancestor, _all())  # an older kernel: 20 us for each process of this machine
    found: list[Process] = []
    above = [ancestor]
    while above:
        started = [process for pid in _children(above.pop()) if (process := _process(pid)) is not None]
        found += started
        above += [process.pid for process in started]
    return found


def under(ancestor: int, processes: list[Process]) -> list[Process]:
    """Those of some processes that are below ``ancestor``.

    >>> [process.pid for process in under(1, [Process(3, 2, "S", 0), Process(2, 1, "S", 0), Process(9, 8, "S", 0)])]
    [2, 3]
    """
    children: dict[int, list[Process]] = {}
    for process in processes:
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    above = [ancestor]
    while above:
        started = children.pop(above.pop(), [])
        found += started
        above += [process.pid for process in started]
    return found


def parsed(text: bytes) -> Process | None:
    """What a line of ``/proc/PID/stat`` says; None if it is none. The name of a program may hold spaces and brackets.

    >>> parsed(b"12 (a) b) S 7 12 12 0 -1 4194304 100 0 0 0 30 12 0 0 20 0")
    Process(pid=12, parent=7, state='S', ticks=42)
    """
    head, _, tail = text.rpartition(b")")
    words = tail.split()
    try:
        return Process(
            int(head.split(b" ", 1)[0]), int(words[1]), words[0].decode(), int(words[11]) + int(words[12])
        )
    except (IndexError, ValueError):
        return None


def _all() -> list[Process]:
    """All processes that can be seen."""
    numbers = (int(name) for name in _names("/proc") if name.isdigit())
    return [process for pid in numbers if (process := _process(pid)) is not None]


def _children(pid: int) -> list[int]:
    """The processes that the threads of a process started."""
    found: list[int] = []
    for task in _names(f"/proc/{pid}/task"):
        found += map(int, _content(f"/proc/{pid}/task/{task}/children").split())
    return found


def _process(pid: int) -> Process | None:
    return parsed(_content(f"/proc/{pid}/stat"))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []  # it has ended, or no descriptor is left


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
