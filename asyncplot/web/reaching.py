"""How a program reaches a viewer's Unix socket with tornado's clients, in place of a host name. Event loop."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from tornado.netutil import Resolver

from .listening import SOCKET


class At(Resolver):
    """Leads every name to the Unix socket in a viewer's folder."""

    def initialize(self, folder: Path) -> None:
        """Get the folder."""
        self._path = str(folder / SOCKET)

    async def resolve(self, host: str, port: int, family: int = 0) -> list[tuple[int, Any]]:
        return [(socket.AF_UNIX, self._path)]
