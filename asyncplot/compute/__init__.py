"""The compute side: everything in the computation's process. It never imports the viewer.

The straight path of a frame, one step per file::

    server.update = lane.update -> pacing -> frames.encode -> mailbox.put ==> (viewer)
"""

from .pending import PendingResult
from .server import Server

__all__ = ["PendingResult", "Server"]
