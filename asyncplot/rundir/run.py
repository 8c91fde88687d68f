"""Run directories: made for a new run, described by ``run.json``, swept when their run is dead.

Standard library only; compute side and supervisor.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import sys
import time
from pathlib import Path
from typing import Any

from ..descriptors import Descriptors, above_standard, noted
from ..errors import ConfigurationError, RunDirectoryError
from . import liveness, making
from .basedir import base_directory
from .records import read_json, write_json

#: Names of runs: they become folder names here, and words of a command line on other hosts.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

#: What the system says where another run has the name.
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}

#: A directory without a lock is left alone for this long, s: its run may be just starting.
_STARTING = 10.0


class RunDirectory:
    """The directory of one run of this process. It is there after `make`.

    Attributes
    ----------
    path : Path
        The directory.
    name : str
        The run's name, which is the directory's.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = checked_name(name) if name is not None else default_name()
        self._held = Descriptors()  # the directory itself, and the lock in it
        self._unnamed = self.path = Path()

    @property
    def descriptor(self) -> int:
        """The directory itself, open; it may be gone from its path, and another one may be there."""
        return self._held[0]

    def describe(self, record: dict[str, Any]) -> dict[str, Any]:
        """Write ``run.json``, and return what it says."""
        described = {**process_record(), "name": self.name, **record}
        write_json(self.path / "run.json", described)
        return described

    def release(self) -> None:
        """Let go of the lock; the supervisor removes the directory."""
        self._held.close()

    def remove(self) -> None:
        """Remove the directory (where there is no supervisor to do so); nothing else that has its path."""
        if self._held:
            making.remove(self._unnamed, self.descriptor)  # where an interrupt came before it had its name
            making.remove(self.path, self.descriptor)
        elif self._unnamed.name:
            with contextlib.suppress(OSError):
                self._unnamed.rmdir()
        self.release()

    def make(self) -> None:
        """Make it. A method, so that whoever is interrupted within can call `remove`.

        Raises
        ------
        RunDirectoryError
            If it cannot be made.
        """
        base, wanted = base_directory(), self.name
        self._unnamed = self.path = base / f".{os.urandom(8).hex()}"
        try:
            with above_standard():
                making.make_folder(self._unnamed)
                noted(self._held, os.open, self._unnamed, making.FOLDER)
                liveness.hold(self._unnamed, self._held)
            # Who sweeps must know whose it is; who lists runs is not to see it before `describe`.
            write_json(self._unnamed / "owner.json", process_record())
            named = self._give_name(base, wanted)
            self.name = self.path.name
        except OSError as error:
            raise RunDirectoryError(
                f"cannot make {base / wanted} ({error.strerror}); see ASYNCPLOT_RUNTIME_DIR"
            ) from error
        if not named:
            raise RunDirectoryError(f"{base} holds 10,000 runs called {wanted}; choose another name")

    def _give_name(self, base: Path, wanted: str) -> bool:
        """Call the directory ``wanted``, or ``wanted-2`` and so on where a run has that name; False if all are taken.

        Only when it is not empty any more: then no other one can take its place, and it cannot be removed in
        place of another one that was called so.
        """
        for number in range(1, 10_000):
            self.path = base / (wanted if number == 1 else f"{wanted}-{number}")
            remove_if_dead(self.path)
            try:
                os.rename(self._unnamed, self.path)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                continue
            return True
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


def installation() -> list[str]:
    """What tells this installation of Python from others: two processes with the same one have the same packages."""
    return ["{}.{}".format(*sys.version_info[:2]), sys.prefix, sys.base_prefix, boot()]


def boot() -> str:
    """What tells this running kernel from every other: a container shares it, another host does not."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # macOS
        return socket.gethostname()


def remove_if_dead(path: Path) -> bool:
    """Remove the directory of a run if nobody uses it any more; returns whether."""
    with Descriptors() as held:
        try:
            descriptor = noted(held, os.open, path, making.FOLDER)
        except OSError:
            return False
        # It is judged by its path, so the path must lead to it before and after that.
        dead = is_dead(path) and making.is_same(path, descriptor)
        if dead:
            making.remove(path, descriptor)
        return dead


def is_dead(path: Path) -> bool:
    """Whether nobody uses this run directory any more: no computation, no supervisor, no viewer."""
    record = read_json(path / "owner.json") or read_json(path / "run.json")
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

    Each run does this when it starts, in its supervisor.
    """
    return [path.name for path in sorted(base.iterdir()) if path != own and remove_if_dead(path)]
