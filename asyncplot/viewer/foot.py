"""What windows say at their foot about the plotter: that it fails, or takes very long. GUI thread.

In: failures, frames that were drawn, and how long they took; out: one line of text, which the backend lays over the foot of
each window. It is a part of the window and never of the figure: no picture that is saved or asked for has it, and neither
blitting nor a layout knows of it.

While the plotter is called nothing can be painted. So a window of a slow plotter has its line before the next call, from
how long the last one took.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .backends import Backend
from .drawing import Figures

#: After a frame that succeeds the line stays until the last failure is so long ago, s: one that fails now and then would
#: make it flicker, and nobody could read it.
LINGER = 5.0

#: A window that answers nobody for so long looks dead, s.
SLOW = 10.0

#: How often the line is laid out anew: windows appear, and change their size, s.
_AGAIN = 0.2

#: The longest line; windows show less of it.
_LONGEST = 300


@dataclasses.dataclass
class _Failing:
    """One part of the plotter that fails: how often, with what last and when, and whether it succeeded since."""

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
        Their windows get it, and others of the same toolkit.
    """

    def __init__(self, backend: Backend, figures: Figures) -> None:
        self._backend = backend
        self._figures = figures
        self._failing: dict[str, _Failing] = {}
        self._seconds = 0.0
        self._shown = ""
        self._shown_at = 0.0

    def failed(self, what: str, error: BaseException | None, now: float) -> None:
        """A method of the plotter, or the drawing, has raised."""
        before = self._failing.get(what)
        words = f"{type(error).__name__}: {error}".partition("\n")[0]
        self._failing[what] = _Failing(before.count + 1 if before else 1, words, now)

    def passed(self, what: str) -> None:
        """It has not raised."""
        if what in self._failing:
            self._failing[what].passed = True

    def took(self, seconds: float) -> None:
        """The last frame took so long, with its drawing."""
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
        """Have the windows say it. At each tick; 1 us if there is nothing to say."""
        if not (self._failing or self._shown or self._seconds >= SLOW):
            return
        text = self.text(now)
        if bool(text) == bool(self._shown) and now - self._shown_at < _AGAIN:
            return
        managers: list[Any] = self._figures.managers()
        self._backend.say(managers, text)
        self._shown, self._shown_at = text, now
