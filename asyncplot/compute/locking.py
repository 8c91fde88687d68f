"""Two ways to use a lock that must make nobody wait for long. Compute side, any thread.

`with` is the only safe way to take a lock: CPython runs signal handlers between the return of ``acquire`` and a ``try``,
so a Ctrl-C there would leave the lock taken for ever. On our own threads no signal handler runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep

#: How long to sleep between two looks, s.
_PAUSE = 0.0005


def wait_until_free(lock: threading.Lock, timeout: float) -> bool:
    """Wait until nobody holds the lock; False at the time-out, s. It is not taken."""
    deadline = monotonic() + timeout
    while lock.locked():
        if monotonic() >= deadline:
            return False
        sleep(_PAUSE)
    return True


def if_free(lock: threading.Lock, action: Callable[[], None]) -> None:
    """Do something under the lock if nobody holds it now. Only on a thread of ours."""
    if lock.acquire(blocking=False):
        try:
            action()
        finally:
            lock.release()
