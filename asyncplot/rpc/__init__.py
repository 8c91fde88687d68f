"""rpyc, hardened: the only part of asyncplot that imports it. It carries control, never frames.

::

    any thread of the caller                  private thread            private thread          GUI thread
    netref.method(...) --> Connection  -->    Pump  == Unix socket ==   Pump  --> Connection --> dispatch
         Event.wait()  <-- reply       <--                                    <-- reply

Why not rpyc's own engine: a Ctrl-C in a synchronous wait leaks its receive lock, and in a send it
desynchronises the framing for good; ``.ready`` serves the peer's requests in the caller's thread; its
``close`` is a request that waits 30 s for a stopped peer; half a frame blocks it for ever.
"""

from .connection import Absent, ClientConnection, Reply, is_proxy
from .pump import Pump
from .serving import ServerConnection
from .sockets import connect, connected_to, listen, same_user
from .transport import Stream, Transport

__all__ = [
    "Absent",
    "ClientConnection",
    "Pump",
    "Reply",
    "ServerConnection",
    "Stream",
    "Transport",
    "connect",
    "connected_to",
    "is_proxy",
    "listen",
    "same_user",
]
