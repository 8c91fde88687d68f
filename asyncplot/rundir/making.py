"""Makes folders and files that only this user can enter, whatever the umask is; removes folders by their descriptors.

Standard library only; any process and thread. The umask takes bits away from the mode that is asked for:
with an umask of 777, a folder's owner cannot enter it. The umask belongs to the whole process, so it is
left alone, and the mode is set afterwards.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from ..descriptors import Descriptors, above_standard, noted

#: Files are always new: a link is not followed, and a file that is there is not written into.
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

#: How a folder is opened. A link to a folder is refused.
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def make_folder(path: Path) -> None:
    """Make a folder with mode 0700. Raises FileExistsError if something has that name, or another OSError."""
    os.mkdir(path, FOLDER_MODE)
    set_folder_mode(path)


def make_parents(path: Path) -> None:
    """Make those folders above ``path`` that are not there, with mode 0700. Raises OSError."""
    if not path.parent.is_dir():
        make_parents(path.parent)
        try:
            make_folder(path.parent)
        except FileExistsError:
            if not path.parent.is_dir():
                raise


def set_folder_mode(path: Path) -> None:
    """Give a new folder mode 0700, if the umask took some of it."""
    if stat.S_IMODE(os.lstat(path).st_mode) == FOLDER_MODE:
        return
    try:
        with Descriptors() as held:
            os.fchmod(noted(held, os.open, path, FOLDER), FOLDER_MODE)
    except PermissionError:  # the umask took even our own right to read it
        os.chmod(path, FOLDER_MODE)


def make_file(path: Path, held: Descriptors, flags: int = NEW) -> int:
    """Make a file with mode 0600, and return its descriptor, above 2 and noted in ``held``. Raises OSError."""
    with above_standard():
        descriptor = noted(held, os.open, path, flags, FILE_MODE)
    os.fchmod(descriptor, FILE_MODE)
    return descriptor


def write_file(path: Path, data: bytes, flags: int = NEW) -> None:
    """Make a file with mode 0600 and these contents. Raises OSError."""
    with Descriptors() as held:
        descriptor = make_file(path, held, flags)
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]


def remove(path: Path, descriptor: int) -> None:
    """Remove the folder that ``descriptor`` is open on, with all that is in it. Errors are ignored.

    By now its path may lead to another folder, which is left alone. A folder keeps its inode number for as
    long as somebody has it open, so the two cannot be confused.
    """
    try:
        for name in os.listdir(descriptor):
            _remove_entry(name, descriptor)
        if is_same(path, descriptor):
            os.rmdir(path)
    except OSError:
        pass  # another process has removed it, or has put something into it


def is_same(path: Path, descriptor: int) -> bool:
    """Whether a path leads to the folder that ``descriptor`` is open on."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


def _remove_entry(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except (IsADirectoryError, PermissionError):  # macOS says the latter of a folder
        shutil.rmtree(name, ignore_errors=True, dir_fd=folder)
    except FileNotFoundError:
        pass
