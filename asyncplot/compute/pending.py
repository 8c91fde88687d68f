"""What `update` returns: the state of one frame, read like rpyc's ``AsyncResult``. Compute side, any thread.

In: the lane's box, and the outcomes that the primary viewer writes. Out: the state of the frame::

    waiting -> taken -> drawn | failed | superseded | lost

Each call makes a pending result, so it holds as little as possible: its lane, and the number that the frame
got when it was taken. The state is computed when it is asked for. A waiting frame is in the lane's box. A
taken one has a number. The viewer's outcomes tell the rest. The arguments are never in a pending result.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol

from ..errors import AsyncplotError, PlotterError, Superseded, ViewerError, ViewerGone, WaitTimeout
from ..rundir.printable import printable
from .copying import Kept

State = Literal["waiting", "taken", "drawn", "failed", "superseded", "lost", "off"]

#: The sleep between two readings of the viewer's outcomes, s: the first one, and the longest. There is no
#: wake-up, on purpose: a pending result has no socket, no signal and no thread.
_FIRST_SLEEP, _LONGEST_SLEEP = 0.0005, 0.01


class Fate(NamedTuple):
    """A final state, with its value (JSON) or the error that `PendingResult.value` raises."""

    state: State
    text: str | None = None
    error: AsyncplotError | None = None


class FateKeeper(Protocol):
    """What a pending result asks of its lane."""

    def holds(self, pending: PendingResult) -> bool:
        """Whether this frame is the waiting one."""
        ...

    def offer(self, pending: PendingResult) -> None:
        """Take this waiting frame if that is safe now: its caller reads the pending result."""
        ...

    def fate(self, number: int) -> Fate | None:
        """The final state of a taken frame; None if it has none yet. 0 stands for the waiting frame."""
        ...


class PendingResult(Kept):
    """What becomes of one `update` call.

    ``update`` makes it. You may drop it, keep it, and read it from any thread. A final one holds no
    arguments.

    Notes
    -----
    The outcomes of the last 4,096 frames of a lane are kept. An older frame that you ask for the first time
    has the state "lost". The last 64 values that the plotter returned are kept: read a value soon if you want
    it.

    Reading a pending result in the thread that called ``update`` can take the waiting frame.
    """

    __slots__ = ("_fate", "_lane", "_number")

    # There is no __init__: 0.1 us a call. `update` sets _lane; _number and _fate come when they are
    # known, and are unset until then.
    _lane: FateKeeper
    _number: int
    _fate: Fate

    @property
    def state(self) -> State:
        """Waiting, taken, drawn, failed, superseded or lost; off if plotting is switched off."""
        fate = self._settled()
        if fate is not None:
            return fate.state
        return "taken" if self._taken() else "waiting"

    @property
    def ready(self) -> bool:
        """Whether the state is final: drawn, failed, superseded, lost or off."""
        return self._settled() is not None

    @property
    def superseded(self) -> bool:
        """Whether a newer frame took the place of this one before it was drawn."""
        return self.state == "superseded"

    @property
    def error(self) -> bool:
        """Whether the state is final, and `value` raises."""
        fate = self._settled()
        return fate is not None and fate.error is not None

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the state is final.

        Parameters
        ----------
        timeout : float, optional
            Seconds. None: wait as long as a viewer lives.

        Raises
        ------
        TimeoutError
            If the state is not final after ``timeout``.
        ViewerGone
            At once, if no viewer lives that could draw the frame.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = _FIRST_SLEEP
        while (fate := self._settled()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise WaitTimeout(f"the frame is still {self.state} after {timeout:g} s")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_SLEEP)
        if isinstance(fate.error, ViewerGone):
            raise fate.error

    @property
    def value(self) -> Any:
        """What the primary viewer's plotter returned: plain data, else its repr. Waits for it.

        None if plotting is switched off.

        Raises
        ------
        Superseded
            If a newer frame took the place of this one.
        ViewerGone
            If no viewer lives that could draw the frame.
        PlotterError
            If the plotter raised; with the traceback from the viewer.
        FrameError
            If an argument could not be sent.
        """
        self.wait()
        fate = self._fate
        if fate.error is not None:
            raise fate.error
        try:
            return None if fate.text is None else json.loads(fate.text)
        except (ValueError, RecursionError) as error:
            raise ViewerError("what the plotter returned cannot be read; it is no plain data") from error

    def __repr__(self) -> str:
        return f"<PendingResult {self.state}>"

    def _pickled(self) -> tuple[Any, ...]:
        return _unpickled, (self._settled() or lost(f"it was {self.state} when it was pickled"),)

    def _taken(self) -> int:
        return getattr(self, "_number", 0)

    def _settled(self) -> Fate | None:
        """The final state as soon as it is known. It is remembered."""
        known: Fate | None = getattr(self, "_fate", None)
        if known is not None:
            return known
        # The order matters: a take first sets the number, and then empties the box. So if a frame is not in
        # the box, and has no number *after* that test, it was dropped.
        fate: Fate | None
        if not self._taken() and self._lane.holds(self):
            self._lane.offer(self)
            fate = self._lane.fate(self._taken())
        elif number := self._taken():
            fate = self._lane.fate(number)
        else:
            fate = getattr(self, "_fate", None) or superseded()
        if fate is not None:
            self._fate = fate
        return fate


def _unpickled(fate: Fate) -> PendingResult:
    """What comes out of a pickle: a result with the same final state."""
    pending = PendingResult()
    pending._fate = fate
    return pending


def superseded() -> Fate:
    """The final state of a frame that a newer one replaced."""
    return Fate(
        "superseded", error=Superseded("a newer frame took the place of this one before it was drawn")
    )


def off() -> Fate:
    """The final state of all frames of a server that is switched off."""
    return Fate("off")


def lost(why: str) -> Fate:
    """The final state of a frame that no viewer can draw any more."""
    return Fate("lost", error=ViewerGone(f"the frame is lost: {why}"))


def failed(traceback: str, lane: str, number: int) -> Fate:
    """The final state of a frame for which the plotter raised."""
    error = PlotterError(f"{lane} raised in the viewer (frame {number})", printable(traceback))
    return Fate("failed", error=error)


#: A call of a lane, as users see it.
Update = Callable[..., PendingResult]
