"""Where each number stands in the files of the mailbox. Pure; both sides import it.

All numbers are 64-bit words of this machine's byte order: a mapping never leaves the machine.

::

    control:    [ magic version closing notices lanes ... ]  [ lane 0 ]  [ lane 1 ] ...
    mailbox:    [ magic slots capacity ... one page ... ]    [ slot 0 ]  [ slot 1 ]  [ slot 2 ]
    slot:       [ sequence frame header buffers length taken ]  lengths  header  buffers (each aligned)
"""

from __future__ import annotations

MAGIC = 0x746F6C70636E7973  # "syncplot"
VERSION = 1
WORD = 8
PAGE = 4096

#: Each buffer starts at a multiple of this many bytes (a cache line), so that arrays are aligned.
ALIGNMENT = 64

# --- words of the control file -----------------------------------------------------------------
CONTROL_MAGIC, CONTROL_VERSION = 0, 1
#: 0 while the run goes on; see the constants below. Written by the compute side.
CONTROL_CLOSING = 2
#: Counts what the supervisor wrote into the run directory. Written by the supervisor.
CONTROL_NOTICES = 3
#: How many lanes there are; a lane's block is filled before the count is raised.
CONTROL_LANES = 4
#: When the run started, ``time.monotonic_ns``, and what share of its time its plots have cost since, in
#: 1e-9. Written by the compute side.
CONTROL_STARTED_NS, CONTROL_OVERHEAD = 5, 6
#: When a viewer sent something back, ``time.monotonic_ns``; any change tells the compute side to look.
CONTROL_SENT = 7
#: Counts the notes for the windows' titles, in ``note.json``. Written by the compute side.
CONTROL_NOTE = 8

#: Values of CONTROL_CLOSING: viewers have their grace; they are known not to answer; they stay; or nobody holds the
#: server any more, so that viewers draw the last frame and end.
CLOSING_POLITELY, CLOSING_AT_ONCE, CLOSING_DETACHED, CLOSING_UNHELD = 1, 2, 3, 4

LANES_MAXIMUM = 64
LANE_FIRST_WORD = 64
LANE_WORDS = 32
#: Offsets in the block of a lane: which mailbox file is current, the frame that a reader holds when it
#: wants another (written by readers), and the newest whole frame.
LANE_GENERATION, LANE_ASKED, LANE_NEWEST = 0, 1, 2
#: The lane's counters, when they were counted, and an earlier such pair, for the rate of the calls.
LANE_CALLED, LANE_TAKEN, LANE_FAILED, LANE_TRAILING = 3, 4, 5, 6
LANE_COUNTED_NS, LANE_EARLIER_CALLED, LANE_EARLIER_NS = 7, 8, 9
#: The lane's name, UTF-8, padded with zeros.
LANE_NAME, LANE_NAME_BYTES = 16, 128

CONTROL_BYTES = 5 * PAGE  # room for all lanes: (64 + 64 * 32) * 8 = 16,896 bytes

# --- words of a mailbox file -------------------------------------------------------------------
MAILBOX_MAGIC, MAILBOX_SLOTS, MAILBOX_CAPACITY = 0, 1, 2
#: Three: one is being written, one holds the newest frame, one is still being read.
SLOTS = 3

# --- words at the head of a slot ---------------------------------------------------------------
#: The frame's number when the slot is whole, 0 while it is written (the seqlock).
SLOT_SEQUENCE = 0
SLOT_HEADER_BYTES, SLOT_BUFFERS, SLOT_PAYLOAD_BYTES = 1, 2, 3
#: When the frame was taken, ``time.monotonic_ns``: one clock for all processes of a machine.
SLOT_TAKEN_NS = 4
SLOT_HEAD_BYTES = 64


def aligned(size: int) -> int:
    """``size`` bytes, rounded up to the alignment of buffers.

    >>> aligned(1), aligned(64), aligned(65)
    (64, 64, 128)
    """
    return -(-size // ALIGNMENT) * ALIGNMENT


def payload_bytes(header: int, buffers: list[int]) -> int:
    """The payload's size: the table of buffer lengths, the header, and the buffers.

    >>> payload_bytes(100, [8, 8_000_000])
    8000192
    """
    return aligned(WORD * len(buffers) + header) + sum([aligned(size) for size in buffers])


def slot_offset(slot: int, capacity: int) -> int:
    """The byte at which a slot's head stands; ``capacity`` is the payload that fits, a multiple of a page."""
    return PAGE + slot * (PAGE + capacity)


def mailbox_bytes(capacity: int) -> int:
    """The size of a mailbox file whose slots hold ``capacity`` bytes each."""
    return slot_offset(SLOTS, capacity)


def mailbox_name(lane: int, generation: int) -> str:
    """The name of a mailbox file in the run directory."""
    return f"mailbox-{lane}-{generation}"
