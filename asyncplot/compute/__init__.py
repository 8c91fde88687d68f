"""The compute side: everything in the process that holds `Server`. It never imports the viewer.

The straight path of a frame, one hop per file::

    server.update = lane.update -> pacing -> frames.encode -> mailbox.put ==> (viewer)
"""

from .pending import PendingResult
from .server import Server

__all__ = ["PendingResult", "Server"]
