"""A viewer's board: what became of the frames, for the compute side to read. Plain data only.

Written by the viewer's GUI thread, read by any thread of the compute side, each record with one
``pwrite`` or ``pread`` and a checksum, so that neither waits and a full tmpfs is an error and no SIGBUS.
For each lane: counters, an outcome for each of the last 4,096 frames, and the values that the plotter
returned for the last 64. The file is sparse. One more record says what the GUI thread is busy with: it is written
before that begins, so it can be read while the thread answers nobody.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from pathlib import Path
from typing import Literal, NamedTuple

from ..descriptors import Descriptors, above_standard, noted
from .making import make_file

NAME = "board"

OUTCOMES, VALUES = 4096, 64
VALUE_BYTES = 4096

_COUNTERS = struct.Struct("<QQQdQdQI")
_OUTCOME = struct.Struct("<QII")
_VALUE = struct.Struct("<QII")
_COUNTERS_BYTES = 4096
_LANE_BYTES = _COUNTERS_BYTES + OUTCOMES * _OUTCOME.size + VALUES * VALUE_BYTES

#: What the viewer is busy with, in the page of the first lane's counters, and how much room there is for its name.
_ACTIVITY = struct.Struct("<QQ48sI")
_ACTIVITY_AT = 2048
_IDLE = _ACTIVITY.pack(0, 0, b"", 0)

#: The longest text that is kept of what a plotter returned, or of its traceback, bytes.
TEXT_BYTES = VALUE_BYTES - _VALUE.size

Word = Literal["drawn", "failed"]
_WORDS: tuple[Word, Word] = ("drawn", "failed")


class LaneCounters(NamedTuple):
    """What a viewer has done with one lane.

    Attributes
    ----------
    final : int
        No frame up to this number will be drawn any more: each was drawn, failed or was passed over.
    drawn, failed : int
        How many frames were drawn, and for how many the plotter raised.
    fps : float
        Frames drawn per second, over the last second or so.
    taken_ns : int
        When the frame that is shown was taken, ``time.monotonic_ns``.
    draw_seconds : float
        How long the last draw took: the plotter's method and the drawing.
    blitted : int
        How often the viewer, for all lanes, drew only what had changed in a figure.
    """

    final: int = 0
    drawn: int = 0
    failed: int = 0
    fps: float = 0.0
    taken_ns: int = 0
    draw_seconds: float = 0.0
    blitted: int = 0


class Outcome(NamedTuple):
    """What became of one frame: the word, and what the plotter returned (JSON) or its traceback.

    ``forgotten`` tells that there was a text, which the board no longer has.
    """

    word: Word
    text: str | None
    forgotten: bool = False


class Activity(NamedTuple):
    """What a viewer's GUI thread is busy with.

    Attributes
    ----------
    what : str
        A method of the plotter, say, or ``drawing``.
    since_ns : int
        Since when, ``time.monotonic_ns``.
    frame : int
        The number of the frame that it is for; 0: of none.
    """

    what: str
    since_ns: int
    frame: int = 0


class BoardWriter:
    """The viewer's end."""

    def __init__(self, directory: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._held = Descriptors()
        self._descriptor = make_file(directory / NAME, self._held, flags)

    def add_lane(self, lane: int) -> None:
        """Allocate the room for counters and outcomes of a lane (68 kB), so that they fit on a full tmpfs, too.

        Raises OSError if it is full already.
        """
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(
                self._descriptor, lane * _LANE_BYTES, _COUNTERS_BYTES + OUTCOMES * _OUTCOME.size
            )

    def count(self, lane: int, counters: LaneCounters) -> None:
        """Publish the counters of a lane."""
        packed = _COUNTERS.pack(*counters, 0)[:-4]
        os.pwrite(self._descriptor, packed + struct.pack("<I", zlib.crc32(packed)), lane * _LANE_BYTES)

    def settle(self, lane: int, number: int, outcome: Outcome) -> None:
        """Publish what became of a frame; before the counters say that it is final."""
        base = lane * _LANE_BYTES
        text = (outcome.text or "").encode()[-TEXT_BYTES:]
        if text:
            head = _VALUE.pack(number, len(text), zlib.crc32(text))
            place = base + _COUNTERS_BYTES + OUTCOMES * _OUTCOME.size + number % VALUES * VALUE_BYTES
            try:
                os.pwrite(self._descriptor, head + text, place)
            except OSError:
                text = b""  # a full tmpfs: the word without the text
        record = _OUTCOME.pack(number, _WORDS.index(outcome.word), len(text))
        os.pwrite(self._descriptor, record, base + _COUNTERS_BYTES + number % OUTCOMES * _OUTCOME.size)

    def begin(self, what: str, frame: int = 0) -> None:
        """Publish that something begins, which may take long; 2 us."""
        packed = _ACTIVITY.pack(time.monotonic_ns(), frame, what.encode()[:48], 0)[:-4]
        self._put_activity(packed + struct.pack("<I", zlib.crc32(packed)))

    def rest(self) -> None:
        """Publish that it has ended."""
        self._put_activity(_IDLE)

    def _put_activity(self, record: bytes) -> None:
        try:
            os.pwrite(self._descriptor, record, _ACTIVITY_AT)
        except OSError:
            pass  # a full tmpfs: nobody is told then

    def close(self) -> None:
        """Close the file."""
        self._held.close()


class BoardReader:
    """The compute side's end. After `close` it answers from what the board held then.

    Parameters
    ----------
    directory : Path
        The viewer's folder.
    held : Descriptors, optional
        Gets the descriptor, for whoever makes several readers: one that a Ctrl-C came in between of is closed with them.
    """

    def __init__(self, directory: Path, held: Descriptors | None = None) -> None:
        self._held = Descriptors() if held is None else held
        with above_standard():
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
            self._descriptor = noted(self._held, os.open, directory / NAME, flags)
        self._kept: bytes | None = None

    def counters(self, lane: int) -> LaneCounters:
        """The counters of a lane; zeros if the viewer has not drawn yet."""
        for _ in range(10):  # a read beside the write can be torn, two in a row hardly
            packed = self._read(lane * _LANE_BYTES, _COUNTERS.size)
            if len(packed) < _COUNTERS.size:
                break
            *counters, checksum = _COUNTERS.unpack(packed)
            if zlib.crc32(packed[:-4]) == checksum:
                return LaneCounters(*counters)
        return LaneCounters()

    def activity(self) -> Activity | None:
        """What the viewer's GUI thread is busy with; None if with nothing."""
        packed = self._read(_ACTIVITY_AT, _ACTIVITY.size)
        if len(packed) < _ACTIVITY.size:
            return None
        since_ns, frame, what, checksum = _ACTIVITY.unpack(packed)
        if not since_ns or zlib.crc32(packed[:-4]) != checksum:
            return None
        return Activity(what.rstrip(b"\0").decode(errors="replace"), since_ns, frame)

    def outcome(self, lane: int, number: int) -> Outcome | None:
        """What became of a frame, as far as the board still knows it.

        None: not drawn (yet), or drawn more than 4,096 frames ago.
        """
        base = lane * _LANE_BYTES
        record = self._read(base + _COUNTERS_BYTES + number % OUTCOMES * _OUTCOME.size, _OUTCOME.size)
        if len(record) < _OUTCOME.size:
            return None
        found, word, length = _OUTCOME.unpack(record)
        if found != number or word >= len(_WORDS):
            return None
        text = self._text(base, number) if length else None
        return Outcome(_WORDS[word], text, forgotten=bool(length) and text is None)

    def close(self, lanes: int = 0) -> None:
        """Close the file, and keep what it says of the first ``lanes`` lanes."""
        if self._kept is None:
            # What is kept comes first: from then on another thread reads that. (Not a `__del__` that closes: an
            # exception out of a signal handler is lost in there, and the descriptor with it.)
            self._kept = os.pread(self._descriptor, lanes * _LANE_BYTES, 0)
            self._held.close()

    def close_alone(self) -> None:
        """Close this file, and leave those of other readers that the same list holds."""
        self._held.remove(self._descriptor)
        os.close(self._descriptor)

    def _text(self, base: int, number: int) -> str | None:
        place = base + _COUNTERS_BYTES + OUTCOMES * _OUTCOME.size + number % VALUES * VALUE_BYTES
        data = self._read(place, VALUE_BYTES)
        if len(data) < _VALUE.size:
            return None
        found, length, checksum = _VALUE.unpack_from(data)
        text = data[_VALUE.size : _VALUE.size + length]
        if found != number or zlib.crc32(text) != checksum:
            return None
        return text.decode(errors="replace")

    def _read(self, place: int, size: int) -> bytes:
        if self._kept is None:
            try:
                found = os.pread(self._descriptor, size, place)
            except OSError:
                if self._kept is None:
                    raise
            else:
                if self._kept is None:
                    return found
        # Another thread has closed it, perhaps just now: the number may have been another file's when it was read.
        return self._kept[place : place + size]
