"""Where one case happens: a folder for its runs, the programs that it starts, and a look at what they left.

In: modules to run and their words. Out: what they wrote, how they ended, and which files and processes are still there.
Each process is known by a variable of its environment, which all that it starts inherits.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import asyncplot

from .outcome import Missed, allowed, ending

T = TypeVar("T")

#: Names the case's folder, in the environment of each of its processes.
MARK = "ASYNCPLOT_SOAK"

#: How long what a run leaves may take to go, s (contract C7), and what a program may take in all.
GONE, PROGRAM = 2.0, 60.0

#: Variables of the user's that would decide what is shown, and where.
_DECIDING = ("ASYNCPLOT", "MPLBACKEND", "QT_", "WAYLAND_DISPLAY", "SLURM_", "PMI", "OMPI_")


class Ended(NamedTuple):
    """How a program ended: its exit code, what it wrote, and the record that it reported at its end."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The last line of its stdout, which is a record."""
        lines = self.out.splitlines()
        try:
            record = json.loads(lines[-1])
        except (IndexError, ValueError):
            raise Missed(f"no report; exit code {self.code}; stderr: {ending(self.err)}") from None
        return dict(record)


class Place:
    """The folder and the processes of one case.

    Attributes
    ----------
    folder : Path
        Free for the case's own files.
    base : Path
        Where its run directories are made.
    environment : dict
        What its programs are given.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.base = folder, folder / "runs"
        self.base.mkdir(mode=0o700)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_DECIDING)}
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        paths = [str(Path(__file__).parents[1]), str(Path(asyncplot.__file__).parents[1])]
        self.environment = {
            **kept,
            **threads,
            "PYTHONPATH": os.pathsep.join(paths),
            "ASYNCPLOT_RUNTIME_DIR": str(self.base),
            "XDG_STATE_HOME": str(folder / "state"),
            MARK: str(folder),
        }

    def start(self, words: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Start a module of this package as a program (``["soaking.computation", ...]``); its output comes by pipes."""
        before = list(options.pop("before", ()))
        return subprocess.Popen(
            [*before, sys.executable, "-m", *words],
            **{
                "env": self.environment,
                "cwd": self.folder,
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                "errors": "replace",
                "start_new_session": True,
                **options,
            },
        )

    def finish(
        self, process: subprocess.Popen[str], said: str | None = None, timeout: float = PROGRAM
    ) -> Ended:
        """Wait for a program's end, which closing its stdin may bring about."""
        try:
            out, err = process.communicate(said, timeout=allowed(timeout))
        except subprocess.TimeoutExpired:
            process.kill()
            self.kill()  # who holds its stderr
            _, err = process.communicate()
            raise Missed(f"it hung for {allowed(timeout):.0f} s; stderr: {ending(err)}") from None
        return Ended(process.returncode, out, err)

    def processes(self) -> dict[int, str]:
        """The living processes of this case, with their command lines; none that is dead and not reaped yet."""
        mark, found = f"{MARK}={self.folder}".encode(), {}
        for entry in os.listdir("/proc"):
            if entry.isdigit() and int(entry) != os.getpid():
                with contextlib.suppress(OSError):  # it has ended meanwhile, or is somebody else's
                    if mark in Path(f"/proc/{entry}/environ").read_bytes().split(b"\0"):
                        line = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ")
                        found[int(entry)] = line.decode(errors="replace")
        return found

    def viewers(self, number: int = 1) -> list[int]:
        """The process of viewer ``number`` of the case's one run, as soon as it is started."""
        return [pid for pid, line in self.processes().items() if f"',{number})" in line and "main('" in line]

    def ready(self) -> set[Path]:
        """The folders of the viewers that are up."""
        found = set()
        for state in self.base.glob("*/viewer-*/state.json"):
            with contextlib.suppress(OSError):  # it has gone meanwhile
                if '"ready"' in state.read_text():
                    found.add(state.parent)
        return found

    def left(self) -> list[str]:
        """What is still there of runs: processes, and what lies in the folder of run directories."""
        processes = [f"process {pid}: {line[:90]}" for pid, line in self.processes().items()]
        return [*processes, *(f"file {path.name}" for path in self.base.iterdir())]

    def must_be_empty(self, seconds: float = GONE) -> None:
        """Raise Missed if anything is left after some time."""
        limit = allowed(seconds)
        if not wait_until(lambda: not self.left(), limit):
            raise Missed(f"left after {limit:.1f} s: {'; '.join(self.left())[:200]}")

    def kill(self) -> list[int]:
        """End all processes of this case; those that there were."""
        pids = list(self.processes())
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        return pids


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """A place, of which nothing is left in the end. Its path is short: a Unix socket's has room for 108 bytes."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir=parent))
    here = Place(folder)
    try:
        yield here
    finally:
        wait_until(lambda: not here.kill(), 5.0)
        shutil.rmtree(folder, ignore_errors=True)


def signalled_at(process: int, name: str, age: float) -> None:
    """Send a process a signal, after so many seconds."""
    time.sleep(age)  # not to wait for anything: this is the random instant
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, getattr(signal, name))


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let programs be interrupted: a shell starts what runs in the background with an ignored SIGINT, which is inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def wait_until(condition: Callable[[], T], timeout: float) -> T | None:
    """Poll a condition, and return what it says as soon as that is true; None after ``timeout`` s."""
    deadline = time.monotonic() + timeout
    while not (said := condition()):
        if time.monotonic() > deadline:
            return None
        time.sleep(0.01)
    return said
