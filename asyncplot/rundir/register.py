"""The register: a record of each run in the user's state folder. It tells hosts that share the home where a run is.

A record holds host, run directory, interpreter and process id, and no secret. The computation writes and removes
it. Each new run of a host removes the records of that host's runs that have died. Any thread.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import settings
from ..errors import ConfigurationError, RunDirectoryError
from ..log import logger
from .basedir import check
from .making import make_parents
from .records import RunRecord, read_record, write_json


def enter(name: str, directory: Path, record: dict[str, Any]) -> Path | None:
    """Write the record of a run, and return its path; None if the state folder cannot be used.

    A home may be full, or read-only. The run is then shown all the same.
    """
    try:
        folder = register_directory()
        path = folder / f"{socket.gethostname()}-{name}.json"
        write_json(path, {**record, "directory": str(directory)})
    except OSError as error:
        logger.debug("other hosts will not find this run: %s", error)
        return None
    return path


def leave(path: Path | None) -> None:
    """Remove the record of a run."""
    if path is not None:
        path.unlink(missing_ok=True)


def clear() -> None:
    """Remove those records of this host's runs whose directories are gone."""
    for path, record in records():
        if record.host == socket.gethostname() and not os.path.exists(record.directory):
            leave(path)


def records() -> Iterator[tuple[Path, RunRecord]]:
    """The records of all hosts. Files that are no such record are passed over."""
    try:
        paths = sorted(register_directory().glob("*.json"))
    except RunDirectoryError:
        return
    for path in paths:
        record = read_record(path, RunRecord)
        if record is not None and record.host:
            yield path, record


def register_directory() -> Path:
    """The folder of the records. It is made if it is not there, and checked. Raises RunDirectoryError."""
    try:
        folder = settings.own_folder("state") / "runs"
    except ConfigurationError as error:
        raise RunDirectoryError(str(error)) from error
    try:
        # With mode 0700: on macOS the parent is the folder for configuration, too, and that is checked.
        make_parents(folder)
    except OSError as error:
        raise RunDirectoryError(f"cannot make {folder.parent} ({error.strerror})") from error
    check(folder)
    return folder
