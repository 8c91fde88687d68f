"""A computation as a program: ``python -m soaking.computation '{"plotter": "endless loop", "calls": 1000}'``.

In: a record of what to do, and the end of stdin where it is to be told when to end. Out: one line when it begins to call, and
one at its end that says what it saw: the longest call, what was raised, how long `close` took, what is left in the process.
"""

from __future__ import annotations

import dataclasses
import json
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import asyncplot

from . import hostile, shortage
from .asking import wrong_answers, wrongly_raised

#: So many calls are made between two looks at the clock and at stdin.
_ROUND = 100


@dataclasses.dataclass
class Plan:
    """What a computation does.

    Attributes
    ----------
    plotter : str
        The kind of its plotter, see `hostile`.
    options : dict
        Those of `asyncplot.Server`.
    ready : bool
        Whether it waits until the viewer is up.
    calls, seconds : int, float
        It calls ``update`` so many times at least, and for so long at least.
    told : bool
        Whether it goes on until its stdin ends.
    threads : int
        How many threads call.
    flush : float
        How long it waits for the last frame, s.
    shortage : str
        What it is short of, see `shortage`.
    late : bool
        Whether the shortage begins only when the viewer is up.
    """

    plotter: str = "ordinary"
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    ready: bool = False
    calls: int = 500
    seconds: float = 0.0
    told: bool = False
    threads: int = 1
    flush: float = 0.0
    shortage: str = ""
    late: bool = False

    def words(self) -> list[str]:
        """The words that run it."""
        return ["soaking.computation", json.dumps(dataclasses.asdict(self))]


class Seen:
    """What the calling threads saw."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.longest = 0.0
        self.raised: list[str] = []
        self.pending: Any = None

    def call(self, plot: asyncplot.Server, goes_on: Callable[[int], bool]) -> None:
        """Call ``update`` without a pause; one thread."""
        data = np.zeros(1000)
        number, longest = 0, 0.0
        clock = time.monotonic()
        try:
            while goes_on(number):
                for _ in range(_ROUND):
                    number += 1
                    pending = plot.update(number, data)
                    before, clock = clock, time.monotonic()
                    longest = max(longest, clock - before)
                self.pending = pending
                clock = time.monotonic()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            self.raised.append(f"update: {type(error).__name__}: {error}")
        self.calls.append(number)
        self.longest = max(self.longest, longest)


def main(plan: Plan) -> dict[str, Any]:
    """Compute; what was seen."""
    descriptors, threads = open_descriptors(), threading.active_count()
    report: dict[str, Any] = {"raised": [], "server": "", "close": 0.0}
    make, _ = (
        asyncplot.Server,
        asyncplot.runs,
    )  # what these import is there, as in a program that imports at its head
    lack = shortage.Shortage(plan.shortage)
    if not plan.late:
        lack.begin()
    start = time.monotonic()
    try:
        plot = make(hostile.PLOTTERS[plan.plotter], **plan.options)
    except asyncplot.AsyncplotError as error:
        report["server"] = f"{type(error).__name__}: {error}"
        lack.end()
        return report
    report["started"] = time.monotonic() - start
    if plan.ready:
        plot.ready(30)
    if plan.late:
        lack.begin()
    print(json.dumps({"directory": str(plot.directory)}), flush=True)
    compute(plan, plot, report)
    start = time.monotonic()
    if raised := wrongly_raised(plot.close):
        report["raised"].append(f"close: {raised}")
    report["close"] = time.monotonic() - start
    report["viewers"] = [dataclasses.asdict(viewer) for viewer in plot.viewers]
    lack.end()
    del plot
    if plan.shortage:
        report["recovered"] = recovered()
    report["descriptors"] = sorted(open_descriptors() - descriptors)
    report["threads"] = threading.active_count() - threads
    return report


def compute(plan: Plan, plot: asyncplot.Server, report: dict[str, Any]) -> None:
    """Call until it is enough, then ask everything."""
    seen = Seen()
    end = time.monotonic() + plan.seconds

    def goes_on(number: int) -> bool:
        return number < plan.calls or time.monotonic() < end or (plan.told and not stdin_has_ended())

    others = [
        threading.Thread(target=seen.call, args=(plot, goes_on), daemon=True) for _ in range(plan.threads - 1)
    ]
    for other in others:
        other.start()
    seen.call(plot, goes_on)
    for other in others:
        other.join()
    report.update(calls=sum(seen.calls), longest=seen.longest, called=plot.stats.called)
    report["flushed"] = plot.flush(plan.flush) if plan.flush else False
    report["problem"] = problem(plot)  # what a plotter raised is told once
    report["raised"] += [*seen.raised, *wrong_answers(plot, seen.pending)]


def recovered() -> bool:
    """Whether another run of this process shows its frame: what it was short of is there again."""
    with asyncplot.Server(hostile.PLOTTERS["quick"], backend="offscreen", name="after") as plot:
        plot.update(1)
        return plot.flush(30)


def problem(plot: asyncplot.Server) -> str:
    """What `check` says now."""
    try:
        plot.check()
    except Exception as error:  # noqa: BLE001 (that it is one of asyncplot's is asked elsewhere)
        return f"{type(error).__name__}: {error}"[:2000]
    return ""


def stdin_has_ended() -> bool:
    """Whether whoever started this program has told it to end."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    return bool(poll.poll(0))


def open_descriptors() -> set[int]:
    """The descriptors of this process that are pipes, sockets, or files of a run; libraries may open others."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue  # the one that listed them
        if target.startswith(("pipe:", "socket:", "anon_inode:")) or "/runs" in target:
            found.add(int(name))
    return found


if __name__ == "__main__":
    print(json.dumps(main(Plan(**json.loads(sys.argv[1])))), flush=True)
