"""The lanes of a run, by name. Compute side, any thread.

In: names of plotter methods. Out: lanes, each with a mailbox.

The lanes are held weakly. A lane refers to its session, and a pending result refers to its lane. So the
session ends with the last object that its user holds: the `Server`, a lane, or a pending result. Whoever
calls `Lanes.get` must hold the lane. (A cycle of strong references would end only when the garbage collector
runs, which in numeric code may be never.)
"""

from __future__ import annotations

import threading
import weakref
from pathlib import Path

from ..errors import FrameError
from ..mailbox import Control, MailboxWriter
from .host import Host
from .lane import Lane
from .plotter import Preparation
from .unpickled import KeptLane


class Lanes:
    """Makes the lanes of a run.

    Parameters
    ----------
    directory : Path
        The run directory.
    control : Control
        The control file.
    copies : bool
        Whether each call copies its frame.

    Attributes
    ----------
    lock : RLock
        Held while a lane is made, and while the run is closed.
    closed_because : str
        Why no more frames are taken; empty while they are taken.
    """

    def __init__(self, directory: Path, control: Control, *, copies: bool = False) -> None:
        self.lock = threading.RLock()
        self.closed_because = ""
        self._directory = directory
        self._control = control
        self._copies = copies
        self._lanes: dict[str, weakref.ref[Lane]] = {}

    def __len__(self) -> int:
        """The number of lanes that were made so far."""
        return len(self._lanes)

    def get(self, method: str, host: Host, prepare: Preparation | None = None) -> Lane:
        """The lane of a method. The first call makes it.

        Raises
        ------
        AsyncplotError
            If there are too many lanes.
        OSError
            If there is no room for its mailbox.
        """
        with self.lock:
            known = self._lanes.get(method)
            lane = None if known is None else known()
            if lane is None:
                lane = self._made(method, host, prepare)
                # A new dictionary: another thread may be iterating over the old one.
                self._lanes = {**self._lanes, method: weakref.ref(lane)}
        return lane

    def living(self) -> list[Lane]:
        """The lanes that somebody holds."""
        return [lane for each in self._lanes.values() if (lane := each()) is not None]

    def newest(self) -> list[int]:
        """The number of the newest frame of each lane; an empty list if another thread closes the run now."""
        return [self._control.newest(number) for number in range(self._control.lane_count)]

    def rejected(self) -> FrameError | None:
        """The error of the last frame of a lane that could not be sent. It is returned once."""
        for lane in self.living():
            rejected, lane.outbox.rejected = lane.outbox.rejected, None
            if rejected is not None:
                return rejected
        return None

    def _made(self, method: str, host: Host, prepare: Preparation | None) -> Lane:
        run = self._directory.name
        if self.closed_because:
            lane = KeptLane(run, method, len(self._lanes), None, host)
            lane.close(self.closed_because)
            return lane
        number = self._control.next_lane(method)
        try:
            writer = MailboxWriter(self._directory, self._control, number)
        except OSError:
            if self.closed_because:  # by a signal handler, just now
                return self._made(method, host, None)
            raise
        self._control.add_lane(method)  # a lane that failed is not counted
        return KeptLane(run, method, number, writer, host, prepare, copies=self._copies)
