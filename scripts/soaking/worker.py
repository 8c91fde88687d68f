"""Many short cases in one process, which is ended and replaced when a case hangs or crashes it.

In: a module that carries out cases of a seed, one after the other, and says a line for each. Out: an `Outcome`. The module is run
as a program by `serve`; its caller uses `carried_out`.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from .outcome import Case, Missed, Outcome, allowed, cases, described, ending, progress
from .place import Place

#: When a process that does not even say that a case took too long is ended, s; and how much memory it may take beyond what
#: it has at its start, bytes.
LIMIT, MEMORY = 10.0, 1 << 29


class TookTooLong(BaseException):
    """A case has reached its limit; raised by a signal, so that a call that blocks is left, too."""


def limit(seconds: float) -> None:
    """Let what follows take so long; more, where the machine is busy. In a case."""
    signal.setitimer(signal.ITIMER_REAL, allowed(seconds))


class Spent(BaseException):
    """So much went wrong in this process that the next case needs another one."""


def serve(carry_out: Callable[[Case], None]) -> None:
    """Carry out the cases that the command line names, from a certain one on; say how each ended. In the process of its own."""
    plan = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(1), "w")  # what is printed by others is none of ours
    os.dup2(2, 1)
    limit_memory()
    signal.signal(signal.SIGALRM, _too_long)
    for case in cases(plan["count"], plan["seed"], plan["kinds"])[plan["first"] :]:
        said = ""
        try:
            carry_out(case)
        except Missed as missed:
            said = str(missed)
        except TookTooLong as late:
            said = f"took too long: {', '.join(reversed(getattr(late, '__notes__', [])))}"
        except Spent:
            break
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps(said), file=out, flush=True)
    out.flush()
    os._exit(0)  # what is left of spoiled runs is not to be waited for


def _too_long(*_: object) -> None:
    raise TookTooLong


def limit_memory() -> None:
    """Let this process have little more memory than now: who reads all of a huge file gets a MemoryError."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))


def carried_out(module: str, here: Place, count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Have a module carry out its cases, and note what each says, or that it says nothing."""
    start = time.monotonic()
    everyone = cases(count, seed, kinds)
    failed: list[str] = []
    first = 0
    while first < count:
        plan = {"count": count, "seed": seed, "kinds": list(kinds), "first": first}
        written = here.folder / "stderr"
        with open(written, "w") as file:
            process = here.start(
                [module, json.dumps(plan)], text=False, errors=None, stderr=file, stdin=subprocess.DEVNULL
            )
        assert process.stdout is not None
        said = _Lines(process.stdout.fileno())
        line: bytes | None = b""
        while first < count:
            # The first line comes only when the process is up.
            line = said.next(allowed(LIMIT if line else 30 + LIMIT))
            if not line:
                break
            if text := json.loads(line):
                failed.append(described(everyone[first], text))
            progress(everyone[first], count, failed)
            first += 1
        if line is None:
            process.kill()
        code = process.wait(10)
        here.kill()
        if first < count and (line is None or code):
            last = ending(written.read_text(errors="replace"))
            how = "took too long" if line is None else f"ended the process: exit code {code}; {last}"
            failed.append(described(everyone[first], how))
            first += 1
        process.stdout.close()
    return Outcome(count, failed, time.monotonic() - start)


class _Lines:
    """Lines from a pipe, each within a time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._data = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(descriptor, selectors.EVENT_READ)

    def next(self, timeout: float) -> bytes | None:
        """The next line; None if none comes in time, empty at the end."""
        while b"\n" not in self._data:
            if not self._selector.select(timeout):
                return None
            piece = os.read(self._descriptor, 1 << 16)
            if not piece:
                return b""
            self._data += piece
        line, _, self._data = self._data.partition(b"\n")
        return line
