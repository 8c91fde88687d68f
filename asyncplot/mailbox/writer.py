"""The writing end of a lane's mailbox: `put` copies a frame into shared memory, once.

Computation. The lane's take lock admits one thread at a time: the caller of ``update``, or the
helper. There is no other lock, and nothing waits for a reader.

A slot is a seqlock. Its sequence word is cleared before the frame is written, and set to the frame's number after that; only
then is the frame announced as the newest. A reader that was overtaken sees that the word has
changed, and takes the next frame. An exception in the middle (Ctrl-C) leaves a slot that no reader
accepts, and the number unused.

`put` is `reserve`, a copy, and `commit`. Code that makes the contents of a frame can write them into the slot itself.
"""

from __future__ import annotations

import threading
from array import array
from pathlib import Path

from ..frames import EncodedFrame
from ..rundir import format as layout
from ..rundir.format import (
    SLOT_BUFFERS,
    SLOT_HEAD_BYTES,
    SLOT_HEADER_BYTES,
    SLOT_PAYLOAD_BYTES,
    SLOT_SEQUENCE,
    SLOT_TAKEN_NS,
    SLOTS,
    WORD,
    aligned,
    slot_offset,
)
from .control import Control, lane_word
from .mapping import Mapping, copied

#: Payload that fits into a slot at first, bytes. 3 x 64 kB are allocated and touched in 40 us.
FIRST_CAPACITY = 1 << 16

#: The rate of the calls is taken over at least this long, ns.
_RATE_NS = 2_000_000_000


class _Form:
    """Where the parts of a frame stand in a slot. Frames that differ in nothing but their contents share it (see Encoder).

    Attributes
    ----------
    header : bytes
        The frame's header.
    lengths : list of int
        How long its buffers are, bytes.
    prefix : bytes
        The payload up to the first buffer: the table of lengths, and the header.
    places : list of tuple
        Where each buffer begins and ends, bytes from the start of the payload.
    payload : int
        How long the payload is, bytes.
    """

    __slots__ = ("header", "lengths", "payload", "places", "prefix")

    def __init__(self, header: bytes, lengths: list[int]) -> None:
        self.header, self.lengths = header, lengths
        self.prefix = array("Q", lengths).tobytes() + header if lengths else header
        self.places: list[tuple[int, int]] = []
        end = len(self.prefix)
        for length in lengths:
            start = aligned(end)
            end = start + length
            self.places.append((start, end))
        self.payload = end


class MailboxWriter:
    """Writes the frames of one lane.

    Parameters
    ----------
    directory : Path
        The run directory.
    control : Control
        The control file in it.
    lane : int
        The lane's number in the control file.

    Attributes
    ----------
    capacity : int
        How much fits into a slot, bytes.
    newest : int
        The number of the newest frame; 0 before the first.
    """

    def __init__(self, directory: Path, control: Control, lane: int) -> None:
        self._directory = directory
        self._lane = lane
        self._words = control.words
        self._asked_word = lane_word(lane, layout.LANE_ASKED)
        self._newest_word = lane_word(lane, layout.LANE_NEWEST)
        self._first, self._second = threading.Lock(), threading.Lock()
        self._generation = 0
        self._mapping = Mapping.closed()
        self._form = _Form(b"", [])
        self._reserved = 0  # the first word of the slot that is being written
        self.capacity = 0
        self.newest = 0
        self.grow(FIRST_CAPACITY)

    @property
    def asked(self) -> bool:
        """Whether a reader that holds the newest frame wants another."""
        return bool(self._words[self._asked_word] == self.newest)

    def payload(self, frame: EncodedFrame) -> int:
        """The room that a frame takes in a slot, bytes. The frame fits if that is at most `capacity`."""
        form = self._form
        if frame.header is not form.header or frame.lengths is not form.lengths:
            form = self._form = _Form(frame.header, frame.lengths)
        return form.payload

    def put(self, frame: EncodedFrame, taken_ns: int) -> int:
        """Copy a frame that fits into the oldest slot, announce it, and return its number.

        0 if the mailbox is closed, perhaps just now by a signal handler.
        """
        # As `reserve` does, but without an object for each buffer.
        memory, start = self._begin(frame.header, frame.lengths)
        if not memory:
            return 0
        for (first, end), view in zip(self._form.places, frame.buffers, strict=True):
            memory[start + first : start + end] = view
        return self.commit(taken_ns)

    def reserve(self, header: bytes, lengths: list[int]) -> list[memoryview]:
        """Begin a frame in the oldest slot, and return the memory of its buffers. Write there until `commit`.

        A frame that is never committed is none: the next one takes its slot and its number. Between the two calls
        the mailbox must not `grow`.

        Parameters
        ----------
        header : bytes
            The frame's header, see `EncodedFrame`.
        lengths : list of int
            How long its buffers are, bytes. The frame must fit, see `payload`.
        """
        memory, start = self._begin(header, lengths)
        return [memory[start + first : start + end] for first, end in self._form.places]

    def commit(self, taken_ns: int) -> int:
        """Announce the frame that was begun, and return its number; 0 if the mailbox is closed.

        Parameters
        ----------
        taken_ns : int
            When it was taken, ``time.monotonic_ns``.
        """
        words, word = self._mapping.words, self._reserved
        if not words:
            return 0
        words[word + SLOT_TAKEN_NS] = taken_ns
        self._fence()
        number = self.newest + 1
        words[word + SLOT_SEQUENCE] = number
        self.newest = number
        self._words[self._newest_word] = number
        return number

    def _begin(self, header: bytes, lengths: list[int]) -> tuple[memoryview, int]:
        """Clear the oldest slot, and write all but its buffers; returns the memory, and where the payload begins.

        The memory is empty if the mailbox is closed.
        """
        form = self._form
        if header is not form.header or lengths is not form.lengths:
            form = self._form = _Form(header, lengths)
        head = slot_offset((self.newest + 1) % SLOTS, self.capacity)
        word = self._reserved = head // WORD
        words, memory = self._mapping.words, self._mapping.bytes
        if not words or not memory:
            return memoryview(b""), 0
        words[word + SLOT_SEQUENCE] = 0
        self._fence()
        words[word + SLOT_HEADER_BYTES] = len(header)
        words[word + SLOT_BUFFERS] = len(lengths)
        words[word + SLOT_PAYLOAD_BYTES] = form.payload
        start = head + SLOT_HEAD_BYTES
        memory[start : start + len(form.prefix)] = form.prefix
        return memory, start

    def grow(self, payload: int) -> None:
        """Make the next generation, whose slots hold ``payload`` bytes and half as much again.

        The helper thread calls this, as it takes milliseconds. Frames of the old generation that no
        reader has read yet are lost. The frame that did not fit follows at once.

        Raises
        ------
        OSError
            If there is no room in the run directory. The old generation then stays.
        """
        # Above 256 MB, so much spare room for growth would cost more memory than the time it saves is worth.
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
        old.close()
        if generation > 1:
            (self._directory / layout.mailbox_name(self._lane, generation - 1)).unlink(missing_ok=True)

    def count(self, counts: tuple[int, int, int, int], now: float, overhead: float) -> None:
        """Publish the counters, for other processes that list or watch the run. Costs 1.5 us.

        Parameters
        ----------
        counts : tuple of int
            Calls of this lane, and its frames that were taken, failed, and were trailing.
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
        """Unmap the file. It is removed with the run directory."""
        self._mapping.close()
        # A copy, for a call that this close interrupts. (The traceback of an error may hold this object for long, and so
        # would hold the map of the control file.)
        self._words = copied(self._words)

    def _fence(self) -> None:
        # Two uncontended acquire/release pairs in a row keep the order of the stores around them, also on weakly
        # ordered processors. A release keeps earlier stores before it, and an acquire keeps later
        # stores after it: one pair alone lets stores move into it from both sides. 0.08 us.
        with self._first:
            pass
        with self._second:
            pass
