"""Decides whether a request may be answered: by its Host, its Origin and its token. Pure.

A page of another site can send requests to this machine, too. It can even give this machine's address another name (DNS
rebinding). Its browser says so: the Host is then not one of ours, or the Origin is that other site. The token keeps out the
other users of this machine, and programs.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence

#: The names of this machine that only this machine can reach.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

#: The longest Host or Origin that is looked at, characters.
_LONGEST = 256


def new_token() -> str:
    """A secret of 128 random bits, in hexadecimal digits."""
    return secrets.token_hex(16)


class Guard:
    """Who may ask.

    Parameters
    ----------
    port : int or None
        The port on which this process listens. None: it listens on a Unix socket, and the browser may have any port
        (``ssh -L`` chooses it).
    token : str
        The secret that a page has to know.
    hosts : sequence of str
        Names of a proxy in front of this process, each ``NAME`` or ``NAME:PORT``, that are ours, too.

    Examples
    --------
    >>> guard = Guard(8000, "secret")
    >>> guard.refuses_host("localhost:8000"), guard.refuses_host("evil.example:8000")
    ('', "the host 'evil.example:8000' is not this server")
    >>> guard.refuses_origin("http://localhost:8000", "localhost:8000")
    ''
    >>> guard.refuses_origin("http://evil.example", "localhost:8000")
    "the origin 'http://evil.example' is not this server"
    """

    def __init__(self, port: int | None, token: str, hosts: Sequence[str] = ()) -> None:
        self._port = port
        self._token = token
        self._hosts = frozenset(host.lower() for host in hosts)

    def refuses_host(self, host: str) -> str:
        """Why a request with this header Host is refused; empty if it is not."""
        return "" if self._is_ours(host) else f"the host {host[:_LONGEST]!r} is not this server"

    def refuses_origin(self, origin: str | None, host: str) -> str:
        """Why a request from a page with this Origin is refused; empty if it is not.

        A program that is no browser sends none. It needs the token all the same.
        """
        if origin is None:
            return ""
        scheme, found, rest = origin.partition("://")
        same = rest.lower() == host.lower()
        # Behind a proxy with TLS the page is https, and this server does not see that.
        schemes = {"http", "https"} if host.lower() in self._hosts else {"http"}
        if found and same and scheme.lower() in schemes and self._is_ours(rest):
            return ""
        return f"the origin {origin[:_LONGEST]!r} is not this server"

    def knows(self, token: object) -> bool:
        """Whether this is the token. It takes the same time for each wrong one."""
        return isinstance(token, str) and hmac.compare_digest(
            token.encode(errors="replace"), self._token.encode()
        )

    def _is_ours(self, host: str) -> bool:
        host = host.lower()
        if len(host) > _LONGEST:
            return False
        if host in self._hosts:
            return True
        name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
        if not colon:
            name = host
        if name not in LOOPBACK:
            return False
        if self._port is None:
            return not colon or (port.isascii() and port.isdecimal() and 0 < int(port) < 1 << 16)
        return port == str(self._port) if colon else self._port == 80
