"""The way to a run of another host: a carrier (ssh, or what ``--via`` names) that starts its interpreter there.

In: a target. Out: a process whose stdin and stdout are the stream, once asyncplot's code speaks over there.
Any thread; it waits as long as ssh does, which may ask for a password.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import RunNotFound, ViewerGone
from ..launch.announcement import announced
from ..launch.ssh import ssh, via
from . import finder

#: How long a carrier may take to end when it is told to, s.
_ENDING = 2.0


class Place(NamedTuple):
    """Where a run is, and how to get there.

    Attributes
    ----------
    login : str
        ``HOST`` or ``USER@HOST``; empty with a carrier that knows its place.
    via : str
        A command to which words can be appended, in place of ssh.
    python : str
        A Python of that place, any: it only looks up which one the run has.
    """

    login: str = ""
    via: str = ""
    python: str = "python3"

    def __str__(self) -> str:
        return self.via or self.login


def start(
    place: Place, run: str, purpose: str, words: Sequence[str] = (), *, timeout: float | None = None
) -> subprocess.Popen[bytes]:
    """Start a relay, a bridge or a command of a run's interpreter over there.

    Parameters
    ----------
    place : Place
        Where to look for it.
    run : str
        The run's name; empty: any.
    purpose : {"relay", "bridge", "command"}
        What is wanted; see `asyncplot.remote.finder`.
    words : sequence of str
        The words of a command.
    timeout : float, optional
        How long that may take, s; default: as long as it takes.

    Raises
    ------
    RunNotFound
        If there is no such run there.
    ViewerGone
        If the carrier cannot be started, or ends at once; its own words are on stderr.
    """
    jump = ""
    while True:
        far = [place.python, "-c", Path(finder.__file__).read_text(), run, purpose, *words]
        login = jump or place.login
        command = via(place.via, far) if place.via else ssh(login, far, place.login if jump else "")
        try:
            # A session of its own: a Ctrl-C in this terminal is ours.
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise ViewerGone(f"{command[0]} cannot be started ({error.strerror})") from error
        assert process.stdout is not None  # a pipe was asked for
        try:
            record = announced(process.stdout.fileno(), timeout)
        except ViewerGone as error:
            code = end(process)
            raise ViewerGone(f"{place}: {command[0]} ended with code {code}; {error}") from error
        except BaseException:
            end(process)
            raise
        if "missing" not in record and "elsewhere" not in record:
            return process
        end(process)
        if "elsewhere" in record and not jump and not place.via:
            jump = _user_of(place.login) + str(record["elsewhere"])  # it shares the home with that host
            continue
        names = ", ".join(_printable(name) for name in record.get("runs", [])) or "none"
        where = _printable(record.get("elsewhere") or record.get("host") or place)
        raise RunNotFound(
            f"there is no run {run or 'at all'} on {where}; the runs that are known there: {names}"
        )


def end(process: subprocess.Popen[bytes]) -> int:
    """Close the stream of a carrier, wait for its end, and return its exit code."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            pipe.close()
    try:
        return process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def output(place: Place, run: str, words: Sequence[str]) -> bytes:
    """What a verb of asyncplot's says over there. Raises ViewerGone if it fails."""
    process = start(place, run, "command", words)
    assert process.stdout is not None  # a pipe was asked for
    said = process.stdout.read()
    if code := end(process):
        raise ViewerGone(f"asyncplot {' '.join(words)} on {place} ended with code {code}")
    return said


def command(place: Place, run: str, words: Sequence[str]) -> int:
    """Run a verb of asyncplot's over there, with its output here; returns its exit code."""
    process = start(place, run, "command", words)
    assert process.stdout is not None  # a pipe was asked for
    try:
        while data := os.read(process.stdout.fileno(), 1 << 16):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return process.wait()
    finally:
        end(process)


def _user_of(login: str) -> str:
    """``user@``, or nothing."""
    user, at, _ = login.rpartition("@")
    return user + at


def _printable(said: object) -> str:
    """What another host said, for this terminal: nothing in it moves the cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(said))
