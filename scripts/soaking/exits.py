"""Exits: however a program ends, its exit code and its stderr are as without asyncplot.

In: count and seed. Out: an `Outcome`. Each case is `soaking.leaving` once with plots and once without.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Sequence

from .outcome import Campaign, Case, Missed, Outcome, allowed, ending, one_by_one
from .place import Ended, Place, interruptible, place, wait_until

KINDS = (
    *("Ctrl-C while it starts", "Ctrl-C", "return with a viewer", "return", "SIGTERM"),
    *("Ctrl-C while it starts", "Ctrl-C", "sys.exit with a viewer", "sys.exit", "SIGABRT"),
    *("Ctrl-C while it starts", "Ctrl-C", "exception with a viewer", "exception"),
    *("Ctrl-C with a viewer", "os._exit with a viewer", "os._exit"),
)

#: How long after its first word, or its last, a program gets the signal at most, s.
_AGE = 0.5


def run(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign."""
    with interruptible():
        return one_by_one(count, seed, kinds, _case)


def _case(case: Case) -> None:
    with place() as here:
        ended = _ended(here, case)
        if case.kind.startswith("Ctrl-C"):
            _check_interrupt(ended)
        else:
            here.environment["ASYNCPLOT"] = "off"
            _check_same(ended, _ended(here, case))
        here.must_be_empty()


def _ended(here: Place, case: Case) -> Ended:
    signalled = case.kind.startswith("Ctrl-C") or case.kind == "SIGTERM"
    process = here.start(["soaking.leaving", case.kind])
    if signalled:
        assert process.stdout is not None
        if not wait_until(process.stdout.readline, allowed(20)):
            raise Missed("it did not begin")
        if case.kind != "Ctrl-C while it starts":
            process.stdout.readline()
        time.sleep(case.chance.uniform(0, _AGE))  # not to wait for anything: this is the random instant
        # As a terminal does it: to the whole group.
        os.killpg(process.pid, signal.SIGTERM if case.kind == "SIGTERM" else signal.SIGINT)
    return here.finish(process)


def _check_interrupt(ended: Ended) -> None:
    """One traceback, whose last line is the interrupt; and the exit code of a program that was interrupted."""
    if ended.code != -signal.SIGINT:
        raise Missed(f"exit code {ended.code}; stderr: {ending(ended.err)}")
    lines = ended.err.splitlines()
    foreign = [line for line in lines if re.match(r"(\[|Exception ignored|Error in atexit|Fatal)", line)]
    if lines[-1:] != ["KeyboardInterrupt"] or foreign or not lines[0].startswith("Traceback"):
        raise Missed(f"stderr is not one traceback: {' / '.join([*foreign, *lines[-3:]])}")


def _check_same(with_plots: Ended, without: Ended) -> None:
    if with_plots.code != without.code:
        raise Missed(f"exit code {with_plots.code} and not {without.code}; stderr: {ending(with_plots.err)}")
    if with_plots.err != without.err:
        raise Missed(f"stderr: {ending(with_plots.err)!r} and not {ending(without.err)!r}")


CAMPAIGN = Campaign(
    name="exits",
    what="A program ends: by Ctrl-C at a random instant, by its end, sys.exit, an exception, os._exit, SIGTERM, SIGABRT",
    bar="exit code and stderr as without asyncplot; nothing is left",
    kinds=KINDS,
    function=run,
    long=17 * 15,
    short=17,
)
