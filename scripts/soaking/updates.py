"""Many updates: two million calls while viewers come and go, and eight threads that call at once.

In: count and seed. Out: an `Outcome`. Of the first campaign each case is one ``asyncplot view``; of the second, one computation.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence

from .computation import Plan
from .judged import judge
from .outcome import Campaign, Case, Missed, Outcome, allowed, cases, described, one_by_one, progress
from .place import GONE, Place, interruptible, place, signalled_at, wait_until

#: Calls for each attached viewer.
CALLS = 20_000

#: How long a viewer that attached stays at most after its first picture, s.
_STAY = 0.3

#: How long the threads call, s: in the short form of three cases, and in the long one.
_SECONDS = 1.0

ATTACHED = ("closed with the run", "SIGINT", "SIGKILL", "SIGTERM")
THREADS = ("8 threads", "8 threads, copies", "8 threads, respawned viewer")


def attach(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign of attached viewers: one computation for all of them."""
    start = time.monotonic()
    failed: list[str] = []
    everyone = cases(count, seed, kinds)
    with interruptible(), place() as here:
        plan = Plan(
            "ordinary", {"viewer": None, "name": "watched"}, calls=CALLS * count, told=True, flush=20.0
        )
        computation = here.start(plan.words())
        staying: list[subprocess.Popen[str]] = []
        wait_until((here.base / "watched" / "run.json").exists, allowed(20))
        for case in everyone:
            progress(case, count, failed)
            try:
                viewer = _attached(here, case)
                if case.kind == "closed with the run" and len(staying) < 2:
                    staying.append(viewer)
                else:
                    _detach(viewer, case)
            except Missed as missed:
                failed.append(described(case, str(missed)))
        try:
            report = judge(here.finish(computation, timeout=60 + CALLS * count * 1e-5))
            if staying and not report["flushed"]:
                raise Missed("the last frame was not drawn by a viewer that stayed")
            for viewer in staying:
                _must_end(viewer, "the end of the run")
            here.must_be_empty()
        except Missed as missed:
            failed.append(described(everyone[-1], str(missed)))
    return Outcome(count, failed, time.monotonic() - start)


def _attached(here: Place, case: Case) -> subprocess.Popen[str]:
    """Start a viewer, and wait until it has drawn a frame."""
    there = here.ready()
    words = ["asyncplot", "view", "watched", "--backend", "offscreen"]
    viewer = here.start(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    if not wait_until(lambda: here.ready() - there, allowed(20)):
        viewer.kill()
        raise Missed(f"it was not up after {allowed(20):.0f} s; exit code {viewer.poll()}")
    time.sleep(case.chance.uniform(0, _STAY))  # not to wait for anything: this is the random instant
    return viewer


def _detach(viewer: subprocess.Popen[str], case: Case) -> None:
    name = case.kind if case.kind.startswith("SIG") else "SIGINT"
    os.killpg(viewer.pid, getattr(signal, name))
    _must_end(viewer, name)


def _must_end(viewer: subprocess.Popen[str], why: str) -> None:
    try:
        viewer.wait(allowed(GONE))
    except subprocess.TimeoutExpired:
        viewer.kill()
        raise Missed(f"asyncplot view did not end within {allowed(GONE):.1f} s after {why}") from None


def threads(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign of threads. Together they call for a minute in the long form."""
    return one_by_one(count, seed, kinds, _threads)


def _threads(case: Case) -> None:
    with place() as here:
        copy = "always" if "copies" in case.kind else "auto"
        options = {"backend": "offscreen", "copy": copy, "respawn": "respawned" in case.kind}
        plan = Plan("quick", options, seconds=_SECONDS, threads=8, ready=True, flush=20.0)
        process = here.start(plan.words())
        if "respawned" in case.kind:
            for pid in wait_until(here.viewers, allowed(20)) or []:
                signalled_at(pid, "SIGKILL", case.chance.uniform(0, 1.0))
        report = judge(here.finish(process))
        if not report["flushed"]:
            raise Missed("the last frame was not drawn")
        here.must_be_empty()


CAMPAIGNS = (
    Campaign(
        name="updates",
        what=f"{CALLS:,} calls of update for each viewer that attaches, draws, and ends by Ctrl-C, a signal or with the run",
        bar="no call raises or waits; each is counted; each viewer draws; a viewer that stays draws the last frame; nothing is left",
        kinds=ATTACHED,
        function=attach,
        long=100,
        short=5,
    ),
    Campaign(
        name="threads",
        what=f"8 threads call update for {_SECONDS:g} s without a pause",
        bar="no call raises or waits; each is counted; the last frame is drawn; nothing is left",
        kinds=THREADS,
        function=threads,
        long=60,
        short=3,
    ),
)
