"""How long `close` waits for the last picture. Pure, its clock passed in.

In: what can be seen of the viewer from here, several times a second. Out: whether the wait goes on.

Nothing that the viewer says makes the wait long. A viewer that draws gets the time of a usual draw, which cannot be
longer than the run. A viewer that is starting is waited for as long as it moves: its processes use CPU time, or a disk is
read for them. So one that was stopped, or a command that only sleeps, is given up at once, and one that
imports matplotlib on a busy machine is not. A plotter whose constructor does not return has a limit in CPU time,
which is fair on a busy machine, too.
"""

from __future__ import annotations

from typing import NamedTuple

#: How long `close` waits for a draw, in addition to the length of a usual one; and for a viewer in which nothing moves, s.
DRAWING, STILL = 0.2, 0.2

#: The same for a viewer on another host, of which only ssh is here: that sleeps while the other side starts.
STILL_FAR = 3.0

#: How long it waits at most: for a viewer that is starting and moves, for a draw, and for a supervisor to come up, s.
STARTING, LONGEST, COMING_UP = 20.0, 20.0, 2.0

#: How much CPU time the plotter's constructor and the first draw may use while `close` waits, ticks of 10 ms; and how long
#: the first draw may take, s.
MAKING_TICKS, FIRST = 100, 2.0


class Sight(NamedTuple):
    """What can be seen of a viewer at one moment.

    Attributes
    ----------
    phase : str
        What it says of itself; ``unknown`` if that cannot be read.
    ticks : int
        The CPU time that its processes used so far, in ticks.
    runs : bool
        Whether one of them could run now, or waits for a disk; also where nobody can see that.
    progress : tuple of int
        Counts that grow with each frame that is drawn.
    usual : float
        How long a draw usually takes, in its own words, s.
    """

    phase: str = "starting"
    ticks: int = 0
    runs: bool = False
    progress: tuple[int, ...] = ()
    usual: float = 0.0


class Patience:
    """Decides from what is seen whether the wait goes on.

    Parameters
    ----------
    now : float
        The time at which the wait begins, s.
    age : float
        How long there has been a viewer, s: no draw can have taken longer.
    patient : bool
        Whether a viewer that is starting is waited for.
    far : bool
        Whether the viewer is on another host.
    unhurried : bool
        Whether a slow constructor is waited for as well: a picture is to be saved.
    """

    def __init__(self, now: float, *, age: float, patient: bool, far: bool, unhurried: bool) -> None:
        self._begin = self._moved = self._progressed = now
        self._age = age
        self._patient, self._unhurried = patient, unhurried
        self._still = STILL_FAR if far else STILL
        self._before: Sight | None = None
        self._making: int | None = None  # the ticks when it was first seen to make its plotter
        self._drawing: float | None = None  # when it was first seen to draw

    def lasts(self, now: float, sight: Sight) -> bool:
        """Whether to go on waiting."""
        before, self._before = self._before, sight
        if before is not None:
            if sight.runs or sight.ticks != before.ticks:
                self._moved = now
            if sight.progress != before.progress:
                self._progressed = now
        if sight.phase == "ready":
            return self._draws(now, sight.usual)
        if not self._patient or sight.phase == "unknown":
            return now < self._begin + DRAWING
        if sight.phase not in {"starting", "making", "drawing"}:
            return False
        return self._starts(now, sight)

    def _draws(self, now: float, usual: float) -> bool:
        """Whether the draw that is going on, and then the last one, may still end."""
        believed = usual if 0.0 < usual <= min(self._age, LONGEST) else 0.0
        return now < min(self._progressed + DRAWING + believed, self._begin + 2 * (DRAWING + believed))

    def _starts(self, now: float, sight: Sight) -> bool:
        """Whether it is visibly on its way to the first picture."""
        if sight.phase != "starting" and not self._unhurried:
            self._making = sight.ticks if self._making is None else self._making
            if sight.ticks - self._making > MAKING_TICKS:
                return False
        if sight.phase == "drawing":
            self._drawing = now if self._drawing is None else self._drawing
            if now > self._drawing + FIRST:
                return False
        return now < min(self._moved + self._still, self._begin + STARTING)
