"""Measure one peer in its own process: ``python -m benchmarks.peers.measure NAME BACKEND CALLS``.

Out: one JSON line on stdout for each size, as soon as it is measured. So the sizes before a crash or a hang
still count.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from time import perf_counter

import numpy as np

from ..calls import SIZES
from ..loops import python

COMPARED = ("8kB", "0.8MB", "8MB")

#: The caller computes this long between two calls, s: the pace of a film. And the time limit for one size, s.
PACE, LONGEST = 1 / 30, 8.0

#: This many first calls are not measured: they make room, open files, and fill caches.
WARMING = 5


def main(name: str, backend: str, calls: int) -> None:
    """Time calls with arrays of each size."""
    peer = importlib.import_module(f"benchmarks.peers.{name}")
    pace = getattr(peer, "PACE", PACE)
    step = python().step
    with peer.hand_over(backend) as call:
        for size in COMPARED:
            data = np.ones(SIZES[size] // 8)
            seconds: list[float] = []
            deadline = perf_counter() + LONGEST
            while len(seconds) < calls + WARMING and perf_counter() < deadline:
                data[:] = len(seconds)
                start = perf_counter()
                call(data)
                now = perf_counter()
                seconds.append(now - start)
                while perf_counter() < now + pace:
                    step()
            low, middle, high = np.percentile(seconds[min(WARMING, len(seconds) - 1) :], [10, 50, 90]) * 1e6
            row = {"size": size, "us": middle, "p10": low, "p90": high, "calls": len(seconds)}
            print(json.dumps(row), flush=True)
        print(json.dumps({"done": True}), flush=True)
        # Some peers wait for ever at the end. That is not measured here, but the table tells it.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
