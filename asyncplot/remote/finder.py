"""Finds a run on the host where it is executed. It is sent there as source code, through a carrier such as ssh.

Standard library only, for any Python from 3.8 on, and no import of asyncplot: the ``python3`` of that host may not
have it. The record of the run names an interpreter that has it, and the code for it. ``main`` replaces this process
by that interpreter; if there is no such run, it prints a line with the runs that it found.
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
    """The folders in which records of runs may be, see asyncplot.rundir.register."""
    home = os.path.expanduser("~")
    yield os.path.join(
        os.environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state"), "asyncplot", "runs"
    )
    yield os.path.join(home, "Library", "Application Support", "asyncplot", "runs")


def records() -> Iterator[dict[str, Any]]:
    """The records of this user's runs: those of this host that live, and those of hosts that share the home."""
    for folder in folders():
        # What a record names is executed. So nobody else may have written it, or have put a link in its place.
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
    """Whether this is a file of that kind (no link), of this user, which nobody else may write."""
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
    """Replace this process by the interpreter of the run, with the code that its record has for a purpose."""
    if purpose == "command":
        say({"command": words})
    os.execv(record["interpreter"], [record["interpreter"], "-c", record[purpose], *words])


def main(name: str, purpose: str, *words: str) -> None:
    """Find the run ``name`` (if that is empty, any run) and become what is asked for: relay, bridge or command."""
    found = list(records())
    for record in found:
        if (
            record.get("host") == socket.gethostname()
            and purpose in record
            and name in ("", record.get("name"))
        ):
            become(record, purpose, list(words))
    for record in found:
        # No run of this host is known: an interpreter of another host that shares the home may be here, too.
        if not name and purpose in record and os.access(str(record.get("interpreter")), os.X_OK):
            become(record, purpose, list(words))
    for record in found:
        if name == record.get("name"):
            say({"elsewhere": record.get("host")})
            return
    say({"missing": name, "runs": [record.get("name") for record in found], "host": socket.gethostname()})


if __name__ == "__main__":
    main(*sys.argv[1:])
