"""``[[USER@]HOST:]RUN``, by which users name a run on some host: taken apart and checked. Pure.

ssh would take a host named ``-oProxyCommand=...`` for an option, and the far shell a run named ``; rm`` for a
command. So each part has a grammar, and a text that does not fit is refused before anything is run.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import ConfigurationError

_USER = r"[A-Za-z_][A-Za-z0-9_.-]{0,63}"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,252})"
_RUN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_TARGET = re.compile(rf"(?:(?P<login>(?:{_USER}@)?{_HOST}):)?(?P<run>{_RUN})", re.ASCII)
_LOGIN = re.compile(rf"(?:{_USER}@)?{_HOST}", re.ASCII)


class Target(NamedTuple):
    """A run on some host.

    Attributes
    ----------
    login : str
        ``host`` or ``user@host``, as ssh takes it; empty for this host.
    run : str
        The run's name.
    """

    login: str
    run: str


def target(text: str) -> Target:
    """Take a target apart.

    Raises
    ------
    ConfigurationError
        If it does not have the form.

    Examples
    --------
    >>> target("gpe")
    Target(login='', run='gpe')
    >>> target("ann@cluster.example.org:gpe-2")
    Target(login='ann@cluster.example.org', run='gpe-2')
    """
    match = _TARGET.fullmatch(text)
    if match is None:
        raise ConfigurationError(
            f"{text!r} is not a run: write RUN, HOST:RUN or USER@HOST:RUN, with letters, digits, '_', '.' and '-'"
        )
    return Target(match["login"] or "", match["run"])


def login(text: str) -> str:
    """``text``, if it is ``HOST`` or ``USER@HOST``.

    Raises
    ------
    ConfigurationError
        If it is no such text.

    Examples
    --------
    >>> login("ann@cluster")
    'ann@cluster'
    """
    if _LOGIN.fullmatch(text) is None:
        raise ConfigurationError(f"{text!r} is not a host: write HOST or USER@HOST")
    return text
