"""From what the user asked for to the commands that start viewers. Pure.

In: ``cmd``, ``host`` and ``port`` of a `Server`. Out: a `Launch` for the supervisor and for who joins the run, and the
codes by which other hosts enter it. A viewer is a command on this machine, a command on another host (by ssh), or one
that waits at a port.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import settings
from ..errors import ConfigurationError, ViewerError
from ..rundir.options import Command, Launch
from .bootstrap import bootstrap, numbered
from .ssh import ssh


class Interpreter:
    """The plotting interpreter that the user asked for.

    Parameters
    ----------
    cmd : sequence of str, optional
        A command that takes Python code as its last argument; default: this interpreter, or ``python3`` on
        another host.
    host : str, optional
        ``HOST`` or ``USER@HOST``, reached by ssh; with a port the address of a viewer that waits there.
    port : int, optional
        Where ``asyncplot serve`` listens.
    certificate : str or path, optional
        With a port: speak TLS, and trust the certificates in this file.

    Raises
    ------
    ConfigurationError
        If these cannot work together.
    """

    def __init__(
        self,
        cmd: Sequence[str] | None,
        host: str | None = None,
        port: int | None = None,
        certificate: str | os.PathLike[str] | None = None,
    ) -> None:
        if isinstance(cmd, str) or (
            cmd is not None and (not cmd or not all(isinstance(word, str) for word in cmd))
        ):
            raise ConfigurationError(
                f"cmd={cmd!r} is not a list of words; write it as ['ipython', '--pylab=qt', '-c']"
            )
        if port is not None and (host is None or cmd is not None or not 0 < port < 65536):
            raise ConfigurationError(
                f"port={port!r} is that of `asyncplot serve` on host=, which has its own command; "
                f"here host={host!r}, cmd={cmd!r}"
            )
        if certificate is not None and port is None:
            raise ConfigurationError(
                f"certificate={os.fspath(certificate)!r} is for port=; ssh has its own keys"
            )
        if host is not None and port is None:
            ssh(host, [])  # checks it
        self._cmd, self._host, self._port = cmd, host, port
        self._certificate = None if certificate is None else str(settings.absolute(certificate))

    def own_python(self) -> list[str]:
        """The command of the Python that runs the supervisor: this one, unless it is part of an application."""
        if not _frozen():
            return [sys.executable or "python3"]
        local = self._cmd[0] if self._cmd and self._host is None else ""
        return [local if Path(local).name.startswith("python") else "python3"]

    def launch(self, directory: Path) -> Launch:
        """How viewers of the run in ``directory`` are started; whether and when is left to the caller.

        Raises
        ------
        ViewerError
            If there is no Python that could show plots.
        """
        code = numbered("launch.entry", str(directory))
        if _frozen() and self._cmd is None and self._host is None:
            raise ViewerError(
                f"this is a frozen application, and {sys.executable} is no Python that could show plots; name one "
                "that has numpy and matplotlib: cmd=['python3', '-c']"
            )
        here = [*self.own_python(), *flags(), "-c"]
        if self._port is not None:
            call = f"main({self._host!r},{self._port},certificate={self._certificate!r})"
            command, given = here, [bootstrap("remote.tcp.connector", call)]
        elif self._host is not None:
            command, given = ssh(self._host, self._cmd or ["python3", "-c"]), _quoted(code)
        else:
            command = list(self._cmd or here)
            # ssh joins its words with spaces, for a shell over there.
            given = _quoted(code) if Path(command[0]).name == "ssh" else code
        elsewhere = self._host is not None or given != code
        return Launch(
            join=Command(here if elsewhere else command, code),
            own=Command(command, given),
            relay=numbered("remote.source", str(directory)),
        )


def flags() -> list[str]:
    """The options by which another Python finds the same packages as this one. The script's own paths come later."""
    if _frozen():
        return []
    if sys.flags.isolated:
        return ["-I"]
    chosen = ["-P"]  # not the current folder: it is among the script's paths if it is to be searched
    if sys.flags.ignore_environment:
        chosen.append("-E")
    if sys.flags.no_user_site:
        chosen.append("-s")
    return chosen


def _frozen() -> bool:
    """Whether this interpreter is part of an application that was made from a program (by PyInstaller, say)."""
    return bool(getattr(sys, "frozen", False))


def _quoted(code: list[str]) -> list[str]:
    """The parts of a code, each quoted for a shell. A shell joins quoted parts that touch to one word."""
    return [shlex.quote(part) for part in code]


def entrances(directory: Path) -> dict[str, str]:
    """The codes that another host has this interpreter run, to enter the run in ``directory``; for the register."""
    return {
        "relay": bootstrap("remote.source", f"main({str(directory)!r})"),
        "bridge": bootstrap("join.bridge", f"main({str(directory)!r})"),
        "command": bootstrap("commands", "sys.exit(main(sys.argv[1:]))"),
    }
