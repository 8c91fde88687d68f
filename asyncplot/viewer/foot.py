"""The line at the foot of windows, which says that the plotter fails or takes very long. GUI thread.

In: failures, frames that were drawn, and how long they took. Out: one line of text, which the backend shows over the foot of
each window. It is a part of the window, not of the figure: saved pictures do not have it, and blitting and layouts do not
know it.

Nothing can be painted while the plotter is called. So the line about a slow plotter is shown before the next call: it tells
how long the last one took.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .backends import Backend
from .drawing import Figures
from .failures import words

#: After a success the line stays until the last failure is so long ago, s. Otherwise it would flicker if the plotter fails
#: now and then, and nobody could read it.
LINGER = 5.0

#: A window that does not answer for so long looks dead, s.
SLOW = 10.0

#: While the line is shown, it is placed again so often, s: windows appear, and change their size.
_AGAIN = 0.2

#: The longest line, characters; windows show less of it.
_LONGEST = 300


@dataclasses.dataclass
class _Failing:
    """One part of the plotter that fails: how often, the last error and its time, and whether it succeeded since."""

    count: int
    error: str
    at: float
    passed: bool = False


class Foot:
    """The line at the foot of all windows.

    Parameters
    ----------
    backend : Backend
        Shows the line.
    figures : Figures
        Their windows get the line, and other windows of the same toolkit, too.
    """

    def __init__(self, backend: Backend, figures: Figures) -> None:
        self._backend = backend
        self._figures = figures
        self._failing: dict[str, _Failing] = {}
        self._seconds = 0.0
        self._shown = ""
        self._shown_at = 0.0

    def failed(self, what: str, error: BaseException | None, now: float) -> None:
        """A method of the plotter, or the drawing, has raised an exception."""
        before = self._failing.get(what)
        line = f"{type(error).__name__}: {words(error)}".partition("\n")[0]
        self._failing[what] = _Failing(before.count + 1 if before else 1, line, now)

    def passed(self, what: str) -> None:
        """It has not raised this time."""
        if what in self._failing:
            self._failing[what].passed = True

    def took(self, seconds: float) -> None:
        """Note how long the last frame took, with its drawing."""
        self._seconds = seconds

    def text(self, now: float) -> str:
        """The line, empty if there is nothing to say."""
        self._failing = {
            what: failing
            for what, failing in self._failing.items()
            if not failing.passed or now - failing.at < LINGER
        }
        parts = [
            f"{what} failed{f' {failing.count} times' if failing.count > 1 else ''}: {failing.error}"
            for what, failing in self._failing.items()
        ]
        if self._seconds >= SLOW:
            parts.append(
                f"the last frame took {self._seconds:.0f} s; while one is made, this window does not answer"
            )
        return "; ".join(parts)[:_LONGEST]

    def show(self, now: float) -> None:
        """Show the line in the windows. Called in each tick; takes 1 us if there is nothing to say."""
        if not (self._failing or self._shown or self._seconds >= SLOW):
            return
        text = self.text(now)
        if bool(text) == bool(self._shown) and now - self._shown_at < _AGAIN:
            return
        managers: list[Any] = self._figures.managers()
        self._backend.say(managers, text)
        self._shown, self._shown_at = text, now
