"""rpyc's protocol on a `Pump`: what both ends of a connection share. rpyc does boxing, netrefs and exceptions.

There are two roles. The **client** (computation, terminals; see `client`) sends requests and serves none: a viewer can
answer it, and call nothing. The **server** (viewer; see `serving`) carries the requests out. rpyc passes plain types by
value. What the client passes by value beyond that (arrays, lists, dicts, functions) crosses as a pickle, in
that direction only: a viewer runs the computation's code anyway, and the computation never unpickles what a viewer
has sent.

These files use rpyc's private names (`_box`, `_unbox`, `_request_handlers`, ...), so its version is pinned,
and a test drives each of these names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rpyc.core import brine
from rpyc.core.protocol import Connection
from rpyc.core.service import Service

from ..errors import RemoteError
from .pump import Pump
from .transport import Stream, Transport

#: Our label beside rpyc's, which end at 4: a pickle.
LABEL_PICKLE = 64


class RpcConnection(Connection):  # type: ignore[misc]  # rpyc has no annotations
    """What both roles share: the pump sends and receives, and closing waits for nothing.

    Parameters
    ----------
    root : Service
        What rpyc wants as root.
    config : dict
        rpyc's configuration.
    pump : Pump
        Reads and writes the stream.
    stream : Stream
        To the other end; becomes the connection's own.
    attached : callable, optional
        Gets the attachments that come, on the pump's thread. Without it they are refused.
    """

    def __init__(
        self,
        root: Service,
        config: dict[str, Any],
        pump: Pump,
        stream: Stream,
        attached: Callable[[memoryview], None] | None = None,
    ) -> None:
        self.transport = Transport(pump, stream, self._received, self._lost, attached)
        super().__init__(root, _NoChannel(), config)
        pump.add(self.transport)

    def __del__(self) -> None:
        """Do nothing: rpyc would send a request here and wait for the answer."""

    def close(self) -> None:
        """Close the stream. Sends nothing and waits for nothing. Any thread."""
        self._closed = True
        self.transport.close()

    def serve(self, *_: object, **__: object) -> bool:
        """Refuse: only the pump reads this connection."""
        raise RemoteError("asyncplot's connections are served by their own thread")

    def _send(self, message: int, sequence: int, args: object) -> None:
        self.transport.send(brine.I1.pack(message) + brine.dump((sequence, args)))

    def _received(self, data: bytes) -> None:
        raise NotImplementedError

    def _lost(self) -> None:
        raise NotImplementedError


class _NoChannel:
    """Takes the place of rpyc's channel, which has nothing to do here: the pump reads and writes."""

    closed = True

    def close(self) -> None:
        """Nothing to close."""
