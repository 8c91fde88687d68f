"""What a test must not leave behind: threads, descriptors, processes, and files of runs."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

#: Files that matplotlib keeps open for as long as the process lives: fonts.
_KEPT_OPEN = (".ttf", ".otf", ".afm")

#: Starts the browser of all tests, see `tests/web/conftest.py`.
_BROWSER_DRIVER = "chromedriver"


class Snapshot:
    """What this process has now, and what is added later, in a few words each.

    Parameters
    ----------
    runtime_dir : Path
        The folder of the test's run directories. A process whose command or environment names it belongs to
        the test.
    """

    def __init__(self, runtime_dir: Path) -> None:
        self._runtime_dir = runtime_dir
        self._threads = set(threading.enumerate())
        self._descriptors = open_descriptors()
        self._children = {process.pid for process in psutil.Process().children(recursive=True)}

    def leaks(self) -> list[str]:
        """What is new since then. Collects garbage first, because a cycle may still hold a descriptor."""
        gc.collect()
        return [
            *(f"thread {thread.name!r}" for thread in set(threading.enumerate()) - self._threads),
            *(
                f"descriptor {number} ({target(number)})"
                for number, identity in open_descriptors().items()
                if self._descriptors.get(number) != identity and not target(number).endswith(_KEPT_OPEN)
            ),
            *(f"process {process.pid} ({described(process)})" for process in self.processes()),
            *(f"file {path}" for path in sorted(self._runtime_dir.iterdir())),
        ]

    def processes(self) -> list[psutil.Process]:
        """New children, and every process that has the name of the test's runtime directory."""
        children = psutil.Process().children(recursive=True)
        found = {process.pid: process for process in children if not self._is_known(process)}
        found.update((process.pid, process) for process in self._told())
        return list(found.values())

    def _is_known(self, process: psutil.Process) -> bool:
        """Whether it was there, or belongs to the browser that was there: that starts a process for each page."""
        if process.pid in self._children:
            return True
        with contextlib.suppress(psutil.Error):
            return any(
                each.pid in self._children and each.name() == _BROWSER_DRIVER for each in process.parents()
            )
        return False

    def _told(self) -> Iterator[psutil.Process]:
        name = str(self._runtime_dir)
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):  # it has ended meanwhile, or belongs to another user
                words = [*process.cmdline(), process.environ().get("ASYNCPLOT_RUNTIME_DIR", "")]
                if process.pid != os.getpid() and any(name in word for word in words):
                    yield process

    def kill(self) -> None:
        """Kill what the test left running, so that the next test does not find it."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()


def open_descriptors() -> dict[int, tuple[int, int]]:
    """The open descriptors of this process, each with the device and inode that identify its file."""
    identities = {}
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # the descriptor that listed them is closed now
            status = os.fstat(int(name))
            identities[int(name)] = (status.st_dev, status.st_ino)
    return identities


def target(descriptor: int) -> str:
    """What a descriptor leads to, if the system tells it."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return "unknown"


def described(process: psutil.Process) -> str:
    """The state and the command of a process, shortened."""
    with contextlib.suppress(psutil.Error):
        return f"{process.status()}: {' '.join(process.cmdline())[:200]}"
    return "gone"
