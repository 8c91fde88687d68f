"""Run directories: made for a new run, described by ``run.json``, and removed when their run is dead.

Standard library only. The computation makes one and describes it; its supervisor removes those of dead runs.
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
from .format import OPTIONS_FILE, OWNER_FILE, RUN_FILE, SUPERVISOR_FOLDER
from .options import ViewerOptions
from .records import RunRecord, read_json, read_record, write_json
from .viewer_folder import folders

#: Names of runs. They are folder names on this host, and words of a command line on others.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

#: The system's errors if another run has the name.
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}

#: A directory without a lock is left alone for this long, s: its run may just be starting.
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
        """A descriptor of the directory itself. Its path may lead to another directory by now."""
        return self._held[0]

    def describe(self, viewer: ViewerOptions, **more: Any) -> dict[str, Any]:
        """Write ``run.json``, and return the record: this process, the run's name, what viewers are told, and ``more``."""
        described = {**process_record(), "name": self.name, "viewer": viewer.to_json(), **more}
        write_json(self.path / RUN_FILE, described)
        return described

    def release(self) -> None:
        """Drop the lock. The supervisor removes the directory."""
        self._held.close()

    def remove(self) -> None:
        """Remove the directory, where no supervisor does so. Another directory at its path is left alone."""
        if self._held:
            making.remove(self._unnamed, self.descriptor)  # if an interrupt came before it had its name
            making.remove(self.path, self.descriptor)
        elif self._unnamed.name:
            with contextlib.suppress(OSError):
                self._unnamed.rmdir()
        self.release()

    def make(self) -> None:
        """Make it. A method, so that a caller who is interrupted can call `remove`.

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
            # `sweep` must know whose it is. The list of runs shows it only after `describe`.
            write_json(self._unnamed / OWNER_FILE, process_record())
            named = self._give_name(base, wanted)
            self.name = self.path.name
        except OSError as error:
            raise RunDirectoryError(
                f"cannot make {base / wanted} ({error.strerror}); see ASYNCPLOT_RUNTIME_DIR"
            ) from error
        if not named:
            raise RunDirectoryError(f"{base} holds 10,000 runs called {wanted}; choose another name")

    def _give_name(self, base: Path, wanted: str) -> bool:
        """Rename it ``wanted``, or ``wanted-2`` and so on if other runs have these names; False if all are taken.

        It must not be empty: a directory that is renamed may take the place of an empty one. So no other run can take
        its place, and it cannot be removed instead of another one that had its name.
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
    """A record of this process: its id, host, interpreter with version, and the time of the record (s since 1970)."""
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "boot": boot(),
        "interpreter": sys.executable,
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "since": time.time(),
    }


def installation() -> list[str]:
    """Identifies this installation of Python: two processes with the same one have the same packages."""
    return ["{}.{}".format(*sys.version_info[:2]), sys.prefix, sys.base_prefix, boot()]


def boot() -> str:
    """Identifies the running kernel: a container on this host has the same one, another host has not."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # macOS
        return socket.gethostname()


def viewer_options(run: Path, viewer: Path | None = None) -> ViewerOptions:
    """What a viewer with the folder ``viewer`` was told; without a folder: what the run tells its viewers.

    Whoever starts a viewer of his own writes what he wants into its folder.
    """
    own = None if viewer is None else read_json(viewer / OPTIONS_FILE)
    return ViewerOptions.from_json(own or (read_json(run / RUN_FILE) or {}).get("viewer"))


def remove_if_dead(path: Path) -> bool:
    """Remove the directory of a run if no process uses it any more; says whether."""
    with Descriptors() as held:
        try:
            descriptor = noted(held, os.open, path, making.FOLDER)
        except OSError:
            return False
        # `is_dead` works by the path, so the path must have led to this directory before and after.
        dead = is_dead(path) and making.is_same(path, descriptor)
        if dead:
            making.remove(path, descriptor)
        return dead


def is_dead(path: Path) -> bool:
    """Whether no process uses this run directory any more: no computation, no supervisor, no viewer."""
    records = [read_record(path / name, RunRecord) or RunRecord() for name in (OWNER_FILE, RUN_FILE)]
    if any(liveness.is_of_this_process(record.pid, record.host) for record in records):
        return False  # `is_held` would drop our own lock
    try:
        if not any(record.pid for record in records) and time.time() - path.stat().st_mtime <= _STARTING:
            return False
        users = [path, path / SUPERVISOR_FOLDER, *folders(path)]
    except OSError:
        return False
    return not any(liveness.is_held(user) for user in users)


def sweep(base: Path, own: Path) -> list[str]:
    """Remove the directories of dead runs in ``base``, except ``own``, and return their names.

    The supervisor of each run does this when it starts.
    """
    return [path.name for path in sorted(base.iterdir()) if path != own and remove_if_dead(path)]
