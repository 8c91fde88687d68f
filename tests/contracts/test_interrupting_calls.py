"""A signal handler may make any public call, also in the middle of any other one: neither raises, and both do what they say.

A real signal comes at random. Here the second call is made at a chosen line of the first one, which is where CPython runs
signal handlers. So each line of asyncplot's can be met.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import asyncplot
from contract_plotters import Echo

pytestmark = pytest.mark.contract

PACKAGE = str(Path(asyncplot.__file__).parent)

#: Each public call.
CALLS: dict[str, Callable[[asyncplot.Server], Any]] = {
    "update": lambda plot: plot.update(1),
    "a lane": lambda plot: plot.lane("second")(2),
    "a pending result": lambda plot: plot.update(3).state,
    "flush": lambda plot: plot.flush(0.05),
    "ready": lambda plot: plot.ready(0.05),
    "stats": lambda plot: plot.stats,
    "viewers": lambda plot: plot.viewers,
    "is_alive": lambda plot: plot.is_alive,
    "check": lambda plot: plot.check(),
    "plotter": lambda plot: plot.plotter,
    "received": lambda plot: plot.received.get("nothing"),
    "repr": repr,
    "close": lambda plot: plot.close(),
}

#: At so many lines of a call the other one comes; and if one of the two is `close`, which needs a new server each time.
SAMPLES, CLOSES = 2, 4


class At:
    """Makes a call at a line of another one, once.

    Parameters
    ----------
    line : int
        At which of the lines of asyncplot's that the first call runs; none of them if it is below 0.
    call : callable
        What is done there.
    """

    def __init__(self, line: int, call: Callable[[], Any]) -> None:
        self.lines = 0
        self._line = line
        self._call = call

    def __call__(self, frame: FrameType, event: str, arg: object) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            if self.lines == self._line:
                sys.settrace(None)
                self._call()
                sys.settrace(self)
            self.lines += 1
        return self


def interrupted(plot: asyncplot.Server, first: str, second: str, line: int) -> int:
    """Make one call, and another one at a line of it; how many lines the first one had."""
    at = At(line, lambda: CALLS[second](plot))
    sys.settrace(at)
    try:
        CALLS[first](plot)
    finally:
        sys.settrace(None)
    return at.lines


@pytest.mark.parametrize("first", CALLS)
def test_any_call_interrupts_any_other(first: str) -> None:
    """Each call at several lines of each other one, without an exception; afterwards the server works as before."""
    for second in CALLS:
        plot = asyncplot.Server(Echo, viewer=None)
        closes = "close" in {first, second}
        lines = interrupted(plot, first, second, -1)
        for line in range(1, lines, max(lines // (CLOSES if closes else SAMPLES), 1)):
            if closes:
                plot.close()
                plot = asyncplot.Server(Echo, viewer=None)
            interrupted(plot, first, second, line)
            if closes:
                assert plot.update(4).ready
                assert plot.directory is not None
                assert not plot.directory.exists()
        plot.close()
