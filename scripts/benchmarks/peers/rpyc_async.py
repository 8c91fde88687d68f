"""rpyc without changes: ``async_`` of a remote method. Run as a module, it is the receiver.

The array is sent as bytes. As an array it would be a reference, and each access to it would be a call back.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rpyc
from rpyc.utils.server import OneShotServer

from . import receiver

WHAT = "rpyc, async_"


class _Service(rpyc.Service):  # type: ignore[misc]  # rpyc has no annotations
    def on_connect(self, connection: Any) -> None:
        self.drawing = receiver.Drawing()

    def exposed_update(self, data: bytes) -> None:
        self.drawing.update(np.frombuffer(data))


@contextmanager
def hand_over(_backend: str) -> Iterator[Callable[[Any], Any]]:
    """Connect to a process that draws what it receives."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "socket")
        process = receiver.start("rpyc_async", path)
        connection = rpyc.utils.factory.unix_connect(path, config={"sync_request_timeout": None})
        update = rpyc.async_(connection.root.update)
        yield lambda array: update(array.tobytes())
        process.kill()


class _Announced(OneShotServer):  # type: ignore[misc]
    def _listen(self) -> None:
        super()._listen()
        print("ready", flush=True)


if __name__ == "__main__":
    _Announced(_Service, socket_path=sys.argv[1]).start()
