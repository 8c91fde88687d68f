"""No windows: figures are drawn into memory by Agg, and written to files if that was asked for. GUI thread.

The timers of matplotlib (``canvas.new_timer``, which `FuncAnimation` uses) run here, too; Agg's own timers never fire.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from ..boxes import Box
from .contract import Backend, Callback

#: So many descriptors a loop of asyncio needs: its selector, and a pair of sockets.
_OF_A_LOOP = 3


class OffscreenBackend(Backend):
    """Uses asyncio's loop."""

    name = "offscreen"
    matplotlib_backend = "agg"

    @classmethod
    def unavailable(cls) -> str | None:
        return None

    def start(self) -> None:
        import matplotlib

        matplotlib.use(self.matplotlib_backend)
        _need_descriptors()
        self._loop = asyncio.new_event_loop()
        self._quit = False
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        self._fire_timers_of(FigureCanvasAgg)

    def call_later(self, seconds: float, callback: Callback) -> None:
        self._loop.call_later(seconds, callback)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        self._loop.add_reader(descriptor, callback)

    def show(self, manager: Any) -> None:
        """There is nothing to show."""

    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        """There is nothing to paint."""

    def say(self, managers: Sequence[Any], text: str) -> None:
        """There is no window."""

    def windows(self, managers: Sequence[Any]) -> int:
        return 0

    def _fire_timers_of(self, canvas: Any) -> None:
        """Have canvases of a class make timers that fire. The class is the only place where that can be set."""
        from matplotlib.backend_bases import TimerBase

        call_later = self.call_later

        class Timer(TimerBase):
            """A timer by asyncio. Each start and each stop begins a new turn; calls of earlier turns do nothing."""

            turn = 0

            def _timer_start(self) -> None:
                self.turn += 1
                self.again()

            def _timer_stop(self) -> None:
                self.turn += 1

            def again(self) -> None:
                # Held weakly: a timer that nobody holds any more stops, like the timers of toolkits.
                call_later(self.interval / 1000, functools.partial(_fire, weakref.ref(self), self.turn))

            def fire(self) -> None:
                if not self.single_shot:
                    self.again()  # before the callbacks, which may raise, and may stop the timer
                self._on_timer()  # type: ignore[attr-defined]

        self.hooks.replace(canvas, "_timer_cls", Timer)

    def run(self) -> None:
        if not self._quit:
            self._loop.run_forever()
        self._loop.close()

    def quit(self) -> None:
        self._quit = True
        self._loop.stop()


def _need_descriptors() -> None:
    """Raise OSError if there are too few for a loop of asyncio. It would leave half a loop, whose end prints a traceback."""
    with contextlib.ExitStack() as opened:
        for _ in range(_OF_A_LOOP):
            opened.callback(os.close, os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))


def _fire(timer_of: Callable[[], Any], turn: int) -> None:
    """The time of a timer has come. Do nothing if it was stopped or started again since."""
    timer = timer_of()
    if timer is not None and timer.turn == turn:
        timer.fire()


BACKEND = OffscreenBackend
