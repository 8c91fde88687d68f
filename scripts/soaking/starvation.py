"""Starvation: computations that are short of something from the beginning, or from when their viewer is up.

In: count and seed. Out: an `Outcome`. Each case is one computation, which afterwards makes another run with enough of all.
Some kinds need rights that not everybody has; without them they are left out, and the table says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib

from . import shortage
from .computation import Plan
from .judged import judge, switched_off
from .outcome import Campaign, Case, Missed, Outcome, one_by_one
from .place import Place, place

#: A user id without a passwd entry.
_NOBODY = 61_234

#: Mounts a tmpfs of our own, then runs the rest; nothing of it outlives the program.
_MOUNT = ["unshare", "--mount", "--map-root-user", "sh", "-c"]

#: Become that user, who may read what this one may, and nothing more. Limits on processes do not count for root.
_CAPABILITIES = "-all,+dac_read_search,+dac_override"
_AS_NOBODY = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
_AS_NOBODY += [f"--{of}={_CAPABILITIES}" for of in ("inh-caps", "ambient-caps", "bounding-set")]

_OF_DESCRIPTORS = ("no descriptors", "3 descriptors", "8 descriptors", "20 descriptors")
_OF_A_USER = ("no threads", "no processes", "no HOME and no passwd entry")
_OF_MOUNTS = ("tmpfs of 16 kB", "tmpfs of 100 kB", "tmpfs of 300 kB", "no /dev/shm")
_OF_VIEWERS = ("viewer with 8 descriptors", "viewer with 24 descriptors", "viewer without memory")
_OF_FILES = ("small files", "no files", "deleted directory")

#: Those that may begin when the viewer is up.
_LATE = (*_OF_DESCRIPTORS, "no threads", *_OF_FILES)

#: These leave all that a plot needs. For the others a plot that is switched off is enough.
_SHOWN = {"deleted directory", "no HOME and no passwd entry", "no /dev/shm", "viewer with 24 descriptors"}

KINDS = (
    *(*_OF_DESCRIPTORS, *_OF_FILES, *_OF_A_USER[1:], *_OF_MOUNTS, *_OF_VIEWERS),
    *(f"{kind}, late" for kind in _LATE),
)


def possible(kinds: Sequence[str] = KINDS) -> list[str]:
    """Those kinds that can be tried here."""
    works = {
        of: shutil.which(words[0]) is not None
        and not subprocess.call([*words, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for of, words in ((_OF_MOUNTS, _MOUNT), (_OF_A_USER, _AS_NOBODY))
    }
    return [
        kind
        for kind in kinds
        if all(can or kind.removesuffix(", late") not in of for of, can in works.items())
    ]


def run(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign."""
    return one_by_one(count, seed, possible(kinds) or ["deleted directory"], _case)


def _case(case: Case) -> None:
    kind, _, late = case.kind.partition(", ")
    with place() as here, tempfile.TemporaryDirectory(prefix="soak-") as other:
        plan = Plan("quick", {"backend": "offscreen"}, calls=2000, seconds=0.3, flush=0.5, ready=True)
        # What begins before the program does is also there for its next run.
        plan.shortage, plan.late = kind if kind in shortage.KINDS else "", bool(late)
        if kind in _SHOWN:
            plan.flush = 20.0
        with _made_short(kind, here, Path(other), plan) as before:
            ended = here.finish(here.start(plan.words(), before=before))
        report = judge(ended)
        if "Traceback" in ended.err:
            raise Missed(f"a traceback on stderr: {ended.err[-200:]}")
        if kind in _SHOWN and not report["flushed"]:
            raise Missed(
                f"no frame was shown; {switched_off(report) or report['problem']}; stderr: {ended.err[-200:]}"
            )
        if not report.get("recovered", True):
            raise Missed("the next run, with enough of all, showed nothing")
        for folder in here.base.glob("asyncplot-*"):
            folder.rmdir()  # which stays for the next run
        here.must_be_empty()


@contextlib.contextmanager
def _made_short(kind: str, here: Place, other: Path, plan: Plan) -> Iterator[list[str]]:
    """Make a shortage that begins before the program does; gives the words that stand before its own."""
    words: list[str] = []
    options: dict[str, Any] = plan.options
    if kind in _OF_A_USER:
        words = _AS_NOBODY
        fonts = here.folder / "matplotlib"  # looked for anew, they would take seconds
        with contextlib.suppress(OSError):
            shutil.copytree(matplotlib.get_cachedir(), fonts)
        here.environment["MPLCONFIGDIR"] = str(fonts)
        for path in (here.folder, *here.folder.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)
        if "HOME" in kind:
            for name in ("HOME", "USER", "LOGNAME", "XDG_STATE_HOME"):
                here.environment.pop(name, None)
    elif kind.startswith("tmpfs"):
        size = kind.split()[-2]
        words = [*_MOUNT, f'mount -t tmpfs -o size={size}k,mode=700 none {here.base} && exec "$@"', "sh"]
    elif kind == "no /dev/shm":
        # The case's own folder is there, and everything that follows has to be elsewhere.
        here.environment.update(TMPDIR=str(other), XDG_STATE_HOME=str(other / "state"))
        del here.environment["ASYNCPLOT_RUNTIME_DIR"]
        words = [*_MOUNT, f'cd {other} && mount -t tmpfs -o ro none /dev/shm && exec "$@"', "sh"]
    elif kind.startswith("viewer with "):
        options["cmd"] = ["sh", "-c", f'ulimit -n {kind.split()[2]}; exec {sys.executable} -c "$1"', "sh"]
    elif kind == "viewer without memory":
        options["cmd"] = ["sh", "-c", f'ulimit -v 200000; exec {sys.executable} -c "$1"', "sh"]
    yield words


CAMPAIGN = Campaign(
    name="starvation",
    what="A computation is short of descriptors, threads, processes, room, HOME, its directory or /dev/shm; "
    "or its viewer of descriptors or memory",
    bar="no call raises or waits; no traceback; close takes its time at most; nothing is left; the next run shows its frame",
    kinds=KINDS,
    function=run,
    long=4 * len(KINDS),
    short=len(KINDS),
)
