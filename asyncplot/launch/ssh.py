"""The carrier of a relay's stream to another place: ssh, or any command to which words can be appended. Pure.

These functions make lists of words; nothing is run here. ssh does authentication and encryption, and follows
``~/.ssh/config``, ProxyJump included. No port is opened on either side.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from .target import login as checked_login

#: ssh notices a dead link within 15 s. It forwards nothing, not even the agent.
_OPTIONS = (
    "-T",
    "-oConnectTimeout=15",
    "-oServerAliveInterval=5",
    "-oServerAliveCountMax=3",
    "-oClearAllForwardings=yes",
    "-oForwardAgent=no",
)


def ssh(login: str, words: Sequence[str], jump: str = "") -> list[str]:
    """The command that runs ``words`` on another host.

    Parameters
    ----------
    login : str
        ``HOST`` or ``USER@HOST``; checked.
    words : sequence of str
        What to run there, quoted here for the shell there.
    jump : str
        A host to go through, for a host that cannot be reached from here.

    Raises
    ------
    ConfigurationError
        If a host does not have the form of one.

    Examples
    --------
    >>> ssh("ann@cluster", ["python3", "-c", "print(1)"])[-3:]
    ['--', 'ann@cluster', "python3 -c 'print(1)'"]
    """
    through = ["-J", checked_login(jump)] if jump else []
    return ["ssh", *_OPTIONS, *through, "--", checked_login(login), shlex.join(words)]


def via(carrier: str, words: Sequence[str]) -> list[str]:
    """The command that runs ``words`` by another carrier, such as ``docker exec -i box``.

    >>> via("docker exec -i box", ["python3", "-c", "print(1)"])
    ['docker', 'exec', '-i', 'box', 'python3', '-c', 'print(1)']
    """
    return [*shlex.split(carrier), *words]
