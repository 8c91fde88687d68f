"""The mailbox: the newest frame of each lane, in shared memory. One writer, many readers, wait-free.

::

    compute side                     files of the run directory               viewers
    MailboxWriter.put -- copy -->    mailbox-LANE-GENERATION    -- copy -->   MailboxReader.newest
                  <-- asked --       control                    <-- asked --  MailboxReader.ask

Nobody waits for anybody: the writer overwrites the oldest of the slots, a reader checks afterwards
whether what it copied was whole.
"""

from .control import Control, LaneCounts
from .reader import MailboxReader, ReceivedFrame
from .writer import MailboxWriter

__all__ = ["Control", "LaneCounts", "MailboxReader", "MailboxWriter", "ReceivedFrame"]
