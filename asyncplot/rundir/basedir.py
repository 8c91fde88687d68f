"""The folder in which run directories are made: where it is, and a check that no other user can write there.

Standard library only; any process and thread. The folder has mode 0700 and is checked on a descriptor:
`os.makedirs` with ``exist_ok`` would accept a directory, or a link, that another user made before. Only its user can
write below it, so nothing in there needs the same check.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from .. import settings
from ..descriptors import Descriptors, noted
from ..errors import RunDirectoryError
from .making import FOLDER, make_folder


def base_directory() -> Path:
    """The folder of all run directories of this user. It is made if it is not there, and checked.

    It is not in ``$XDG_RUNTIME_DIR``, which is removed at logout, while a job may run on; and batch systems
    export that variable to nodes on which the folder does not exist.

    Raises
    ------
    RunDirectoryError
        If it cannot be made, is a link, belongs to somebody else, or lets others in.
    """
    path = base_path()
    check(path)
    return path


def base_path() -> Path:
    """Where that folder is, whether it is there or not."""
    chosen = settings.runtime_directory()
    if chosen is not None:
        return Path(chosen).expanduser().absolute()
    shared = Path("/dev/shm")
    parent = shared if shared.is_dir() and os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
    return parent / f"asyncplot-{os.getuid()}"


def check(path: Path) -> None:
    """Make ``path`` with mode 0700, or check that it is a directory which only this user can enter.

    Raises
    ------
    RunDirectoryError
        If it is not.
    """
    try:
        make_folder(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise RunDirectoryError(
            f"cannot make {path} ({error.strerror}); set ASYNCPLOT_RUNTIME_DIR to a folder that can be made"
        ) from error
    try:
        with Descriptors() as held:
            status = os.fstat(noted(held, os.open, path, FOLDER))
    except OSError as error:
        raise RunDirectoryError(
            f"{path} is not a plain directory ({error.strerror}); remove it, or set ASYNCPLOT_RUNTIME_DIR"
        ) from error
    if status.st_uid != os.getuid():
        raise RunDirectoryError(
            f"{path} belongs to user {status.st_uid}, not to you ({os.getuid()}); "
            "set ASYNCPLOT_RUNTIME_DIR to a folder of your own"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise RunDirectoryError(
            f"{path} lets others in (mode {stat.S_IMODE(status.st_mode):04o}); chmod 700 it, "
            "or set ASYNCPLOT_RUNTIME_DIR to another folder"
        )


def is_ours(path: Path) -> bool:
    """Whether this is a plain directory which only this user can enter.

    The directory that a record names may be gone, and another one may be in its place.
    """
    try:
        status = os.lstat(path)
    except OSError:
        return False
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return ours and not stat.S_IMODE(status.st_mode) & 0o077
