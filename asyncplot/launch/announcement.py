"""The announcement: the line on its stdout by which a process that was started as a command says what it is.

In: stdin and stdout of this process, or the stdout of another one. Text before the line is output of shells, of
their start-up files, or of the interpreter. Any thread, before the process does anything else.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from typing import Any

from ..descriptors import opened_standard
from ..errors import ViewerGone
from ..rundir import process_record
from ..rundir.format import ANNOUNCEMENT

#: The longest output that is read before the line, bytes.
_LONGEST = 1 << 20


def private_streams() -> tuple[int, int]:
    """Keep stdin and stdout as descriptors of our own. From then on 0 is at its end, and 1 is stderr."""
    opened_standard()
    if sys.stdout is not None:
        sys.stdout.flush()
    stdin, stdout = os.dup(0), os.dup(1)
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    os.close(devnull)
    os.dup2(2, 1)
    return stdin, stdout


def announce(stdout: int, record: dict[str, Any]) -> None:
    """Write the line: ``record``, and what is known of every process."""
    os.write(stdout, ANNOUNCEMENT + json.dumps({**process_record(), **record}).encode() + b"\n")


def announced(descriptor: int, timeout: float | None = None) -> dict[str, Any]:
    """Read up to the line, and return what it says.

    Parameters
    ----------
    descriptor : int
        The other process's stdout.
    timeout : float, optional
        How long to wait, s; default: as long as it takes (ssh may ask for a password).

    Raises
    ------
    ViewerGone
        If the stream ends before the line, there is too much other output, or it takes too long.
    """
    line, read = bytearray(), 0
    deadline = None if timeout is None else time.monotonic() + timeout
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while read < _LONGEST:
        left = None if deadline is None else 1000.0 * max(deadline - time.monotonic(), 0.0)
        if not poll.poll(left):
            raise ViewerGone(f"the other side has said nothing of asyncplot's within {timeout:g} s")
        byte = os.read(descriptor, 1)  # one by one: what follows the line is not for us
        if not byte:
            break
        read += 1
        if byte != b"\n":
            line += byte
            continue
        _, found, said = line.partition(ANNOUNCEMENT)  # a shell may have written to the same line
        if found:
            record = json.loads(said)
            return record if isinstance(record, dict) else {}
        line.clear()
    raise ViewerGone(
        f"the other side ended before asyncplot's code was reached; it said: {bytes(line)[-200:]!r}"
    )
