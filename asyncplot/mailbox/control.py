"""The control file of a run: whether the run goes on, which lanes there are, what readers ask for, counters.

The computation makes it, and each viewer maps it; any thread. Everything in it is a single word, so nothing here needs
a lock.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

from ..errors import AsyncplotError
from ..rundir import format as layout
from ..rundir.format import CONTROL_FILE, LaneKind
from .mapping import Mapping

#: When a lane was counted longer ago than this, its calls count as having stopped: the rate falls, ns.
_QUIET_NS = 3_000_000_000


class LaneCounts(NamedTuple):
    """What the computation publishes of a lane.

    Attributes
    ----------
    called, taken, failed, trailing : int
        Calls, frames taken, frames that could not be sent, and trailing frames; up to the last frame taken.
    rate : float
        Calls per second, over the last few seconds.
    age : float
        How long ago the last frame was taken, s.
    """

    called: int
    taken: int
    failed: int
    trailing: int
    rate: float
    age: float


class Control:
    """The mapped control file.

    Attributes
    ----------
    words : memoryview
        All of its words; see asyncplot.rundir.format.
    """

    __slots__ = ("_mapping", "words")

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self.words = mapping.words

    @classmethod
    def make(cls, directory: Path) -> Control:
        """Make the control file of a new run. Raises OSError if there is no room for it."""
        control = cls(Mapping.make(directory / CONTROL_FILE, layout.CONTROL_BYTES))
        control.words[layout.CONTROL_VERSION] = layout.VERSION
        control.words[layout.CONTROL_STARTED_NS] = time.monotonic_ns()
        control.words[layout.CONTROL_MAGIC] = layout.MAGIC
        return control

    @classmethod
    def open(cls, directory: Path) -> Control:
        """Map the control file of a run.

        Raises
        ------
        AsyncplotError
            If it is not whole (its run is just starting), or another version of asyncplot made it, whose format
            is different.
        """
        size = os.stat(directory / CONTROL_FILE).st_size
        if size < layout.CONTROL_BYTES:
            raise AsyncplotError(f"{directory}: the control file has {size} bytes; its run is just starting")
        control = cls(Mapping.open(directory / CONTROL_FILE))
        found = control.words[layout.CONTROL_MAGIC], control.words[layout.CONTROL_VERSION]
        if found != (layout.MAGIC, layout.VERSION):
            raise AsyncplotError(
                f"{directory}: mailbox format {found[1]}, this asyncplot reads {layout.VERSION}; "
                "use the same asyncplot on both sides"
            )
        return control

    @property
    def closing(self) -> int:
        """Whether the run goes on or how it ends, as a value of `Closing`."""
        return self.words[layout.CONTROL_CLOSING]

    @closing.setter
    def closing(self, value: int) -> None:
        self.words[layout.CONTROL_CLOSING] = value

    @property
    def notices(self) -> int:
        """How many notices the supervisor has written into the run directory."""
        return self.words[layout.CONTROL_NOTICES]

    @property
    def sent(self) -> int:
        """When a viewer last sent a value back, ``time.monotonic_ns``."""
        return self.words[layout.CONTROL_SENT]

    @sent.setter
    def sent(self, time_ns: int) -> None:
        self.words[layout.CONTROL_SENT] = time_ns

    @property
    def notes(self) -> int:
        """How often the note in the titles of the windows has changed."""
        return self.words[layout.CONTROL_NOTE]

    def note(self) -> None:
        """Count a change of the note. The process that made the file."""
        self.words[layout.CONTROL_NOTE] += 1

    @property
    def lane_count(self) -> int:
        """How many lanes there are. Others may write this word, so it is never more than there is room for."""
        return min(self.words[layout.CONTROL_LANES], layout.LANES_MAXIMUM)

    def newest(self, lane: int) -> int:
        """The number of the newest frame of a lane; 0 if there is none."""
        return self.words[lane_word(lane, layout.LANE_NEWEST)]

    @property
    def lanes(self) -> list[str]:
        """The names of the lanes, by number."""
        return [self._lane_name(lane) for lane in range(self.lane_count)]

    def kind(self, lane: int) -> int:
        """How the frames of a lane are stored, as a value of `LaneKind`."""
        return self.words[lane_word(lane, layout.LANE_KIND)]

    def next_lane(self, name: str) -> int:
        """The number that the next lane gets. It is not entered yet.

        Raises
        ------
        AsyncplotError
            If there is no room for another lane, or the name is too long.
        """
        lane = self.lane_count
        if lane == layout.LANES_MAXIMUM or len(name.encode()) > layout.LANE_NAME_BYTES:
            raise AsyncplotError(
                f"cannot add the lane {name!r}: a run has at most {layout.LANES_MAXIMUM} lanes, "
                f"with names of at most {layout.LANE_NAME_BYTES} bytes"
            )
        return lane

    def add_lane(self, name: str, kind: LaneKind = LaneKind.NEWEST) -> int:
        """Enter a lane and return its number. Computation; the caller holds the server's lock.

        Raises
        ------
        AsyncplotError
            If there is no room for another lane, or the name is too long.
        """
        lane, encoded = self.next_lane(name), name.encode()
        start = (lane_word(lane, layout.LANE_NAME)) * layout.WORD
        self._mapping.bytes[start : start + len(encoded)] = encoded
        self.words[lane_word(lane, layout.LANE_KIND)] = kind
        self.words[layout.CONTROL_LANES] = lane + 1
        return lane

    def counts(self, lane: int) -> LaneCounts:
        """What the computation has published of a lane. Any process."""
        words, first = self.words, lane_word(lane, 0)
        counted_ns, earlier_ns = words[first + layout.LANE_COUNTED_NS], words[first + layout.LANE_EARLIER_NS]
        called = words[first + layout.LANE_CALLED]
        # The rate falls while no calls come. A run without viewers counts only once a second, so it is not quiet yet.
        now_ns = time.monotonic_ns()
        until_ns = counted_ns if now_ns - counted_ns < _QUIET_NS else now_ns
        elapsed_ns = until_ns - (earlier_ns or words[layout.CONTROL_STARTED_NS])
        return LaneCounts(
            called=called,
            taken=words[first + layout.LANE_TAKEN],
            failed=words[first + layout.LANE_FAILED],
            trailing=words[first + layout.LANE_TRAILING],
            rate=(called - words[first + layout.LANE_EARLIER_CALLED]) / max(elapsed_ns * 1e-9, 1e-3),
            age=(now_ns - counted_ns) * 1e-9 if counted_ns else float("inf"),
        )

    @property
    def overhead(self) -> float:
        """The share of the wall time that the plots have cost the computation, 0..1."""
        return self.words[layout.CONTROL_OVERHEAD] * 1e-9

    def close(self) -> None:
        """Unmap the file. What is read afterwards is what it said last, and what is written goes nowhere."""
        self._mapping.detach()
        self.words = self._mapping.words

    def _lane_name(self, lane: int) -> str:
        start = lane_word(lane, layout.LANE_NAME) * layout.WORD
        encoded = bytes(self._mapping.bytes[start : start + layout.LANE_NAME_BYTES])
        return encoded.rstrip(b"\0").decode(errors="replace")


def lane_word(lane: int, offset: int) -> int:
    """The index in `Control.words` of a number of a lane."""
    return layout.LANE_FIRST_WORD + lane * layout.LANE_WORDS + offset
