"""``Server(inline=True)``: the plotter runs in this very process, for a debugger.

No viewer, no mailbox, no budget: each call runs the plotter's method in the calling thread, what it
raises is raised there, and its figures are drawn at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .pending import Fate, PendingResult


class InlineLane:
    """A lane whose calls are plain calls."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        self.called = 0

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Call the plotter's method, draw what it changed, and return a final result."""
        self.called += 1
        value = self._method(*args, **kwargs)
        draw()
        pending = PendingResult()
        pending._lane = self
        pending._fate = Fate("drawn", text=None if value is None else json.dumps(value, default=repr))
        return pending

    def holds(self, pending: PendingResult) -> bool:
        """Nothing ever waits."""
        return False

    def fate(self, number: int) -> Fate | None:
        """Every result is final from the beginning."""
        return None


def draw() -> None:
    """Show and draw the figures of this process without blocking."""
    from matplotlib import pyplot

    for number in pyplot.get_fignums():
        canvas = pyplot.figure(number).canvas
        canvas.draw()
        canvas.flush_events()
    if pyplot.get_fignums():
        pyplot.show(block=False)


def wait() -> None:
    """Until the windows are closed."""
    from matplotlib import pyplot

    pyplot.show(block=True)
