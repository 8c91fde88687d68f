"""The mailbox: the newest frame of each lane, in shared memory. One writer, many readers, no locks between them.

::

    computation                      files of the run directory               viewers
    MailboxWriter.put -- copy -->    mailbox-LANE-GENERATION    -- copy -->   MailboxReader.newest
                  <-- asked --       control                    <-- asked --  MailboxReader.ask

Nobody waits: the writer overwrites the oldest of the slots, and a reader checks after its copy whether the frame
was whole.
"""

from .control import Control, LaneCounts
from .reader import MailboxReader, ReceivedFrame
from .writer import MailboxWriter

__all__ = ["Control", "LaneCounts", "MailboxReader", "MailboxWriter", "ReceivedFrame"]
