"""Two ways to use a lock that nobody waits for long. Compute side, any thread.

`with` is the only safe way to take a lock in the main thread. CPython runs signal handlers between the return
of ``acquire`` and a ``try``, so a Ctrl-C there would leave the lock held for ever. On our own threads no
signal handler runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep

#: The sleep between two tests of the lock, s.
_PAUSE = 0.0005


def wait_until_free(lock: threading.Lock, timeout: float) -> bool:
    """Wait until nobody holds the lock. False after ``timeout`` s. The lock is not taken."""
    deadline = monotonic() + timeout
    while lock.locked():
        if monotonic() >= deadline:
            return False
        sleep(_PAUSE)
    return True


def if_free(lock: threading.Lock, action: Callable[[], None]) -> None:
    """Call ``action`` with the lock held, if nobody holds it now. Only on our own threads."""
    if lock.acquire(blocking=False):
        try:
            action()
        finally:
            lock.release()
