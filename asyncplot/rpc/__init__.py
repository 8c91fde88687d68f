"""rpyc, hardened: the only folder of asyncplot that imports it. It carries control, never frames.

::

    any thread of the caller                  private thread            private thread          GUI thread
    netref.method(...) --> Connection  -->    Pump  == Unix socket ==   Pump  --> Connection --> dispatch
         Event.wait()  <-- reply       <--                                    <-- reply

rpyc's own engine is not used, for these reasons. A Ctrl-C in a synchronous wait leaves its receive lock taken, and a
Ctrl-C in a send breaks the framing for good. ``.ready`` serves the peer's requests in the caller's thread. Its
``close`` is a request that waits 30 s for a stopped peer. Half a frame blocks it for ever.
"""

from .client import Absent, ClientConnection, Reply, is_proxy
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
