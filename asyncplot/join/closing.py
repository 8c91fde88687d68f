"""`close_viewers` ends the viewers of a run, and `clean` removes what dead runs left. Any process and thread."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from ..errors import AsyncplotError
from ..remote.viewer_connection import ViewerConnection
from ..rundir import ViewerFiles, base_directory, is_held, register, sweep
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
    pid = int(files.state.get("pid", 0))
    if pid and is_held(files.directory):  # the lock is held, so the process with this id is the viewer
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def clean() -> list[str]:
    """Remove the directories and records of dead runs of this host, and return the names of the runs."""
    base = base_directory()
    removed = sweep(base, own=base / "..")
    register.clear()
    return removed
