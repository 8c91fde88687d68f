"""Finds a run on the host where this is executed, and becomes its relay. Sent as source code through a carrier.

Standard library only, any Python 3.8 or newer, and no import of asyncplot: what `python3` is over there need
not have it. The run's record says which interpreter does, and with which code. ``main`` prints a line with
what it found, or is replaced by the relay, which prints one of its own.
"""

from __future__ import annotations

import glob
import json
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from typing import Any

ANNOUNCEMENT = "\x1easyncplot "


def folders() -> Iterator[str]:
    """Where records of runs may be, see asyncplot.rundir.register."""
    home = os.path.expanduser("~")
    yield os.path.join(
        os.environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state"), "asyncplot", "runs"
    )
    yield os.path.join(home, "Library", "Application Support", "asyncplot", "runs")


def records() -> Iterator[dict[str, Any]]:
    """The records of this user's runs, on all hosts that share the home; of live ones if they are here."""
    for folder in folders():
        # What a record names is executed: nobody else may have written it, or have put a link in its place.
        if not ours(folder, stat.S_ISDIR):
            continue
        for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
            if not ours(path, stat.S_ISREG):
                continue
            try:
                with open(path) as file:
                    record = json.load(file)
            except (OSError, ValueError):
                continue
            if not isinstance(record, dict):
                continue
            if record.get("host") != socket.gethostname() or os.path.isdir(str(record.get("directory"))):
                yield record


def ours(path: str, is_kind: Callable[[int], bool]) -> bool:
    """Whether this is of that kind and no link, belongs to this user, and nobody else may write it."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return is_kind(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


def say(record: dict[str, Any]) -> None:
    """Print the line that the other side waits for."""
    sys.stdout.write("\n" + ANNOUNCEMENT + json.dumps(record) + "\n")
    sys.stdout.flush()


def become(record: dict[str, Any], purpose: str, words: list[str]) -> None:
    """Be replaced by the run's own interpreter, with the code that its record has for a purpose."""
    if purpose == "command":
        say({"command": words})
    os.execv(record["interpreter"], [record["interpreter"], "-c", record[purpose], *words])


def main(name: str, purpose: str, *words: str) -> None:
    """Find the run ``name`` (or, if that is empty, any) and become what is asked for: relay, bridge or command."""
    found = list(records())
    for record in found:
        if (
            record.get("host") == socket.gethostname()
            and purpose in record
            and name in ("", record.get("name"))
        ):
            become(record, purpose, list(words))
    for record in found:
        # Where no run has computed yet, the interpreter of a host that shares the home can list the others'.
        if not name and purpose in record and os.access(str(record.get("interpreter")), os.X_OK):
            become(record, purpose, list(words))
    for record in found:
        if name == record.get("name"):
            say({"elsewhere": record.get("host")})
            return
    say({"missing": name, "runs": [record.get("name") for record in found], "host": socket.gethostname()})


if __name__ == "__main__":
    main(*sys.argv[1:])
