"""The reading end of a lane's mailbox: `newest` copies the newest frame out, if there is a new one.

Viewer, GUI thread. It never waits for the writer and never trusts it: before the copy, lengths are checked against the
slot, and after the copy, the sequence word is checked.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import AsyncplotError
from ..rundir import format as layout
from ..rundir.format import LaneKind
from .control import Control, lane_word
from .mapping import Mapping, copied

#: How often a frame is copied if the writer overtakes the copy, until the next tick. At 8 MB the writer
#: must take three frames during one copy of 0.14 ms to overtake it.
_TRIES = 4


class ReceivedFrame(NamedTuple):
    """A frame that was copied out. Each frame has new memory, which belongs to the reader."""

    number: int
    header: memoryview
    buffers: list[memoryview]
    taken_ns: int


class MailboxReader:
    """Reads the frames of one lane.

    Parameters
    ----------
    directory, control, lane
        As for `MailboxWriter`.

    Attributes
    ----------
    holds : int
        The number of the last frame that was read, 0 before the first.

    Raises
    ------
    AsyncplotError
        If the lane is of a kind that a mailbox does not read.
    """

    def __init__(self, directory: Path, control: Control, lane: int) -> None:
        if (kind := control.kind(lane)) != LaneKind.NEWEST:
            raise AsyncplotError(
                f"{directory}: lane {lane} is of kind {kind}, this asyncplot reads {int(LaneKind.NEWEST)}; "
                "use the same asyncplot on both sides"
            )
        self._directory = directory
        self._lane = lane
        self._words = control.words
        self._generation = 0
        self._mapping: Mapping | None = None
        self._first, self._second = threading.Lock(), threading.Lock()
        self.holds = 0

    def ask(self) -> None:
        """Tell the writer that a frame newer than the last one is wanted.

        Only a reader that holds the newest frame asks; one that is behind can read on. All readers write to
        the same word. If a write is lost, the next idle tick asks again.
        """
        if self._words[lane_word(self._lane, layout.LANE_NEWEST)] == self.holds:
            self._words[lane_word(self._lane, layout.LANE_ASKED)] = self.holds

    def resume(self, number: int) -> None:
        """Count frame ``number`` as read, as another reader has read it. If there is no such frame, begin at the first."""
        self.holds = number if 0 <= number <= self._words[lane_word(self._lane, layout.LANE_NEWEST)] else 0

    def newest(self) -> ReceivedFrame | None:
        """The newest frame; None if it was read before, or is just being overwritten."""
        for _ in range(_TRIES):
            number = self._words[lane_word(self._lane, layout.LANE_NEWEST)]
            if number == self.holds:
                return None
            frame = self._copy(number)
            if frame is not None:
                self.holds = number
                return frame
        return None

    def close(self) -> None:
        """Unmap the mailbox, and let go of the control file."""
        if self._mapping is not None:
            self._mapping.close()
            self._mapping = None
        self._words = copied(self._words)

    def _copy(self, number: int) -> ReceivedFrame | None:
        mapping = self._current()
        if mapping is None:
            return None
        words = mapping.words
        capacity = words[layout.MAILBOX_CAPACITY]
        if layout.mailbox_bytes(capacity) > len(mapping.bytes):
            return None
        head = layout.slot_offset(number % layout.SLOTS, capacity)
        word = head // layout.WORD
        if words[word + layout.SLOT_SEQUENCE] != number:
            return None
        header_bytes = words[word + layout.SLOT_HEADER_BYTES]
        count = words[word + layout.SLOT_BUFFERS]
        payload_bytes = words[word + layout.SLOT_PAYLOAD_BYTES]
        taken_ns = words[word + layout.SLOT_TAKEN_NS]
        table_bytes = layout.WORD * count
        if payload_bytes > capacity or table_bytes + header_bytes > payload_bytes:
            return None
        start = head + layout.SLOT_HEAD_BYTES
        # numpy takes large memory from huge pages, and its copy releases the GIL.
        copy = np.empty(payload_bytes, np.uint8)
        np.copyto(copy, np.frombuffer(mapping.bytes, np.uint8, payload_bytes, start))
        self._fence()
        if words[word + layout.SLOT_SEQUENCE] != number:
            return None
        memory = memoryview(copy.data)
        header = memory[table_bytes : table_bytes + header_bytes]
        buffers = []
        position = table_bytes + header_bytes
        for length in copy[:table_bytes].view(np.uint64).tolist():
            position = layout.aligned(position)
            if position + length > payload_bytes:
                return None
            buffers.append(memory[position : position + length])
            position += length
        return ReceivedFrame(number, header, buffers, taken_ns)

    def _current(self) -> Mapping | None:
        """The mapping of the current generation; None if it is just being replaced."""
        generation = self._words[lane_word(self._lane, layout.LANE_GENERATION)]
        if generation == self._generation:
            return self._mapping
        try:
            mapping = Mapping.open(self._directory / layout.mailbox_name(self._lane, generation))
        except (FileNotFoundError, ValueError):  # there is none yet, or it is empty
            return None
        if self._mapping is not None:
            self._mapping.close()
        self._mapping, self._generation = mapping, generation
        return mapping

    def _fence(self) -> None:
        with self._first:
            pass
        with self._second:
            pass
