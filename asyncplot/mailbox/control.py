"""The control file of a run: who may read on, which lanes there are, what each reader asks for.

Made by the compute side, mapped by every viewer. Single words only, so nothing here needs a lock.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

from ..errors import AsyncplotError
from ..rundir import format as layout
from .mapping import Mapping

NAME = "control"


#: Calls that come rarer than this are seen as they come, ns.
_QUIET_NS = 3_000_000_000


class LaneCounts(NamedTuple):
    """What the compute side publishes of a lane.

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
        All of its words; `layout` says which is which.
    """

    __slots__ = ("_mapping", "words")

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self.words = mapping.words

    @classmethod
    def make(cls, directory: Path) -> Control:
        """Make the control file of a new run. Raises OSError if there is no room for it."""
        control = cls(Mapping.make(directory / NAME, layout.CONTROL_BYTES))
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
            If it is not whole (its run is just starting), or was made by an asyncplot that lays its files out
            differently.
        """
        size = os.stat(directory / NAME).st_size
        if size < layout.CONTROL_BYTES:
            raise AsyncplotError(f"{directory}: the control file has {size} bytes; its run is just starting")
        control = cls(Mapping.open(directory / NAME))
        found = control.words[layout.CONTROL_MAGIC], control.words[layout.CONTROL_VERSION]
        if found != (layout.MAGIC, layout.VERSION):
            raise AsyncplotError(
                f"{directory}: mailbox format {found[1]}, this asyncplot reads {layout.VERSION}; "
                "use the same asyncplot on both sides"
            )
        return control

    @property
    def closing(self) -> int:
        """0 while the run goes on, else one of the ``layout.CLOSING_*`` values."""
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
        """When a viewer sent something back last."""
        return self.words[layout.CONTROL_SENT]

    @sent.setter
    def sent(self, time_ns: int) -> None:
        self.words[layout.CONTROL_SENT] = time_ns

    @property
    def notes(self) -> int:
        """How many notes for the windows' titles there have been."""
        return self.words[layout.CONTROL_NOTE]

    def note(self) -> None:
        """Count another note. Compute side."""
        self.words[layout.CONTROL_NOTE] += 1

    @property
    def lane_count(self) -> int:
        """How many lanes there are."""
        return self.words[layout.CONTROL_LANES]

    def newest(self, lane: int) -> int:
        """The number of the newest frame of a lane; 0 if there is none."""
        return self.words[lane_word(lane, layout.LANE_NEWEST)]

    @property
    def lanes(self) -> list[str]:
        """The names of the lanes, by number."""
        return [self._lane_name(lane) for lane in range(self.words[layout.CONTROL_LANES])]

    def add_lane(self, name: str) -> int:
        """Enter a lane and return its number. Compute side; the caller holds the server's lock.

        Raises
        ------
        AsyncplotError
            If there is no room for another lane, or the name is too long.
        """
        lane = self.words[layout.CONTROL_LANES]
        encoded = name.encode()
        if lane == layout.LANES_MAXIMUM or len(encoded) > layout.LANE_NAME_BYTES:
            raise AsyncplotError(
                f"cannot add the lane {name!r}: a run has at most {layout.LANES_MAXIMUM} lanes, "
                f"with names of at most {layout.LANE_NAME_BYTES} bytes"
            )
        start = (lane_word(lane, layout.LANE_NAME)) * layout.WORD
        self._mapping.bytes[start : start + len(encoded)] = encoded
        self.words[layout.CONTROL_LANES] = lane + 1
        return lane

    def counts(self, lane: int) -> LaneCounts:
        """What the compute side has published of a lane. Any process."""
        words, first = self.words, lane_word(lane, 0)
        counted_ns, earlier_ns = words[first + layout.LANE_COUNTED_NS], words[first + layout.LANE_EARLIER_NS]
        called = words[first + layout.LANE_CALLED]
        # While it is quiet the rate falls; but a run in which nobody draws counts once a second only.
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
        """Unmap the file."""
        self._mapping.close()

    def _lane_name(self, lane: int) -> str:
        start = lane_word(lane, layout.LANE_NAME) * layout.WORD
        encoded = bytes(self._mapping.bytes[start : start + layout.LANE_NAME_BYTES])
        return encoded.rstrip(b"\0").decode()


def lane_word(lane: int, offset: int) -> int:
    """The index in `Control.words` of a number of a lane."""
    return layout.LANE_FIRST_WORD + lane * layout.LANE_WORDS + offset
