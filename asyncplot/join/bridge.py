"""A terminal of another host at the control socket of a run's viewer: bytes from stdin to it, and back to stdout.

``main`` is run by the run's own interpreter, through a carrier. If no viewer of the run can be asked, one
without a window is started, for this terminal alone.
"""

from __future__ import annotations

import os
import selectors
import sys
from pathlib import Path

from .. import log
from ..errors import AsyncplotError
from ..launch.announcement import announce, private_streams
from ..rpc import Stream, connected_to
from .attaching import AttachedHere
from .listing import described

_CHUNK = 1 << 18


def main(directory: str) -> None:
    """Connect stdin and stdout with the oldest viewer that can be asked."""
    stdin, stdout = private_streams()
    log.configure()
    run = described(Path(directory))
    if run is None:
        sys.exit(f"asyncplot: the run in {directory} has ended")
    attached = AttachedHere(run)
    try:
        try:
            viewer = connected_to(attached.folder())
        except AsyncplotError as error:
            sys.exit(f"asyncplot: {error}")
        announce(stdout, {"bridge": True})
        splice(Stream(stdin, stdout), viewer)
    finally:
        attached.close()


def splice(one: Stream, other: Stream) -> None:
    """Copy bytes both ways until either side ends. Writes wait: a slow reader slows its writer, and nobody else."""
    with selectors.DefaultSelector() as selector:
        selector.register(one.inbound, selectors.EVENT_READ, other.outbound)
        selector.register(other.inbound, selectors.EVENT_READ, one.outbound)
        while True:
            for key, _ in selector.select():
                data = os.read(key.fd, _CHUNK)
                if not data:
                    return
                try:
                    while data:
                        data = data[os.write(key.data, data) :]
                except BrokenPipeError:
                    return
