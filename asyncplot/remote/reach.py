"""The way to a run of another host. A carrier starts the run's interpreter there: ssh, or what ``--via`` names.

In: where the run is, and its name. Out: the carrier's process; its stdin and stdout lead to asyncplot's code on that
host. Any thread. It waits as long as ssh does, and ssh may ask for a password.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import RunNotFound, ViewerGone
from ..launch.announcement import announced
from ..launch.ssh import ssh, via
from ..rundir.printable import one_line
from . import finder

#: How long a carrier may take to end after its stream is closed, s.
_ENDING = 2.0


class Place(NamedTuple):
    """Where a run is, and how to get there.

    Attributes
    ----------
    login : str
        ``HOST`` or ``USER@HOST``; may be empty if there is a ``via``.
    via : str
        A command to which words can be appended, in place of ssh; empty: ssh.
    python : str
        Any Python of that place. It only looks up which Python the run has.
    """

    login: str = ""
    via: str = ""
    python: str = "python3"

    def __str__(self) -> str:
        return self.via or self.login


def start(
    place: Place, run: str, purpose: str, words: Sequence[str] = (), *, timeout: float | None = None
) -> subprocess.Popen[bytes]:
    """Start a relay, a bridge or a command over there, with the run's interpreter.

    Parameters
    ----------
    place : Place
        Where to look for it.
    run : str
        The run's name; empty: any.
    purpose : {"relay", "bridge", "command"}
        What is to be started; see `asyncplot.remote.finder`.
    words : sequence of str
        The words of a command.
    timeout : float, optional
        How long that may take, s; default: no limit.

    Raises
    ------
    RunNotFound
        If there is no such run there.
    ViewerGone
        If the carrier cannot be started, or ends at once. What it says itself is on stderr.
    """
    code = [place.python, "-c", Path(finder.__file__).read_text(), run, purpose, *words]
    process, record = _started(place, place.login, "", code, timeout)
    if "elsewhere" in record and not place.via:
        # That host shares the home with the one where the run is: go on to there.
        end(process)
        login = _user_of(place.login) + str(record["elsewhere"])
        process, record = _started(place, login, place.login, code, timeout)
    if "missing" not in record and "elsewhere" not in record:
        return process
    end(process)
    names = ", ".join(one_line(name) for name in record.get("runs", [])) or "none"
    where = one_line(record.get("elsewhere") or record.get("host") or place)
    raise RunNotFound(f"there is no run {run or 'at all'} on {where}; the runs that are known there: {names}")


def _started(
    place: Place, login: str, jump: str, code: Sequence[str], timeout: float | None
) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Start code on a host, by way of another one if ``jump`` names it; its process, and the line that it says."""
    command = via(place.via, code) if place.via else ssh(login, code, jump)
    try:
        # In a session of its own, so that a Ctrl-C in this terminal does not reach it.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise ViewerGone(f"{command[0]} cannot be started ({error.strerror})") from error
    assert process.stdout is not None  # a pipe was asked for
    try:
        return process, announced(process.stdout.fileno(), timeout)
    except ViewerGone as error:
        ended = end(process)
        raise ViewerGone(f"{place}: {command[0]} ended with code {ended}; {error}") from error
    except BaseException:
        end(process)
        raise


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
    """What a verb of asyncplot prints over there. Raises ViewerGone if it fails."""
    process = start(place, run, "command", words)
    assert process.stdout is not None  # a pipe was asked for
    said = process.stdout.read()
    if code := end(process):
        raise ViewerGone(f"asyncplot {' '.join(words)} on {place} ended with code {code}")
    return said


def command(place: Place, run: str, words: Sequence[str]) -> int:
    """Run a verb of asyncplot over there, and print its output here; returns its exit code."""
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
    """``user@``; empty if the login names no user."""
    user, at, _ = login.rpartition("@")
    return user + at
