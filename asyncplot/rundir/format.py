"""The format of a run directory: the names of its files, and where each number stands in the shared ones.

Pure, standard library only; imports nothing of asyncplot. The supervisor loads it without the rest of the package.

::

    BASE/.HEX/  a run directory without a name yet: it is made there and then renamed
    BASE/NAME/  run.json       who computes, where, since when, with which versions; and what viewers are told
                owner.json     which process made the directory; the first file in it
                alive          locked by the computation for as long as it lives
                control, mailbox-LANE-GENERATION        shared memory, see asyncplot.mailbox
                plotter        the pickled plotter
                launch.json    what the supervisor is to start, and how others start a viewer of their own
                note.json      what the viewers say in the titles of their windows
                supervisor/alive       locked by the supervisor
                viewer-N/      alive (locked by the viewer), state.json, board, failure.json, drawing.json,
                               windows.json, sent.json, control.sock, log; web.sock and web.json (a web viewer's);
                               options.json (by who starts it, if that is not `Server`); end.json (by the supervisor)

    control:    [ magic version closing notices lanes ... ]  [ lane 0 ]  [ lane 1 ] ...
    mailbox:    [ magic slots capacity ... one page ... ]    [ slot 0 ]  [ slot 1 ]  [ slot 2 ]
    slot:       [ sequence header buffers payload taken ]    lengths  header  buffers (each aligned)

All numbers are 64-bit words in the byte order of this machine: a mapping never leaves the machine.
"""

from __future__ import annotations

from enum import IntEnum

# --- files of a run directory ------------------------------------------------------------------
RUN_FILE, OWNER_FILE, LAUNCH_FILE, NOTE_FILE = "run.json", "owner.json", "launch.json", "note.json"
CONTROL_FILE, PLOTTER_FILE = "control", "plotter"
#: Each process that uses a directory holds a lock on this file in a folder of its own.
ALIVE_FILE = "alive"
SUPERVISOR_FOLDER = "supervisor"

# --- files in the folder of a viewer -----------------------------------------------------------
STATE_FILE, OPTIONS_FILE, END_FILE = "state.json", "options.json", "end.json"
FAILURE_FILE, DRAWING_FILE, WINDOWS_FILE = "failure.json", "drawing.json", "windows.json"
BOARD_FILE, SOCKET_FILE, WEB_FILE = "board", "control.sock", "web.json"
#: The output of a viewer that a supervisor started. Other viewers have none.
LOG_FILE = "log"

#: Begins the line by which a process that was started as a command says that asyncplot's code runs.
ANNOUNCEMENT = b"\x1easyncplot "

#: Begins a line of a viewer that has a secret in it. It is shown to the user, and not written to the log.
UNLOGGED = b"\x1easyncplot-unlogged "

#: A run has at most 9,999 viewers.
VIEWER_DIGITS = 4

# --- words of the control file -----------------------------------------------------------------
MAGIC = 0x746F6C70636E7973  # "syncplot"
#: The version of the control file, its lanes' blocks included. A reader refuses every other one.
VERSION = 2
WORD = 8
PAGE = 4096

CONTROL_MAGIC, CONTROL_VERSION = 0, 1
#: See `Closing`. Written by the computation.
CONTROL_CLOSING = 2
#: Counts what the supervisor wrote into the run directory. Written by the supervisor.
CONTROL_NOTICES = 3
#: How many lanes there are. The block of a lane is filled before the count is raised.
CONTROL_LANES = 4
#: When the run started (``time.monotonic_ns``), and what share of its time its plots have cost since then, in
#: 1e-9. Written by the computation.
CONTROL_STARTED_NS, CONTROL_OVERHEAD = 5, 6
#: When a viewer sent a value back, ``time.monotonic_ns``. Any change tells the computation to look.
CONTROL_SENT = 7
#: Counts the changes of ``note.json``. Written by the computation.
CONTROL_NOTE = 8

CONTROL_BYTES = 5 * PAGE  # room for all lanes: (64 + 64 * 32) * 8 = 16,896 bytes


class Closing(IntEnum):
    """Whether the run goes on, or how it ends: a word of the control file."""

    NO = 0
    POLITELY = 1  # viewers get their grace
    AT_ONCE = 2  # viewers are killed: the computation knows that they do not answer
    DETACHED = 3  # viewers stay, with their picture
    UNHELD = 4  # nobody holds the `Server` any more: viewers draw the last frame and end


# --- the block of a lane in the control file ---------------------------------------------------
LANES_MAXIMUM = 64
LANE_FIRST_WORD = 64
LANE_WORDS = 32
#: Which mailbox file is the current one; the frame that a reader holds when it wants another (written by
#: readers); the newest whole frame.
LANE_GENERATION, LANE_ASKED, LANE_NEWEST = 0, 1, 2
#: The lane's counters and when they were counted; and an earlier such pair, for the rate of the calls.
LANE_CALLED, LANE_TAKEN, LANE_FAILED, LANE_TRAILING = 3, 4, 5, 6
LANE_COUNTED_NS, LANE_EARLIER_CALLED, LANE_EARLIER_NS = 7, 8, 9
#: See `LaneKind`.
LANE_KIND = 10
#: The lane's name, UTF-8, padded with zeros.
LANE_NAME, LANE_NAME_BYTES = 16, 128


class LaneKind(IntEnum):
    """How the frames of a lane are stored, and which of them a reader gets."""

    NEWEST = 0  # a mailbox: the newest frame wins


# --- words of a mailbox file -------------------------------------------------------------------
MAILBOX_MAGIC, MAILBOX_SLOTS, MAILBOX_CAPACITY = 0, 1, 2
#: One slot is being written, one holds the newest frame, and one is still being read.
SLOTS = 3

# --- words at the head of a slot ---------------------------------------------------------------
#: The frame's number when the slot is whole, 0 while it is written (the seqlock).
SLOT_SEQUENCE = 0
SLOT_HEADER_BYTES, SLOT_BUFFERS, SLOT_PAYLOAD_BYTES = 1, 2, 3
#: When the frame was taken, ``time.monotonic_ns``: one clock for all processes of a machine.
SLOT_TAKEN_NS = 4
SLOT_HEAD_BYTES = 64

#: Each buffer starts at a multiple of this many bytes (a cache line), so that arrays are aligned.
ALIGNMENT = 64


def aligned(size: int) -> int:
    """``size`` bytes, rounded up to the alignment of buffers.

    >>> aligned(1), aligned(64), aligned(65)
    (64, 64, 128)
    """
    return -(-size // ALIGNMENT) * ALIGNMENT


def slot_offset(slot: int, capacity: int) -> int:
    """The byte at which a slot's head stands; ``capacity`` is the payload that fits, a multiple of a page."""
    return PAGE + slot * (PAGE + capacity)


def mailbox_bytes(capacity: int) -> int:
    """The size of a mailbox file whose slots hold ``capacity`` bytes each."""
    return slot_offset(SLOTS, capacity)


def mailbox_name(lane: int, generation: int) -> str:
    """The name of a mailbox file in the run directory."""
    return f"mailbox-{lane}-{generation}"


def viewer_folder(number: int) -> str:
    """The name of a viewer's folder in the run directory.

    >>> viewer_folder(1)
    'viewer-1'
    """
    return f"viewer-{number}"


def viewer_number(name: str) -> int:
    """The number of the viewer whose folder has that name; 0 if it is no viewer's.

    >>> viewer_number("viewer-12"), viewer_number("viewer-old"), viewer_number("viewer-007")
    (12, 0, 0)
    """
    digits = name.removeprefix("viewer-")
    number = int(digits) if digits.isdecimal() and len(digits) <= VIEWER_DIGITS else 0
    return number if name == viewer_folder(number) else 0
