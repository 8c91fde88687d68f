"""Computations die: SIGKILL at a random instant, from the first import to the last call.

In: count and seed. Out: an `Outcome`. Each case is one computation, and then the next run in the same place.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence

from .computation import Plan
from .judged import judge
from .outcome import Campaign, Case, Missed, Outcome, allowed, one_by_one
from .place import GONE, Place, place, wait_until

KINDS = ("alone", "with a stopped viewer", "with a busy viewer")

#: How long a computation lives at most, s.
_AGE = 2.0


def run(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign."""
    return one_by_one(count, seed, kinds, _case)


def _case(case: Case) -> None:
    with place() as here:
        busy = case.kind == "with a busy viewer"
        plan = Plan("endless loop" if busy else "ordinary", {"backend": "offscreen"}, told=True)
        process = here.start(plan.words())
        if case.kind == "with a stopped viewer":
            for pid in wait_until(here.viewers, allowed(20)) or []:
                os.kill(pid, signal.SIGSTOP)
        time.sleep(case.chance.uniform(0, _AGE))  # not to wait for anything: this is the random instant
        process.kill()
        process.communicate()
        _must_end(here)
        _age(here)
        # What lies there goes at the latest when the next run starts.
        judge(here.finish(here.start(Plan("quick", {"viewer": None}, calls=100).words())))
        here.must_be_empty()


def _must_end(here: Place) -> None:
    limit = allowed(GONE)
    if not wait_until(lambda: not here.processes(), limit):
        raise Missed(f"after {limit:.1f} s there was {'; '.join(here.processes().values())[:200]}")


def _age(here: Place) -> None:
    """Have a minute pass: a folder that has no record yet may be a run that is just starting, and is left alone for a while."""
    for path in here.base.iterdir():
        os.utime(path, (time.time() - 60,) * 2)


CAMPAIGN = Campaign(
    name="computations",
    what="A computation gets SIGKILL at a random instant; its viewer draws, is stopped, or never comes back from its plotter",
    bar="no process after 2 s; nothing in the folder of run directories when the next run has started",
    kinds=KINDS,
    function=run,
    long=100,
    short=6,
)
