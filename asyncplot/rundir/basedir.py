"""The folder in which run directories are made: where it is, and a check that no other user can write there.

Standard library only; any process and thread. The folder has mode 0700 and is checked on a descriptor:
`os.makedirs` with ``exist_ok`` would accept a directory, or a link, that another user made before. Only its user can
write below it, so nothing in there needs the same check. The folders above it are checked as OpenSSH does: whoever can
write into one of them can put a folder of his own in the place of the next, and his plotter would run as this user.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
import tempfile
from pathlib import Path

from .. import settings
from ..descriptors import Descriptors, noted
from ..errors import ConfigurationError, RunDirectoryError
from .making import FOLDER, make_folder


def base_directory() -> Path:
    """The folder of all run directories of this user. It is made if it is not there, and checked.

    It is not in ``$XDG_RUNTIME_DIR``, which is removed at logout, while a job may run on; and batch systems
    export that variable to nodes on which the folder does not exist.

    Raises
    ------
    RunDirectoryError
        If it cannot be made, is a link, belongs to somebody else, or lets others in; or if others can write into a
        folder above it.
    """
    try:
        path = _path()
    except ConfigurationError as error:
        raise RunDirectoryError(f"ASYNCPLOT_RUNTIME_DIR: {error}") from error
    check_above(path)
    check(path)
    return path


def base_path() -> Path:
    """Where that folder is, whether it is there or not, and whether it can be used or not."""
    try:
        return _path()
    except (ConfigurationError, RunDirectoryError):
        return Path(settings.runtime_directory() or "/nonexistent")


def _path() -> Path:
    chosen = settings.runtime_directory()
    if chosen is not None:
        return settings.absolute(chosen)
    shared = Path("/dev/shm")
    if not (shared.is_dir() and os.access(shared, os.W_OK)):
        try:
            shared = Path(tempfile.gettempdir())
        except OSError as error:
            raise RunDirectoryError(f"{error.strerror}; set ASYNCPLOT_RUNTIME_DIR") from error
    return shared / f"asyncplot-{os.getuid()}"


def check_above(path: Path) -> None:
    """Check that no other user can exchange ``path``, or a folder above it. If it is a link: where it leads to, too.

    Raises
    ------
    RunDirectoryError
        If another user owns one of the folders above, or can write into it and it has no sticky bit.
    """
    try:
        above = {folder: folder.stat() for folder in (*path.parents, *path.resolve().parents)}
    except OSError as error:
        raise RunDirectoryError(
            f"cannot look at the folders above {path} ({error.strerror}); set ASYNCPLOT_RUNTIME_DIR to a folder that "
            "can be made"
        ) from error
    for folder, status in above.items():
        if problem := _exchangeable(status):
            raise RunDirectoryError(
                f"{folder} {problem}: they can put a folder of theirs in the place of {path}; "
                f"chmod go-w {folder}, or set ASYNCPLOT_RUNTIME_DIR to a folder elsewhere"
            )


def _exchangeable(status: os.stat_result) -> str:
    """Why other users can exchange what is in a folder; empty if they cannot.

    Trusted are this user, and root. Where a user namespace has no root, that is who owns the root directory.
    """
    if status.st_uid not in {0, os.getuid(), os.stat("/").st_uid}:
        return f"belongs to others (user {status.st_uid})"
    if status.st_mode & stat.S_ISVTX:  # as in /tmp, only the owner of a thing can rename and remove it
        return ""
    written = status.st_mode & stat.S_IWOTH or (
        status.st_mode & stat.S_IWGRP and not _has_nobody_else(status.st_gid)
    )
    return f"can be written by others (mode {stat.S_IMODE(status.st_mode):04o})" if written else ""


def _has_nobody_else(group: int) -> bool:
    """Whether a group is the private one of this user: many systems give each user one, and an umask of 002."""
    try:
        entry, user = grp.getgrgid(group), pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return entry.gr_gid == user.pw_gid and entry.gr_name == user.pw_name and {*entry.gr_mem} <= {user.pw_name}


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
