"""The budget: when a frame may be taken, so that plotting costs at most a given share of the wall time. Pure.

In: the time, the number of calls, and the cost of each taken frame. Out: how long the next frame must wait.

The budget is a bucket of seconds. Time fills it with ``max_overhead`` seconds per second, minus the cost of
the calls. Each taken frame removes its real cost. A frame may be taken while the bucket is above zero. (With
a deadline after each frame instead of a bucket, one expensive frame would delay the next ones, for example
the first write to new memory.)

The real cost of a frame is more than the time inside ``update``. The copy, and the viewer's reading of it,
push the computation's own data out of the caches. A stencil over 8 MB had 1.0 % inside ``update``, and was
6.5 % slower. So a frame is charged for its bytes, too.
"""

from __future__ import annotations

#: The cost of a call that takes nothing, s. Measured: 0.2-0.25 us in a loop that does nothing else; 0.4-0.5
#: us in a loop with 0.1 ms of Python per step, which pushes most of our code out of the nearest cache.
CALL_SECONDS = 0.45e-6

#: The cost of a taken frame beyond the time inside the call: s per frame, s per byte up to the size of a
#: cache, and s per further byte. Calibrated with a live Qt viewer (250 triples of segments): 0.13 ms for 8 kB
#: beside a pure Python loop; 0.4 ms for 0.5 MB beside an FFT in the cache; 0.7 ms for 8 MB beside a stencil
#: that does not fit into the cache.
SECONDS_PER_FRAME = 150e-6
SECONDS_PER_BYTE, CACHE_BYTES, SECONDS_PER_FURTHER_BYTE = 0.8e-9, 1_000_000, 0.1e-9

#: The bucket holds the budget of at most ``BUCKET`` s, and a debt of at most ``DEBT`` s. (Without this limit,
#: a process that was suspended in the middle of a take would show no picture for hours.)
BUCKET, DEBT = 1.0, 60.0

#: The cost of the calls uses at most this part of the budget. So very fast loops still get some pictures.
CALLS_PART = 0.5


class Pacing:
    """The budget of one `Server`, shared by its lanes. The clock is passed in.

    Parameters
    ----------
    max_overhead : float
        The share of the wall time that plotting may cost, 0..1. 1 or more: no limit.
    now : float
        The present time, s.
    """

    __slots__ = ("_calls", "_filled", "_level", "max_overhead", "spent", "started")

    def __init__(self, max_overhead: float, now: float) -> None:
        self.max_overhead = max_overhead
        self.started = now
        self.spent = 0.0
        self._filled = now
        self._calls = 0
        # Empty at first, so that short runs keep to the budget, too. The first frame of a lane is taken
        # anyway.
        self._level = 0.0

    def wait(self, now: float, calls: int) -> float:
        """The time until a frame may be taken, s; 0 if it may be taken now.

        Parameters
        ----------
        now : float
            The present time, s.
        calls : int
            The number of calls of all lanes so far.
        """
        if self.max_overhead >= 1.0:
            return 0.0
        rate = self._fill(now, calls)
        return max(0.0, -self._level / rate) if rate > 0.0 else DEBT

    def charge(self, seconds: float, nbytes: int) -> None:
        """Charge a taken frame of ``nbytes`` bytes, with ``seconds`` s spent inside the call."""
        cached = min(nbytes, CACHE_BYTES)
        cost = seconds + SECONDS_PER_FRAME
        cost += cached * SECONDS_PER_BYTE + (nbytes - cached) * SECONDS_PER_FURTHER_BYTE
        self.spent += cost
        self._level = max(self._level - cost, -DEBT * self.max_overhead)

    def share(self, now: float, calls: int) -> float:
        """The share of the wall time that plotting has cost since the first call, 0..1."""
        elapsed = now - self.started
        return (self.spent + calls * CALL_SECONDS) / elapsed if elapsed > 0.0 else 0.0

    def _fill(self, now: float, calls: int) -> float:
        """Add what the budget has earned since the last time. Returns the rate of that, s per s."""
        # Another thread may have filled the bucket after this one read its clock. Then nothing is added
        # twice.
        elapsed = max(now - self._filled, 1e-9)
        now = max(now, self._filled)
        earned = self.max_overhead * elapsed
        used = min((calls - self._calls) * CALL_SECONDS, CALLS_PART * earned)
        self._filled, self._calls = now, calls
        self._level = min(self._level + earned - used, self.max_overhead * BUCKET)
        return (earned - used) / elapsed
