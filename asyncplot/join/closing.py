"""`close_viewers` ends the viewers of a run, and `clean` removes what dead runs left. Any process and thread."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from ..descriptors import Descriptors, noted
from ..errors import AsyncplotError
from ..remote.viewer_connection import ViewerConnection
from ..rundir import ViewerFiles, base_directory, holder, is_held, register, sweep
from .listing import Run, living_viewers

#: How long a viewer may take to answer, and to end, s.
_ANSWER, _END = 2.0, 2.0


def close_viewers(run: Run) -> int:
    """End all viewers of a run of this host, as if the user had closed their windows; returns how many there were.

    A viewer that does not answer is killed. The computation goes on.
    """
    viewers = living_viewers(run)
    for files in viewers:
        _end(files)
    return len(viewers)


def _end(files: ViewerFiles) -> None:
    remote = ViewerConnection(_ANSWER)
    try:
        with contextlib.suppress(AsyncplotError):
            remote.root(files.directory).end("it was closed from a terminal")
    finally:
        remote.close()
    deadline = time.monotonic() + _END
    while is_held(files.directory) and time.monotonic() < deadline:
        time.sleep(0.01)
    _kill(files)


def _kill(files: ViewerFiles) -> None:
    """Kill a viewer: the process that holds the lock of the folder by the word of the kernel, if the viewer's record names it.

    The record alone is not believed. It may name an innocent process, for example because the viewer is in a container
    with process ids of its own. The lock is asked for twice: if one process held it before and after its descriptor was
    opened, the descriptor is of that process, even if process ids are reused.
    """
    pid = holder(files.directory)
    if not pid or pid != files.state.pid:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError), Descriptors() as held:
        if not hasattr(os, "pidfd_open"):  # macOS
            os.kill(pid, signal.SIGKILL)
            return
        descriptor = noted(held, os.pidfd_open, pid)
        if holder(files.directory) == pid:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)


def clean() -> list[str]:
    """Remove the directories and records of dead runs of this host, and return the names of the runs."""
    base = base_directory()
    removed = sweep(base, own=base / "..")
    register.clear()
    return removed
