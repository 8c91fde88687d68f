"""Hostile plotters: each kind of `hostile` in a viewer, while the computation calls and asks.

In: count and seed. Out: an `Outcome`. Each case is one computation.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from . import hostile
from .computation import Plan
from .judged import judge
from .outcome import Campaign, Case, Missed, Outcome, allowed, one_by_one
from .place import place

#: Commands of plotting interpreters that behave as badly, by kind, and the plotter that each shows.
COMMANDS = {
    "command that leaves the session": (["setsid", "-w", sys.executable, "-c"], "endless loop"),
    "command that ends at once": (["true"], "quick"),
    "command that never runs the code": (["sh", "-c", "sleep 600"], "quick"),
    "command that outlives its viewer": (["sh", "-c", f'{sys.executable} -c "$1"; sleep 600', "sh"], "quick"),
}

KINDS = (*(kind for kind in hostile.PLOTTERS if kind not in {"ordinary", "quick"}), *COMMANDS)

#: What ends the viewer, which `check` has to tell.
_ENDING = {
    "os._exit",
    "os._exit when it is made",
    "segfault",
    "aborts",
    "command that ends at once",
    "kills its parent",
}

#: Of what raises, `check` has to tell, too.
_RAISING = {kind for kind in KINDS if kind.startswith("raises")} | {"SystemExit", "KeyboardInterrupt"}

#: These write much, and go on then: what reads it has to keep up. In so many seconds.
_WRITING = {"many lines of output", "output without newlines", "raises a huge text"}
_KEEPING_UP = 5.0

#: These viewers are never ready, so nobody waits for it.
_NEVER_READY = {"endless loop when it is made", "command that never runs the code"}


def run(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign."""
    return one_by_one(count, seed, kinds, _case)


def _case(case: Case) -> None:
    kind = case.kind
    with place() as here:
        command, plotter = COMMANDS.get(kind, (None, kind))
        plan = Plan(
            plotter,
            {"backend": "offscreen", "cmd": command},
            ready=kind not in _NEVER_READY,
            calls=2000,
            seconds=case.chance.uniform(0.1, 0.3),
            flush=allowed(_KEEPING_UP) if kind in _WRITING else 0.3,
        )
        report = judge(here.finish(here.start(plan.words())))
        if kind in _WRITING and not report["flushed"]:
            raise Missed(f"what it wrote held it up for more than {allowed(_KEEPING_UP):.0f} s")
        if kind in _ENDING and not report["problem"].startswith("ViewerGone"):
            raise Missed(f"check did not tell of the end, but {report['problem'][:100]!r}")
        if kind in _RAISING and not report["problem"].startswith("PlotterError"):
            raise Missed(f"check did not tell what it raised, but {report['problem'][:100]!r}")
        here.must_be_empty()


CAMPAIGN = Campaign(
    name="plotters",
    what=f"{len(KINDS)} kinds of hostile plotters and commands",
    bar="no call raises or waits; check tells what happened; close takes its time at most; stderr stays small; nothing is left",
    kinds=KINDS,
    function=run,
    long=3 * len(KINDS),
    short=len(KINDS),
)
