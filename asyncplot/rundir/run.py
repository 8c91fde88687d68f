"""Run directories: made for a new run, described by ``run.json``, swept when their run is dead.

Standard library only; compute side and supervisor.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, RunDirectoryError
from . import liveness
from .base import base_directory
from .records import read_json, write_json

#: Names of runs: they become folder names here, and words of a command line on other hosts.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

#: A directory without a lock is left alone for this long, s: its run may be just starting.
_STARTING = 10.0


class RunDirectory:
    """The directory of one run of this process.

    Attributes
    ----------
    path : Path
        The directory.
    name : str
        The run's name, which is the directory's.
    """

    def __init__(self, name: str | None = None) -> None:
        wanted = checked_name(name) if name is not None else default_name()
        base = base_directory()
        self.path = _made(base, wanted)
        self.name = self.path.name
        self._alive: int | None = liveness.hold(self.path)

    def describe(self, record: dict[str, Any]) -> dict[str, Any]:
        """Write ``run.json``, and return what it says."""
        described = {**process_record(), "name": self.name, **record}
        write_json(self.path / "run.json", described)
        return described

    def release(self) -> None:
        """Let go of the lock; the supervisor removes the directory."""
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None

    def remove(self) -> None:
        """Remove the directory (where there is no supervisor to do so), if it is still this run's."""
        ours = self._is_ours()
        self.release()
        if ours:
            shutil.rmtree(self.path, ignore_errors=True)

    def _is_ours(self) -> bool:
        """Whether the path leads to this run's directory: its supervisor may have removed it, and a later run made another.

        The file whose lock we hold tells them apart: nobody else gets its number while it is open.
        """
        try:
            return self._alive is not None and os.path.samestat(
                os.fstat(self._alive), os.lstat(self.path / liveness.NAME)
            )
        except OSError:
            return False


def checked_name(name: str) -> str:
    """``name``, if a run can be called so.

    Raises
    ------
    ConfigurationError
        If not.

    Examples
    --------
    >>> checked_name("gpe-2")
    'gpe-2'
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"name={name!r} cannot name a run; use letters, digits, '_', '.' and '-', at most 64 of them"
        )
    return name


def default_name() -> str:
    """The name of the running script, else ``plot``."""
    stem = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else ""
    return stem if _NAME.fullmatch(stem) and not stem.startswith("ipykernel") else "plot"


def process_record() -> dict[str, Any]:
    """What is worth knowing of a process: id, host, interpreter and its version, time of its record (s)."""
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "boot": boot(),
        "interpreter": sys.executable,
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "since": time.time(),
    }


def boot() -> str:
    """What tells this running kernel from every other: a container shares it, another host does not."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # macOS
        return socket.gethostname()


def _made(base: Path, wanted: str) -> Path:
    """Make the directory of a new run: ``wanted``, or ``wanted-2`` and so on where a run has that name."""
    for number in range(1, 10_000):
        path = base / (wanted if number == 1 else f"{wanted}-{number}")
        if path.exists() and is_dead(path):
            shutil.rmtree(path, ignore_errors=True)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunDirectoryError(
                f"cannot make {path} ({error.strerror}); see ASYNCPLOT_RUNTIME_DIR"
            ) from error
        return path
    raise RunDirectoryError(f"{base} holds 10,000 runs called {wanted}; choose another name")


def is_dead(path: Path) -> bool:
    """Whether nobody uses this run directory any more: no computation, no supervisor, no viewer."""
    record = read_json(path / "run.json")
    if record is None:
        try:
            return time.time() - path.stat().st_mtime > _STARTING
        except OSError:
            return False
    if record.get("pid") == os.getpid() and record.get("host") == socket.gethostname():
        return False  # asking for our own lock would drop it
    users = [path, path / "supervisor", *path.glob("viewer-*")]
    return not any(liveness.is_held(user) for user in users)


def sweep(base: Path, own: Path) -> list[str]:
    """Remove what dead runs left in ``base``, and return their names; ``own`` is not looked at.

    Each run does this when it starts, in its supervisor. Without the lock of the directory nobody can
    be using it, so two sweepers at once do no harm.
    """
    removed = []
    for path in sorted(base.iterdir()):
        if path != own and path.is_dir() and not path.is_symlink() and is_dead(path):
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path.name)
    return removed
