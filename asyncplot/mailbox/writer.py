"""The writing end of a lane's mailbox: `put` copies a frame into shared memory, once.

Compute side. The lane's take lock admits one thread at a time: the caller of ``update``, or the
helper; there is no other lock and nothing waits for a reader.

A slot is a seqlock: its sequence word is cleared before and set to the frame's number after the
copy, and only then is the frame announced as the newest. A reader that was overtaken sees the word
change and takes the next frame. An exception in the middle (Ctrl-C) leaves a slot that no reader
accepts, and the number unused.
"""

from __future__ import annotations

import threading
from pathlib import Path

from ..frames import EncodedFrame
from ..rundir import format as layout
from .control import Control, lane_word
from .mapping import Mapping

#: Payload that fits into a slot at first, bytes. 3 x 64 kB are allocated and touched in 40 us.
FIRST_CAPACITY = 1 << 16

#: The rate of the calls is taken over at least this long, ns.
_RATE_NS = 2_000_000_000


class MailboxWriter:
    """Writes the frames of one lane.

    Parameters
    ----------
    directory : Path
        The run directory.
    control : Control
        Its control file.
    lane : int
        The lane's number there.
    """

    def __init__(self, directory: Path, control: Control, lane: int) -> None:
        self._directory = directory
        self._lane = lane
        self._words = control.words
        self._asked_word = lane_word(lane, layout.LANE_ASKED)
        self._newest_word = lane_word(lane, layout.LANE_NEWEST)
        self._first, self._second = threading.Lock(), threading.Lock()
        self._generation = 0
        self._mapping: Mapping | None = None
        self._measured: tuple[bytes, list[int], int] = (b"", [], layout.payload_bytes(0, []))
        self.capacity = 0
        self.newest = 0
        self.grow(FIRST_CAPACITY)

    @property
    def asked(self) -> bool:
        """Whether a reader that holds the newest frame wants another."""
        return bool(self._words[self._asked_word] == self.newest)

    def payload(self, frame: EncodedFrame) -> int:
        """The room that a frame takes in a slot, bytes; it fits if that is at most `capacity`."""
        header, lengths, payload = self._measured
        # Frames that differ in nothing but their contents share header and lengths (see Encoder).
        if frame.header is not header or frame.lengths is not lengths:
            payload = layout.payload_bytes(len(frame.header), frame.lengths)
            self._measured = (frame.header, frame.lengths, payload)
        return payload

    def put(self, frame: EncodedFrame, taken_ns: int) -> int:
        """Copy a frame that fits into the oldest slot, announce it, and return its number."""
        mapping = self._mapping
        assert mapping is not None  # for the type checker: `grow` ran in the constructor
        number = self.newest + 1
        head = layout.slot_offset(number % layout.SLOTS, self.capacity)
        word = head // layout.WORD
        words, memory = mapping.words, mapping.bytes
        words[word + layout.SLOT_SEQUENCE] = 0
        self._fence()
        lengths, header = frame.lengths, frame.header
        payload = position = head + layout.SLOT_HEAD_BYTES
        for length in lengths:
            words[position // layout.WORD] = length
            position += layout.WORD
        end = position + len(header)
        memory[position:end] = header
        header_bytes = end - position
        position = end
        for view, length in zip(frame.buffers, lengths, strict=True):
            position += -position % layout.ALIGNMENT
            memory[position : position + length] = view
            position += length
        words[word + layout.SLOT_HEADER_BYTES] = header_bytes
        words[word + layout.SLOT_BUFFERS] = len(lengths)
        words[word + layout.SLOT_PAYLOAD_BYTES] = position - payload
        words[word + layout.SLOT_TAKEN_NS] = taken_ns
        self._fence()
        words[word + layout.SLOT_SEQUENCE] = number
        self.newest = number
        self._words[self._newest_word] = number
        return number

    def grow(self, payload: int) -> None:
        """Make the next generation, whose slots hold ``payload`` bytes and half as much again.

        Called by the helper thread, as it takes milliseconds. Frames of the old generation that no
        reader has fetched yet are gone; the frame that did not fit follows at once.

        Raises
        ------
        OSError
            If there is no room in the run directory; the old generation stays.
        """
        # Beyond 256 MB spare room for growth would cost more memory than it saves time.
        spare = payload // 2 if payload < 1 << 28 else payload // 16
        capacity = -(-(payload + spare) // layout.PAGE) * layout.PAGE
        generation = self._generation + 1
        path = self._directory / layout.mailbox_name(self._lane, generation)
        mapping = Mapping.make(path, layout.mailbox_bytes(capacity))
        mapping.words[layout.MAILBOX_SLOTS] = layout.SLOTS
        mapping.words[layout.MAILBOX_CAPACITY] = capacity
        mapping.words[layout.MAILBOX_MAGIC] = layout.MAGIC
        old, self._mapping = self._mapping, mapping
        self.capacity = capacity
        self._generation = generation
        self._fence()
        self._words[lane_word(self._lane, layout.LANE_GENERATION)] = generation
        if old is not None:
            old.close()
            (self._directory / layout.mailbox_name(self._lane, generation - 1)).unlink(missing_ok=True)

    def count(self, counts: tuple[int, int, int, int], now: float, overhead: float) -> None:
        """Publish the counters, for whoever lists or watches the run; 1.5 us.

        Parameters
        ----------
        counts : tuple of int
            Calls of this lane, and frames taken, failed and delivered as trailing ones.
        now : float
            The present time, ``time.monotonic``, s.
        overhead : float
            The share of the wall time that all lanes together have cost so far.
        """
        words, first = self._words, lane_word(self._lane, 0)
        before_ns = words[first + layout.LANE_COUNTED_NS]
        if before_ns - words[first + layout.LANE_EARLIER_NS] > _RATE_NS:
            words[first + layout.LANE_EARLIER_CALLED] = words[first + layout.LANE_CALLED]
            words[first + layout.LANE_EARLIER_NS] = before_ns
        for place, count in enumerate(counts, first + layout.LANE_CALLED):
            words[place] = count
        words[first + layout.LANE_COUNTED_NS] = int(now * 1e9)
        words[layout.CONTROL_OVERHEAD] = int(overhead * 1e9)

    def close(self) -> None:
        """Unmap; the file itself goes with the run directory."""
        if self._mapping is not None:
            self._mapping.close()
            self._mapping = None

    def _fence(self) -> None:
        # Two uncontended acquire/release pairs in a row order the stores around them on weakly
        # ordered processors, too: a release keeps earlier stores before it, an acquire keeps later
        # ones after it, and only a pair after a pair closes both directions. 0.08 us.
        with self._first:
            pass
        with self._second:
            pass
