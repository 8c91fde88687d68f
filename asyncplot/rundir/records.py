"""Small records as JSON files. A file is replaced as a whole: a reader sees the old record or the new one.

Standard library only; any process and thread. One process reads what another one wrote, so records are plain data
and never pickles.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .making import write_file


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Write a record. Raises OSError (the disk is full, the directory is gone)."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    write_file(temporary, json.dumps(record).encode(), flags)
    os.replace(temporary, path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a record; None if there is none, or the file is no JSON object."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None
