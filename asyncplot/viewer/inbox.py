"""One lane in the viewer: its newest frame, and the call of the plotter's method with it. GUI thread.

In: the lane's mailbox. Out: a call of the plotter's method, and on the board what became of the frame.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from ..frames import decode
from ..log import logger
from ..mailbox import Control, MailboxReader, ReceivedFrame
from ..rundir import BoardWriter, LaneCounters, Outcome
from ..rundir.board import TEXT_BYTES
from .failures import Failures

#: The rate of frames is an average over about this long, s.
_RATE_SECONDS = 1.0


class LaneInbox:
    """Receives the frames of one lane.

    Attributes
    ----------
    number : int
        The number of the frame that was received last.
    """

    def __init__(self, run: Path, control: Control, index: int, name: str, board: BoardWriter) -> None:
        try:
            board.add_lane(index)
        except OSError as error:  # a full tmpfs: there are pictures, but no counts
            logger.warning("no room to count the frames of %s (%s)", name, error.strerror)
        self._reader = MailboxReader(run, control, index)
        self._index = index
        self._name = name
        self._board = board
        self._counters = LaneCounters()
        self._frame: ReceivedFrame | None = None
        self._outcome = Outcome("drawn", None)
        self._drawn_at = 0.0

    @property
    def number(self) -> int:
        """The number of the frame that was received last."""
        return self._reader.holds

    def ask(self) -> None:
        """Ask for a newer frame."""
        self._reader.ask()

    def fetch(self) -> bool:
        """Fetch the newest frame; False if it was fetched before, or there is none."""
        frame = self._reader.newest()
        if frame is None:
            return False
        self._frame = frame
        return True

    def call(self, plotter: Any, failures: Failures) -> None:
        """Call the plotter with the frame that was fetched last."""
        frame = self._frame
        assert frame is not None  # `fetch` comes first
        self._board.begin(self._name, frame.number)
        try:
            args, kwargs = decode(frame.header, frame.buffers)
            self._outcome = Outcome("drawn", text_of(getattr(plotter, self._name)(*args, **kwargs)))
            failures.passed(self._name)
        except BaseException:  # noqa: BLE001 (a plotter that raises, or exits, loses this frame only)
            self._outcome = Outcome("failed", failures.note(self._name, frame.number))
        finally:
            self._board.rest()

    def settle(self, seconds: float, error: str | None, blitted: int) -> None:
        """Write on the board what became of the frame that was received last.

        Parameters
        ----------
        seconds : float
            How long the call and the drawing took, s.
        error : str or None
            The traceback if drawing raised.
        blitted : int
            How often this viewer has drawn only what changed.
        """
        frame, counters = self._frame, self._counters
        if frame is None:
            return
        outcome = self._outcome if error is None else Outcome("failed", error)
        drawn = outcome.word == "drawn"
        now = time.monotonic()
        self._counters = LaneCounters(
            final=frame.number,
            drawn=counters.drawn + drawn,
            failed=counters.failed + (not drawn),
            fps=self._rate(now) if drawn else counters.fps,
            taken_ns=frame.taken_ns if drawn else counters.taken_ns,
            draw_seconds=seconds,
            blitted=blitted,
        )
        self._board.settle(self._index, frame.number, outcome)
        self._board.count(self._index, self._counters)

    def close(self) -> None:
        """Unmap the mailbox."""
        self._reader.close()

    def _rate(self, now: float) -> float:
        """Frames per second, an average over about one second."""
        before, self._drawn_at = self._drawn_at, now
        if not before:
            return 0.0
        elapsed = now - before
        weight = min(elapsed / _RATE_SECONDS, 1.0)
        return (1.0 - weight) * self._counters.fps + weight / max(elapsed, 1e-6)


def text_of(value: Any) -> str | None:
    """A returned value as JSON: plain data as it is, everything else as its repr; None for None.

    Examples
    --------
    >>> text_of({"energy": 1.5}), text_of(None), text_of({1, 2})
    ('{"energy": 1.5}', None, '"{1, 2}"')
    """
    if value is None:
        return None
    try:
        text = json.dumps(value.item() if isinstance(value, np.generic) else value)
    except (TypeError, ValueError, RecursionError):
        text = json.dumps(repr(value))
    if len(text.encode()) <= TEXT_BYTES:
        return text
    return json.dumps(ascii(value)[: TEXT_BYTES // 2] + "...")
