"""Viewers die: at a random instant of its life a viewer gets a signal, while the computation calls without a pause.

In: count and seed. Out: an `Outcome`. Each case is one computation with one viewer.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence

from benchmarks.display import display

from .computation import Plan
from .judged import judge
from .outcome import Campaign, Case, Missed, Outcome, allowed, one_by_one
from .place import place, signalled_at, wait_until

#: In each ten of them one has a real window.
KINDS = (
    *("SIGKILL", "SIGSTOP", "SIGTERM", "SIGKILL", "SIGSTOP while it starts"),
    *("SIGKILL", "SIGSTOP", "SIGTERM", "SIGSTOP while it starts", "Qt"),
)

#: How old a viewer gets at most before the signal, s: offscreen, and with a window.
_AGE, _AGE_QT = 1.2, 2.5


def run(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign."""
    with _screen() if "Qt" in kinds else contextlib.nullcontext("offscreen") as backend:
        return one_by_one(count, seed, kinds, lambda case: _case(case, backend))


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """A virtual screen, in this process's environment, which is as before in the end; gives the backend."""
    before = dict(os.environ)
    try:
        with display() as backend:
            yield backend
    finally:
        os.environ.clear()
        os.environ.update(before)


def _case(case: Case, backend: str) -> None:
    if case.kind == "Qt":
        if backend != "qt":
            raise Missed("no Xvfb or no Qt here")
        name, age = case.chance.choice(["SIGKILL", "SIGSTOP", "SIGTERM"]), case.chance.uniform(0, _AGE_QT)
    else:
        name, age = case.kind.split()[0], case.chance.uniform(0, _AGE)
        backend = "offscreen"
    with place() as here:
        plan = Plan("ordinary", {"backend": backend}, told=True)
        process = here.start(plan.words())
        pids = wait_until(here.viewers, allowed(20))
        if not pids:
            ended = here.finish(process)
            raise Missed(f"no viewer came; exit code {ended.code}; {ended.err[-200:]}")
        if name == "SIGSTOP" and "starts" not in case.kind:
            wait_until(here.ready, allowed(20))
            age = case.chance.uniform(0, 0.3)
        elif "starts" in case.kind:
            age = case.chance.uniform(0, 0.3)
        signalled_at(pids[0], name, age)
        time.sleep(0.3)
        report = judge(here.finish(process))
        if name == "SIGKILL" and "SIGKILL" not in report["problem"]:
            raise Missed(f"check did not tell of the end, but {report['problem'][:100]!r}")
        here.must_be_empty()


CAMPAIGN = Campaign(
    name="viewers",
    what="A viewer gets SIGKILL, SIGTERM or SIGSTOP at a random instant of its life; one in ten has a real Qt window",
    bar="no call raises or waits; check tells of the end; close takes its time at most; nothing is left",
    kinds=KINDS,
    function=run,
    long=200,
    short=10,
)
