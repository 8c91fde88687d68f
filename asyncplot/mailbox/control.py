"""The control file of a run: who may read on, which lanes there are, what each reader asks for.

Made by the compute side, mapped by every viewer. Single words only, so nothing here needs a lock.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import AsyncplotError
from . import layout
from .mapping import Mapping

NAME = "control"


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
        control.words[layout.CONTROL_MAGIC] = layout.MAGIC
        return control

    @classmethod
    def open(cls, directory: Path) -> Control:
        """Map the control file of a run.

        Raises
        ------
        AsyncplotError
            If it was made by an asyncplot that lays its files out differently.
        """
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
    def lane_count(self) -> int:
        """How many lanes there are."""
        return self.words[layout.CONTROL_LANES]

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
