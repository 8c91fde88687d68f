"""Tells the user where the page of a web viewer is, or which command opens one. GUI thread.

In: the URL, if this viewer has a port. Out: one line on stderr, and the page in the user's browser where that was asked for. The
line has a secret in it, so a supervisor shows it and keeps it out of its log.
"""

from __future__ import annotations

import getpass
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from ..launch.output import visible
from ..rundir.format import LOG_FILE, RUN_FILE, UNLOGGED
from ..rundir.records import RunRecord, read_record
from ..web.opening import open_in_browser


def tell(run: Path, folder: Path, url: str, *, browser: bool) -> None:
    """Tell the user, and open the page if ``browser``."""
    name = (read_record(run / RUN_FILE, RunRecord) or RunRecord()).name
    host = socket.gethostname()
    line = reached_by(url, login(), host) if url else without_port(name, host)
    _write(line, secret=bool(url), supervised=(folder / LOG_FILE).exists())
    if url and browser:
        open_in_browser(url, folder)


def reached_by(url: str, user: str, host: str) -> str:
    """The line of a viewer with a port.

    >>> reached_by("http://127.0.0.1:8000/#abc", "ada", "node7")
    'the figures are at http://127.0.0.1:8000/#abc (from another machine, first: ssh -L 8000:127.0.0.1:8000 ada@node7)'
    """
    port = urlsplit(url).port
    where = f"{user}@{host}" if user else host
    return f"the figures are at {url} (from another machine, first: ssh -L {port}:127.0.0.1:{port} {where})"


def without_port(name: str, host: str) -> str:
    """The line of a viewer without a port.

    >>> without_port("gpe", "node7")
    'no window can be shown here; to see the figures: asyncplot view gpe --web, or from another machine: asyncplot view node7:gpe --web'
    """
    return (
        f"no window can be shown here; to see the figures: asyncplot view {name} --web, or from another machine: "
        f"asyncplot view {host}:{name} --web"
    )


def login() -> str:
    """The user's name; empty if this user id has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _write(line: str, *, secret: bool, supervised: bool) -> None:
    text = visible(line.encode(errors="backslashreplace"))
    prefix = (UNLOGGED if secret else b"") if supervised else b"asyncplot: "
    try:
        sys.stderr.flush()
        os.write(2, prefix + text + b"\n")
    except OSError:
        pass  # nobody reads it
