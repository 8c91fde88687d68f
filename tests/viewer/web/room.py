"""A site with figures in the test's process, and what its pages say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from looking import Looking
from matplotlib._pylab_helpers import Gcf
from matplotlib.figure import Figure

from asyncplot.viewer.web.canvas import FigureCanvas
from asyncplot.viewer.web.conversation import Conversation
from asyncplot.viewer.web.site import Site
from asyncplot.web.guard import Guard
from conditions import wait_until

TOKEN = "5ec3e7" * 5

HELLO = json.dumps({"type": "hello", "version": 1, "token": TOKEN})


class Room:
    """A site with figures, and pages that look at it; the loop runs only while a test waits."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.ended = 0
        self.site = Site(self.loop, self._end)
        self.site.ends = True

    def _end(self) -> None:
        self.ended += 1

    def figure(self, number: int = 1, size: tuple[int, int] = (120, 90)) -> Any:
        """Show a new figure; gives its canvas."""
        manager = FigureCanvas.new_manager(Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100), number)
        Gcf.set_active(manager)
        self.site.show(manager)
        manager.canvas.draw()
        self.site.paint(manager.canvas, None)
        return manager.canvas

    def mark(self, canvas: Any, step: int, alpha: int = 255) -> None:
        """Change some pixels, as a draw does."""
        pixels = np.asarray(canvas.buffer_rgba())
        pixels[step % pixels.shape[0], : 1 + step % 50] = step % 251, step % 7, 0, alpha
        self.site.paint(canvas, None)

    def enters(self, token: str = TOKEN, **more: Any) -> tuple[Looking, Conversation]:
        """A page comes."""
        looking = Looking()
        conversation = Conversation(looking, self.site, Guard(8000, TOKEN))
        say(conversation, "hello", token=token, version=1, **more)
        return looking, conversation

    def until(self, condition: Callable[[], Any]) -> None:
        """Run the loop until a condition holds."""

        def step() -> Any:
            self.loop.run_until_complete(asyncio.sleep(0))
            return condition()

        wait_until(step, 5.0)

    def close(self) -> None:
        """End it."""
        self.site.close()
        self.site.encoder._thread.shutdown()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
        Gcf.figs.clear()

    def settle(self) -> None:
        """Run the loop until all that was begun has been sent."""
        for _ in range(3):
            encoder = self.site.encoder._thread.submit(int)
            self.until(encoder.done)


def say(conversation: Conversation, type_: str, /, **entries: Any) -> None:
    """Say something to the viewer."""
    conversation.hear(json.dumps({"type": type_, **entries}))
