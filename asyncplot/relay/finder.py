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
import sys
from collections.abc import Iterator
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
        for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
            try:
                if os.stat(path).st_uid != os.getuid():
                    continue
                with open(path) as file:
                    record = json.load(file)
            except (OSError, ValueError):
                continue
            if record.get("host") != socket.gethostname() or os.path.isdir(str(record.get("directory"))):
                yield record


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
