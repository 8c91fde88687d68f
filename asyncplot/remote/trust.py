"""Which hosts the user trusts. Viewing a run of another host loads its plotter, and that is code of that host.

The hosts that the user has agreed to are kept in a file of the user's configuration folder, mode 0600.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from .. import settings
from ..errors import AsyncplotError
from ..rundir import check, make_parents, read_json, write_json


def require(place: str, *, agreed: bool, ask: Callable[[str], str] = input) -> None:
    """Return if the user trusts a place: has agreed before, or agrees now.

    Parameters
    ----------
    place : str
        ``HOST``, ``USER@HOST``, or a carrier's command.
    agreed : bool
        Whether the user has agreed on the command line.
    ask : callable
        Asks a question on the terminal.

    Raises
    ------
    AsyncplotError
        If the user does not agree, or nobody can be asked.
    """
    path = _file()
    trusted = [str(each) for each in (read_json(path) or {}).get("trusted", [])]
    if place in trusted:
        return
    if not agreed:
        if not sys.stdin.isatty():
            raise AsyncplotError(
                f"viewing a run of {place} runs that host's code here, as you; nobody can be asked: add --yes"
            )
        answer = ask(f"Viewing a run of {place} runs that host's code here, as you. Trust {place}? [y/N] ")
        if answer.strip().lower() not in {"y", "yes"}:
            raise AsyncplotError(f"{place} is not trusted; nothing was run")
    write_json(path, {"trusted": [*trusted, place]})


def _file() -> Path:
    folder = settings.own_folder("config")
    make_parents(folder)
    check(folder)
    return folder / "trusted.json"
