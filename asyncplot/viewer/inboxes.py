"""All lanes of a run in the viewer. GUI thread.

In: the control file, which says which lanes there are; the computation may make new ones at any time. Out: a `LaneInbox` for
each lane, and those that have a new frame.
"""

from __future__ import annotations

from pathlib import Path

from ..mailbox import Control
from ..rundir import BoardWriter
from .inbox import LaneInbox


class Lanes:
    """The lanes of one run.

    Parameters
    ----------
    run : Path
        The run directory.
    control : Control
        The run's control file.
    board : BoardWriter
        This viewer's board.
    """

    def __init__(self, run: Path, control: Control, board: BoardWriter) -> None:
        self._run = run
        self._control = control
        self._board = board
        self._inboxes: list[LaneInbox] = []

    def fetch(self) -> list[LaneInbox]:
        """Fetch the newest frame of each lane; returns the lanes that had a new one."""
        names = self._control.lanes if self._control.lane_count != len(self._inboxes) else ()
        for index, name in list(enumerate(names))[len(self._inboxes) :]:
            self._inboxes.append(LaneInbox(self._run, self._control, index, name, self._board))
        return [inbox for inbox in self._inboxes if inbox.fetch()]

    def ask(self) -> None:
        """Ask for a newer frame of each lane."""
        for inbox in self._inboxes:
            inbox.ask()

    def close(self) -> None:
        """Unmap all mailboxes."""
        for inbox in self._inboxes:
            inbox.close()
