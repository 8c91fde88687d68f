"""macOS's own windows, by matplotlib's backend macosx. GUI thread.

That backend needs no package, but it offers little: its loop cannot wait for descriptors, so they are polled; there is no label
to put over a picture, so the line at the foot stands in the toolbar, which is at the foot there; and nobody can ask where a
window stands. Its own way to run the loop (``_macosx.show``) takes the focus, so a canvas without a window runs it.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..boxes import Box
from .choose import import_matplotlib
from .contract import Backend, Callback, bbox_around
from .polled import PolledReaders


class MacosxBackend(Backend):
    """Ticks with matplotlib's timers for macOS."""

    name = "macosx"
    matplotlib_backend = "macosx"

    def __init__(self) -> None:
        super().__init__()
        self._timers: list[_Timer] = []
        self._readers = PolledReaders(self.call_later)
        self._quit = False

    @classmethod
    def unavailable(cls) -> str | None:
        if sys.platform != "darwin":
            return f"these windows are macOS's, and this is {sys.platform}"
        import_matplotlib()
        if importlib.util.find_spec("matplotlib.backends._macosx") is None:
            return "this matplotlib was built without its backend macosx: pip install matplotlib"
        return None

    def start(self) -> None:
        import matplotlib
        from matplotlib.figure import Figure

        matplotlib.use(self.matplotlib_backend)
        macosx: Any = import_module("matplotlib.backends.backend_macosx")  # it has no annotations
        self._timer_class = macosx.TimerMac
        # `_show` makes the new window the one with the focus; `_raise` only puts it before the others.
        self.hooks.replace(macosx.FigureManagerMac, "_show", macosx.FigureManagerMac._raise)
        self._canvas = macosx.FigureCanvasMac(Figure())

    def call_later(self, seconds: float, callback: Callback) -> None:
        timer = next((timer for timer in self._timers if timer.callback is None), None)
        if timer is None:
            timer = _Timer(self._timer_class)
            self._timers.append(timer)
        timer.start(seconds, callback)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        self._readers.add(descriptor, callback)

    def show(self, manager: Any) -> None:
        manager.show()

    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        if boxes is not None:
            canvas.blit(bbox_around(boxes))  # after a full draw, the canvas has told macOS itself
        canvas.flush_events()

    def say(self, managers: Sequence[Any], text: str) -> None:
        for manager in managers:
            if manager.toolbar is not None:
                manager.toolbar.set_message(text)

    def windows(self, managers: Sequence[Any]) -> int:
        return len(managers)

    def run(self) -> None:
        # It also returns when a window is closed.
        while not self._quit:
            self._canvas.start_event_loop()

    def quit(self) -> None:
        self._quit = True
        self._readers.clear()
        self._canvas.stop_event_loop()


class _Timer:
    """A timer for one call at a time. It is used again for the next call.

    macOS does not keep matplotlib's timers: one that nobody holds stops.

    Attributes
    ----------
    callback : callable or None
        What it will call; None if it is free.
    """

    def __init__(self, timer_class: Any) -> None:
        self.callback: Callback | None = None
        self._timer = timer_class(callbacks=[(self._fire, (), {})])
        self._timer.single_shot = True

    def start(self, seconds: float, callback: Callback) -> None:
        """Call after so many seconds, rounded to whole milliseconds, at least one."""
        self.callback = callback
        self._timer.interval = max(round(seconds * 1000), 1)
        self._timer.start()

    def _fire(self) -> None:
        callback, self.callback = self.callback, None
        if callback is not None:
            callback()


BACKEND = MacosxBackend
