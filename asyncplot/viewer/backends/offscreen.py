"""No window: figures are drawn into memory by Agg, and written to files where that was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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

    def run(self) -> None:
        if not self._quit:
            self._loop.run_forever()
        self._loop.close()

    def quit(self) -> None:
        self._quit = True
        self._loop.stop()


BACKEND = OffscreenBackend
