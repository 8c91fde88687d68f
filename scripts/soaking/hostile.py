"""Plotters that do what no plotter should. In the viewer's process; each is one class, whose name says nothing else.

In: the frames of `computation`. Out: whatever harm it does. `PLOTTERS` names each kind.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any


class Ordinary:
    """Draws one line, as a plotter should."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, axes = pyplot.subplots(figsize=(3, 2))
        (self.line,) = axes.plot([0.0, 1.0])

    def update(self, value: int, *_: Any) -> int:
        self.line.set_ydata([0.0, value % 10 / 10])
        return value


class Quick:
    """Draws nothing, and says which frame it got."""

    def update(self, value: int, *_: Any) -> int:
        return value


def doing(harm: Callable[[], object], times: int = 20) -> type:
    """A plotter that does this at each of its first frames."""

    class Doing:
        def __init__(self) -> None:
            self.left = times

        def update(self, *_: Any) -> object:
            self.left -= 1
            return harm() if self.left >= 0 else None

    return Doing


def building(harm: Callable[[], object]) -> type:
    """A plotter that does this when it is made."""

    class Building(Quick):
        def __init__(self) -> None:
            harm()

    return Building


class BadText(Exception):
    """Cannot be shown: its ``__str__`` raises."""

    def __str__(self) -> str:
        raise ValueError("no text")


class BadValue:
    """Cannot be shown: its ``__repr__`` raises."""

    def __repr__(self) -> str:
        raise ValueError("no text")


def endless() -> None:
    """Never return."""
    while True:
        pass


def lines() -> None:
    """Write 16 MB in lines."""
    for _ in range(200_000):
        os.write(1, b"a line of output that is eighty bytes long, of which there are very many of it\n")


def no_newlines() -> None:
    """Write 34 MB of a progress bar."""
    for number in range(60_000):
        os.write(2, b"\r%8d of 60,000 done, and there is no end of line in sight" % number * 10)


def raise_(error: BaseException) -> None:
    """Raise, in an expression."""
    raise error


def fork() -> None:
    """Leave a child that sleeps."""
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)


def kill_parent() -> None:
    """Kill the supervisor."""
    with open(f"/proc/{os.getppid()}/cmdline") as file:
        if "supervisor" in file.read():  # and nobody else, once that is gone
            os.kill(os.getppid(), signal.SIGKILL)


def never_ending_threads() -> None:
    """Start threads that the end of the interpreter waits for."""
    for _ in range(8):
        threading.Thread(target=time.sleep, args=(600,)).start()


def allocate() -> None:
    """Take all memory that there is."""
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))  # this machine is not to suffer
    held = []
    while True:
        held.append(bytes(1 << 30))


def change_directory() -> None:
    """Go to a folder that is gone."""
    folder = f"/tmp/soak-{os.getpid()}"
    os.mkdir(folder)
    os.chdir(folder)
    os.rmdir(folder)


def close_figures() -> None:
    """Make a figure and close it."""
    from matplotlib import pyplot

    pyplot.figure()
    pyplot.close("all")


def deep() -> Any:
    """Return a list in a list in a list ..."""
    value: Any = []
    for _ in range(100_000):
        value = [value]
    return value


#: Kind -> plotter.
PLOTTERS: dict[str, type] = {
    "ordinary": Ordinary,
    "quick": Quick,
    "endless loop": doing(endless),
    "endless loop when it is made": building(endless),
    "sleeps": doing(lambda: time.sleep(600)),
    "many lines of output": doing(lines, times=1),
    "output without newlines": doing(no_newlines, times=1),
    "escape sequences": doing(lambda: os.write(2, b"\x1b]0;not your title\x07\x1b[31mred\x1b[2J\n")),
    "output that is no text": doing(lambda: os.write(2, bytes(range(256)) * 10)),
    "says the marker line": doing(lambda: os.write(1, b"\x1easyncplot [1]\n")),
    "os._exit": doing(lambda: os._exit(3)),
    "os._exit when it is made": building(lambda: os._exit(3)),
    "segfault": doing(lambda: ctypes.string_at(0)),
    "aborts": doing(os.abort),
    "forks": doing(fork, times=1),
    "closes descriptors": doing(lambda: os.closerange(0, 256)),
    "raises": doing(lambda: raise_(ValueError("mine"))),
    "raises when it is made": building(lambda: raise_(ValueError("mine"))),
    "raises a bad __str__": doing(lambda: raise_(BadText())),
    "raises a lone surrogate": doing(lambda: raise_(ValueError("\udc80"))),
    "raises a huge text": doing(lambda: raise_(ValueError("x" * 50_000_000))),
    "returns a bad __repr__": doing(BadValue),
    "returns a lone surrogate": doing(lambda: "\udc80"),
    "returns what is deep": doing(deep),
    "SystemExit": doing(lambda: sys.exit(2)),
    "KeyboardInterrupt": doing(lambda: raise_(KeyboardInterrupt())),
    "changes directory": doing(change_directory),
    "kills its parent": doing(kill_parent),
    "stops itself": doing(lambda: os.kill(os.getpid(), signal.SIGSTOP)),
    "leaves its session": doing(os.setsid),
    "allocates": doing(allocate),
    "threads that never end": doing(never_ending_threads, times=1),
    "atexit that hangs": building(lambda: atexit.register(time.sleep, 600)),
    "closes its figures": doing(close_figures),
    "no descriptors": doing(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))),
}
