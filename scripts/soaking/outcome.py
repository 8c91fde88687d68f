"""What a campaign is, and what comes out of it. Pure, but for the clock.

In: how many cases, and a seed. Out: an `Outcome`. A case that misses its bar raises `Missed`.
"""

from __future__ import annotations

import dataclasses
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Missed(Exception):
    """A case has missed its bar; the message says in a few words what happened."""


class Outcome(NamedTuple):
    """What came out of a campaign.

    Attributes
    ----------
    done : int
        How many cases there were.
    failed : list of str
        The cases that missed the bar: kind, number, and what happened.
    seconds : float
        How long all of it took.
    """

    done: int
    failed: list[str]
    seconds: float


class Case(NamedTuple):
    """One case: its number, what kind of case it is, and its own source of chance."""

    number: int
    kind: str
    chance: random.Random


@dataclasses.dataclass(frozen=True)
class Campaign:
    """One campaign.

    Attributes
    ----------
    name : str
        What ``--only`` calls it.
    what : str
        What is done, for the table.
    bar : str
        What must hold in each case, for the table.
    kinds : tuple of str
        The kinds of its cases. They take turns.
    function : callable
        ``(count, seed, kinds) -> Outcome``.
    long, short : int
        How many cases each form has.
    """

    name: str
    what: str
    bar: str
    kinds: tuple[str, ...]
    function: Callable[[int, int, Sequence[str]], Outcome]
    long: int
    short: int

    def run(self, count: int, seed: int, kinds: Sequence[str] = ()) -> Outcome:
        """Carry out ``count`` cases of some kinds (default: all)."""
        return self.function(count, seed, kinds or self.kinds)


def cases(count: int, seed: int, kinds: Sequence[str]) -> list[Case]:
    """The cases of a campaign. Each can be had again from the same seed and kinds."""
    return [
        Case(number, kinds[number % len(kinds)], random.Random(f"{seed} {number}")) for number in range(count)
    ]


def one_by_one(count: int, seed: int, kinds: Sequence[str], carry_out: Callable[[Case], None]) -> Outcome:
    """Carry out all cases in this process, one after the other, and note which of them are missed."""
    start = time.monotonic()
    failed: list[str] = []
    for case in cases(count, seed, kinds):
        progress(case, count, failed)
        try:
            carry_out(case)
        except Missed as missed:
            failed.append(described(case, str(missed)))
    return Outcome(count, failed, time.monotonic() - start)


def described(case: Case, what: str) -> str:
    """A missed case in one short line.

    >>> described(Case(7, "endless loop", random.Random()), "close took 3.2 s")
    'endless loop (case 7): close took 3.2 s'
    """
    text = " ".join(what.split())[:300].encode("ascii", "backslashreplace").decode()
    return f"{case.kind} (case {case.number}): {text}"


def progress(case: Case, count: int, failed: Sequence[str]) -> None:
    """On a terminal, one line that says how far the campaign is."""
    if sys.stderr.isatty():
        line = f"{case.number + 1}/{count}, {len(failed)} missed: {case.kind}"
        print(f"\r{line:<70.70}", end="\r", file=sys.stderr, flush=True)


def allowed(seconds: float) -> float:
    """A time limit on this machine now: longer, where more processes want to run than there are cores; six times at most.

    A limit of 2 s on a quiet machine would tell nothing of asyncplot where four processes share a core.
    """
    busy = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return seconds * min(max(busy, 1.0), 6.0)


def ending(text: str, length: int = 200) -> str:
    """The end of an output, for a description."""
    return text.strip()[-length:]
