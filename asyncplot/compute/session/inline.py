"""``Server(inline=True)``: the plotter runs in the computation's own process, for a debugger.

In: the calls of `Server`. Out: calls of the plotter's methods, in the calling thread. There is no viewer, no
mailbox and no budget. What the plotter raises is raised by the call. Its figures are drawn at once.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any

from ... import sending
from ...frames import evaluated
from ...rundir import Viewer, base_path
from ...stats import Stats
from ..copying import Kept, Origin
from ..pending import Fate, PendingResult, Update
from ..plotter import preparation
from ..received import Received, nothing_received
from ..unpickled import unpickled_update
from .contract import Session


class _Straight:
    """Receives at once what the plotter sends."""

    def __init__(self, received: Received) -> None:
        self._received = received

    def send(self, name: str, value: Any) -> None:
        """Pass the value to ``received``."""
        self._received.put(name, value)


class InlineSession(Session):
    """Calls the plotter's methods directly.

    Parameters
    ----------
    plotter : class, callable or instance
        The user's plotter.
    name : str or None
        The run's name; None: "inline".
    """

    def __init__(self, plotter: Any, name: str | None) -> None:
        self.name = name or "inline"
        self.directory = base_path() / self.name
        self.received = nothing_received()
        self._outlet = _Straight(self.received)
        sending.connect(self._outlet)
        is_class = isinstance(plotter, type) or not hasattr(plotter, "update")
        self._plotter = plotter() if is_class else plotter
        self._called = self._drawn = 0
        self._prepare = preparation(plotter, self._views)

    def lane(self, method: str) -> Update:
        getattr(self._plotter, method)  # a missing method raises here, where the debugger is
        return _InlineLane(self, method)

    def call(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> PendingResult:
        """Call a method of the plotter, and draw its figures."""
        self._called += 1
        sending.connect(self._outlet)  # there may be several inline servers: this one is called now
        args, kwargs = evaluated(args, kwargs)
        if method == "update" and self._prepare is not None:
            args, kwargs = self._prepare(args, kwargs)
        value = getattr(self._plotter, method)(*args, **kwargs)
        draw()
        self._drawn += 1
        pending = PendingResult()
        pending._fate = Fate("drawn", text=None if value is None else json.dumps(value, default=repr))
        return pending

    def _views(self) -> list[Any]:
        """The views that the plotter shows."""
        view = getattr(self._plotter, "view", lambda: None)()
        return [] if view is None else [view]

    def flush(self, timeout: float | None) -> bool:
        return True

    def ready(self, timeout: float | None) -> bool:
        draw()
        return True

    def wait(self) -> None:
        from matplotlib import pyplot

        pyplot.show(block=True)

    def close(self, *, patient: bool) -> None:
        """Receive no more values. The figures stay open, because they belong to this process."""
        sending.disconnect(self._outlet)

    @property
    def is_alive(self) -> bool:
        return True

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        reason = "inline=True: the plotter runs in the computation's process"
        return (Viewer(number=1, phase="ready", pid=os.getpid(), host=socket.gethostname(), reason=reason),)

    def check(self) -> None:
        """Do nothing: each error was raised by the call that caused it."""

    @property
    def stats(self) -> Stats:
        return Stats(
            called=self._called,
            taken=self._called,
            drawn=self._drawn,
            failed=self._called - self._drawn,
            age=0.0,
        )

    @property
    def plotter(self) -> Any:
        return self._plotter


class _InlineLane(Kept):
    """One method of the plotter."""

    def __init__(self, session: InlineSession, method: str) -> None:
        self._session = session
        self._method = method

    def __call__(self, *args: Any, **kwargs: Any) -> PendingResult:
        return self._session.call(self._method, args, kwargs)

    def _pickled(self) -> tuple[Any, ...]:
        return unpickled_update, (self._method, Origin.here(self._session.name))


def draw() -> None:
    """Show and draw the figures of this process. Waits for nobody."""
    from matplotlib import pyplot

    current = pyplot.gcf() if pyplot.get_fignums() else None
    for number in pyplot.get_fignums():
        canvas = pyplot.figure(number).canvas
        canvas.draw()
        canvas.flush_events()
    if current is not None:
        pyplot.figure(current)
        pyplot.show(block=False)
