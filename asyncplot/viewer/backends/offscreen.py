"""No window: figures are drawn into memory by Agg, and written to files where that was asked for.

The timers of matplotlib (``canvas.new_timer``, and with them `FuncAnimation`) run here, too: Agg's own never fire.
"""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from .contract import Backend, Callback


class OffscreenBackend(Backend):
    """Ticks and reads by asyncio."""

    name = "offscreen"
    matplotlib_backend = "agg"

    @classmethod
    def unavailable(cls) -> str | None:
        return None

    def start(self) -> None:
        import matplotlib

        matplotlib.use(self.matplotlib_backend)
        self._loop = asyncio.new_event_loop()
        self._quit = False
        self._run_timers()

    def call_later(self, seconds: float, callback: Callback) -> None:
        self._loop.call_later(seconds, callback)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        self._loop.add_reader(descriptor, callback)

    def show(self, manager: Any) -> None:
        """Nothing to show."""

    def paint(self, canvas: Any, box: Any = None) -> None:
        """Nothing to paint."""

    def say(self, managers: Sequence[Any], text: str) -> None:
        """Nobody would see it."""

    def windows(self, managers: Sequence[Any]) -> int:
        return 0

    def _run_timers(self) -> None:
        """Have Agg's canvases make timers that fire."""
        from matplotlib.backend_bases import TimerBase
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        call_later = self.call_later

        class Timer(TimerBase):
            """A timer by asyncio: each start and stop is a turn, and what was begun in an earlier one is void."""

            turn = 0

            def _timer_start(self) -> None:
                self.turn += 1
                self.again()

            def _timer_stop(self) -> None:
                self.turn += 1

            def again(self) -> None:
                # Held weakly: a timer that nobody has any more stops, as those of toolkits do.
                call_later(self.interval / 1000, functools.partial(_fire, weakref.ref(self), self.turn))

            def fire(self) -> None:
                if not self.single_shot:
                    self.again()  # first: a callback may raise, and may stop the timer
                self._on_timer()  # type: ignore[attr-defined]

        vars_of_class: Any = FigureCanvasAgg
        vars_of_class._timer_cls = Timer

    def run(self) -> None:
        if not self._quit:
            self._loop.run_forever()
        self._loop.close()

    def quit(self) -> None:
        self._quit = True
        self._loop.stop()


def _fire(timer_of: Callable[[], Any], turn: int) -> None:
    """The time of a timer has come, unless it was stopped or started anew."""
    timer = timer_of()
    if timer is not None and timer.turn == turn:
        timer.fire()


BACKEND = OffscreenBackend
