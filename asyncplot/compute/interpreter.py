"""The plotting interpreter that the user asked for, as commands to be run; and the code that lets others in. Pure.

Three ways: a command on this machine; one on another host, through ssh; a viewer that waits at a port.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..bootstrap import bootstrap
from ..errors import ConfigurationError
from ..relay import carriers


class Interpreter:
    """How the viewer is started.

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
            carriers.ssh(host, [])  # checks it
        self._cmd, self._host, self._port = cmd, host, port
        self._certificate = None if certificate is None else str(Path(certificate).expanduser().absolute())

    def commands(self, directory: Path) -> dict[str, Any]:
        """For ``launch.json``: the viewer's command and code, those of who joins on this host, and the relay's."""
        code = bootstrap("interpreter", f"main({str(directory)!r},NUMBER)")
        here = [sys.executable or "python3", "-c"]
        if self._port is not None:
            call = f"main({self._host!r},{self._port},certificate={self._certificate!r})"
            command, given = here, bootstrap("ports.connector", call)
        elif self._host is not None:
            command, given = carriers.ssh(self._host, self._cmd or ["python3", "-c"]), shlex.quote(code)
        else:
            command = list(self._cmd or here)
            # ssh joins its words with spaces, for a shell over there.
            given = shlex.quote(code) if Path(command[0]).name == "ssh" else code
        elsewhere = self._host is not None or given != code
        return {
            "command": command,
            "code": given,
            "join": [*(here if elsewhere else command), code],
            "relay": bootstrap("relay.source", f"main({str(directory)!r},NUMBER)"),
        }


def entrances(directory: Path) -> dict[str, str]:
    """The code by which this interpreter, started from another host, lets it in; for the register."""
    return {
        "relay": bootstrap("relay.source", f"main({str(directory)!r})"),
        "bridge": bootstrap("join.bridge", f"main({str(directory)!r})"),
        "command": bootstrap("commands", "sys.exit(main(sys.argv[1:]))"),
    }
