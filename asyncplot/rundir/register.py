"""Records of runs in the user's state folder, for the hosts that share the home: where each run is.

A record holds host, run directory, interpreter and process id; no secret. Standard library and
platformdirs; written and removed by the compute side, and cleared by each new one where runs have died.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs

from ..errors import RunDirectoryError
from ..log import logger
from .basedir import check
from .making import make_parents
from .records import read_json, write_json


def enter(name: str, directory: Path, record: dict[str, Any]) -> Path | None:
    """Write the record of a run; returns its path, None if the state folder cannot be used.

    A home that is full or read-only must not keep a computation from its plot.
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
    """Remove the records of this host's runs whose directories are gone."""
    for path, record in records():
        if record.get("host") == socket.gethostname() and not Path(str(record.get("directory"))).exists():
            leave(path)


def records() -> Iterator[tuple[Path, dict[str, Any]]]:
    """The records of all hosts."""
    try:
        paths = sorted(register_directory().glob("*.json"))
    except RunDirectoryError:
        return
    for path in paths:
        record = read_json(path)
        if record is not None:
            yield path, record


def register_directory() -> Path:
    """The folder of the records, made if it is not there, and checked. Raises RunDirectoryError."""
    folder = platformdirs.user_state_path("asyncplot", appauthor=False) / "runs"
    try:
        # Others stay out of the parent, too: it is the folder of configuration on macOS, which is checked.
        make_parents(folder)
    except OSError as error:
        raise RunDirectoryError(f"cannot make {folder.parent} ({error.strerror})") from error
    check(folder)
    return folder
