"""Small records as JSON files, replaced as a whole: a reader sees the old one or the new one.

Standard library only; any process and thread. What one process writes here another one reads, so it
is plain data and never a pickle.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .making import write_file


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Write a record. Raises OSError (a full disk, a directory that is gone)."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    write_file(temporary, json.dumps(record).encode(), flags)
    os.replace(temporary, path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a record; None if there is none, or it is not one of ours."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None
