"""A viewer's board: a file in which the viewer says what became of the frames. Plain data only.

The viewer's GUI thread writes it; any thread of the computation reads it. Each record has a checksum, and is written by
one ``pwrite`` and read by one ``pread``: nobody waits, and a full tmpfs is an error and no SIGBUS.

For each lane there are counters, an outcome for each of the last 4,096 frames, and the values that the plotter
returned for the last 64. The file is sparse. One more record says what the GUI thread is busy with. It is written
before the work begins, so it can be read while that thread answers no requests.
"""

from __future__ import annotations

import math
import os
import stat
import struct
import time
import zlib
from pathlib import Path
from typing import Literal, NamedTuple

from ..descriptors import Descriptors, above_standard, noted
from .format import BOARD_FILE
from .making import make_file

#: For how many of the last frames of a lane there is an outcome, and a value; and the room for a value, bytes.
OUTCOMES, VALUES = 4096, 64
VALUE_BYTES = 4096

_COUNTERS = struct.Struct("<QQQdQdQI")
_OUTCOME = struct.Struct("<QII")
_VALUE = struct.Struct("<QII")
_COUNTERS_BYTES = 4096
_LANE_BYTES = _COUNTERS_BYTES + OUTCOMES * _OUTCOME.size + VALUES * VALUE_BYTES

#: What the viewer is busy with: since when, the frame, a name of up to 48 bytes, and a checksum. It stands in the
#: page of the first lane's counters.
_ACTIVITY = struct.Struct("<QQ48sI")
_ACTIVITY_AT = 2048
_IDLE = _ACTIVITY.pack(0, 0, b"", 0)

#: How much is kept of what a plotter returned, or of its traceback, bytes.
TEXT_BYTES = VALUE_BYTES - _VALUE.size

Word = Literal["drawn", "failed"]
_WORDS: tuple[Word, Word] = ("drawn", "failed")


class LaneCounters(NamedTuple):
    """What a viewer has done with one lane.

    Attributes
    ----------
    final : int
        No frame up to this number will be drawn any more: each was drawn, failed or was superseded.
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
    """What became of one frame.

    Attributes
    ----------
    word : str
        ``drawn`` or ``failed``.
    text : str or None
        What the plotter returned (JSON), or its traceback; None if there is none.
    forgotten : bool
        Whether there was a text, which the board no longer has.
    """

    word: Word
    text: str | None
    forgotten: bool = False


class Activity(NamedTuple):
    """What a viewer's GUI thread is busy with.

    Attributes
    ----------
    what : str
        For example a method of the plotter, or ``drawing``.
    since_ns : int
        Since when, ``time.monotonic_ns``.
    frame : int
        The number of the frame that this is for; 0 if it is for none.
    """

    what: str
    since_ns: int
    frame: int = 0


class BoardWriter:
    """The writing end. Viewer, GUI thread."""

    def __init__(self, directory: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._held = Descriptors()
        self._descriptor = make_file(directory / BOARD_FILE, self._held, flags)

    def add_lane(self, lane: int) -> None:
        """Allocate the room for counters and outcomes of a lane (68 kB). Later they fit even if the tmpfs is full.

        Raises OSError if it is full now.
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
        """Publish what became of a frame. To be called before the counters say that it is final."""
        base = lane * _LANE_BYTES
        text = (outcome.text or "").encode()[-TEXT_BYTES:]
        if text:
            head = _VALUE.pack(number, len(text), zlib.crc32(text))
            place = base + _COUNTERS_BYTES + OUTCOMES * _OUTCOME.size + number % VALUES * VALUE_BYTES
            try:
                os.pwrite(self._descriptor, head + text, place)
            except OSError:
                text = b""  # a full tmpfs: there is only the word
        record = _OUTCOME.pack(number, _WORDS.index(outcome.word), len(text))
        os.pwrite(self._descriptor, record, base + _COUNTERS_BYTES + number % OUTCOMES * _OUTCOME.size)

    def begin(self, what: str, frame: int = 0) -> None:
        """Publish that work begins which may take long. Costs 2 us."""
        packed = _ACTIVITY.pack(time.monotonic_ns(), frame, what.encode()[:48], 0)[:-4]
        self._put_activity(packed + struct.pack("<I", zlib.crc32(packed)))

    def rest(self) -> None:
        """Publish that the work has ended."""
        self._put_activity(_IDLE)

    def _put_activity(self, record: bytes) -> None:
        try:
            os.pwrite(self._descriptor, record, _ACTIVITY_AT)
        except OSError:
            pass  # a full tmpfs: nobody learns of it

    def close(self) -> None:
        """Close the file."""
        self._held.close()


class BoardReader:
    """The reading end. Computation, any thread. After `close` it answers with what the board held then.

    Parameters
    ----------
    directory : Path
        The viewer's folder.
    held : Descriptors, optional
        Gets the descriptor, for a caller who makes several readers. If a Ctrl-C comes before the caller has a reader, its
        descriptor is closed with the others.
    """

    def __init__(self, directory: Path, held: Descriptors | None = None) -> None:
        self._held = Descriptors() if held is None else held
        with above_standard():
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            self._descriptor = noted(self._held, os.open, directory / BOARD_FILE, flags)
        self._kept: bytes | None = None
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            self.close_alone()
            raise OSError("the board is not a plain file")

    def counters(self, lane: int) -> LaneCounters:
        """The counters of a lane; zeros if the viewer has not drawn yet."""
        for _ in range(10):  # a read during a write can be torn; several in a row hardly are
            packed = self._read(lane * _LANE_BYTES, _COUNTERS.size)
            if len(packed) < _COUNTERS.size:
                break
            *counters, checksum = _COUNTERS.unpack(packed)
            if zlib.crc32(packed[:-4]) == checksum:
                return _believed(LaneCounters(*counters))
        return LaneCounters()

    def activity(self) -> Activity | None:
        """What the viewer's GUI thread is busy with; None if it is idle."""
        packed = self._read(_ACTIVITY_AT, _ACTIVITY.size)
        if len(packed) < _ACTIVITY.size:
            return None
        since_ns, frame, what, checksum = _ACTIVITY.unpack(packed)
        if not since_ns or zlib.crc32(packed[:-4]) != checksum:
            return None
        return Activity(what.rstrip(b"\0").decode(errors="replace"), since_ns, frame)

    def outcome(self, lane: int, number: int) -> Outcome | None:
        """What became of a frame.

        None if it has not been drawn (yet), or was drawn more than 4,096 frames ago.
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
        """Close the file, and remember what it says of the first ``lanes`` lanes."""
        if self._kept is None:
            # First read what is kept: from then on other threads use that. (There is no `__del__` that closes:
            # if a signal handler raised in there, the exception would be lost, and the descriptor with it.)
            try:
                self._kept = os.pread(self._descriptor, lanes * _LANE_BYTES, 0)
            except OSError:
                self._kept = b""
            self._held.close()

    def close_alone(self) -> None:
        """Close this file, and not those of other readers in the same list."""
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
                    return b""
            else:
                if self._kept is None:
                    return found
        # Another thread has closed it, perhaps just now: the descriptor may have been another file's during the read.
        return self._kept[place : place + size]


def _believed(counters: LaneCounters) -> LaneCounters:
    """The same counters; a rate and a time that cannot be are 0, which says "unknown".

    >>> _believed(LaneCounters(final=3, fps=float("nan"), draw_seconds=-1.0)).draw_seconds
    0.0
    """
    return counters._replace(fps=_measured(counters.fps), draw_seconds=_measured(counters.draw_seconds))


def _measured(value: float) -> float:
    return value if math.isfinite(value) and value > 0.0 else 0.0
