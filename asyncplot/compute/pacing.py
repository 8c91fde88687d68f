"""When a frame may be taken, so that plotting costs a stated share of the wall time. Pure.

A bucket of seconds: time fills it with ``max_overhead`` seconds a second, less what the calls
themselves cost; each taken frame empties it by what that frame really costs. A frame may be taken while
the bucket is above zero. (A bucket and not a deadline after each frame, so that one expensive frame,
such as the first touch of new memory, does not starve the next ones.)

What a frame really costs is more than the time inside ``update``: the copy, and the viewer's reading of
it, drive the computation's own data out of the caches. Measured on a stencil over 8 MB: 1.0 % inside
``update``, 6.5 % of slowdown. So a frame is charged for its bytes, too.
"""

from __future__ import annotations

#: What a call costs that takes nothing, s. Measured: 0.2-0.25 us in a loop that does nothing else; 0.4-0.5 us
#: beside 0.1 ms of Python, which leaves little of it in the nearest cache.
CALL_SECONDS = 0.45e-6

#: What a taken frame costs beyond the time inside the call. Calibrated with a live Qt viewer (250 triples of
#: segments): 0.13 ms for 8 kB beside a pure Python loop; 0.4 ms for 0.5 MB beside an FFT in the cache; 0.7 ms
#: for 8 MB beside a stencil that never fits into it. So s per frame, and s per byte up to the size of a
#: cache and beyond it.
SECONDS_PER_FRAME = 150e-6
SECONDS_PER_BYTE, CACHE_BYTES, SECONDS_PER_FURTHER_BYTE = 0.8e-9, 1_000_000, 0.1e-9

#: The bucket holds the budget of this many seconds, and a debt of at most this many (a process that
#: was suspended in the middle of a take must not be without pictures for hours).
BUCKET, DEBT = 1.0, 60.0

#: The calls' own cost may use up at most this part of the budget: slow pictures rather than none.
CALLS_PART = 0.5


class Pacing:
    """The budget of one `Server`, shared by its lanes. The clock is passed in.

    Parameters
    ----------
    max_overhead : float
        Share of the wall time that plotting may cost, 0..1; 1 or more means no limit.
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
        # Empty at first: the first frame of a lane is taken anyway, and short runs keep to the budget, too.
        self._level = 0.0

    def wait(self, now: float, calls: int) -> float:
        """How long until a frame may be taken, s; 0 if now.

        Parameters
        ----------
        now : float
            The present time, s.
        calls : int
            How often the lanes have been called so far, all together.
        """
        if self.max_overhead >= 1.0:
            return 0.0
        rate = self._fill(now, calls)
        return max(0.0, -self._level / rate) if rate > 0.0 else DEBT

    def charge(self, seconds: float, nbytes: int) -> None:
        """Note that a frame of ``nbytes`` was taken, with ``seconds`` spent inside the call."""
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
        """Let time fill the bucket; returns the rate at which it does, s per s."""
        # A clock that was read before another thread filled the bucket earns nothing again.
        elapsed = max(now - self._filled, 1e-9)
        now = max(now, self._filled)
        earned = self.max_overhead * elapsed
        used = min((calls - self._calls) * CALL_SECONDS, CALLS_PART * earned)
        self._filled, self._calls = now, calls
        self._level = min(self._level + earned - used, self.max_overhead * BUCKET)
        return (earned - used) / elapsed
