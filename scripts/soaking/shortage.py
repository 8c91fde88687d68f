"""What a computation can be short of, from its own side: descriptors, processes, room in a file, a current directory.

In: a kind. Out: the limit, from `begin` to `end`, on this process and what it starts. Shortages that begin before the program
does (another user, another tmpfs) are made by the campaign.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile

#: Kind -> which limit, and the number for those that are absolute.
_LIMITS: dict[str, tuple[int, int]] = {
    "no processes": (resource.RLIMIT_NPROC, 1),
    "no threads": (resource.RLIMIT_NPROC, 1),
    "small files": (resource.RLIMIT_FSIZE, 1 << 12),
    "no files": (resource.RLIMIT_FSIZE, 0),
}

#: Kind -> how many descriptors are free.
_FREE = {"no descriptors": 0, "3 descriptors": 3, "8 descriptors": 8, "20 descriptors": 20}


#: What this program can have too little of, and enough again.
KINDS = (*_LIMITS, *_FREE, "deleted directory")


class Shortage:
    """One shortage; empty for none."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._before: tuple[int, tuple[int, int]] | None = None

    def begin(self) -> None:
        """Have too little from now on."""
        if self._kind == "deleted directory":
            folder = tempfile.mkdtemp()
            os.chdir(folder)
            os.rmdir(folder)
            sys.path.insert(0, "")
        elif self._kind in _FREE:
            self._limit(resource.RLIMIT_NOFILE, _number_behind(_FREE[self._kind]))
        elif self._kind in _LIMITS:
            self._limit(*_LIMITS[self._kind])

    def end(self) -> None:
        """Have enough again."""
        if self._before is not None:
            resource.setrlimit(*self._before)
        if self._kind == "deleted directory":
            os.chdir("/")

    def _limit(self, what: int, number: int) -> None:
        before = resource.getrlimit(what)
        self._before = (what, before)
        resource.setrlimit(what, (number, before[1]))


def _number_behind(free: int) -> int:
    """The limit that leaves so many descriptors: the number behind the ``free`` lowest ones that are not open."""
    used = {int(name) for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")}
    number = 0
    while free or number in used:
        free -= number not in used
        number += 1
    return number
