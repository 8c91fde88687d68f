"""One figure on the page: its canvas, its pictures, and what stands around it. GUI thread.

In: the events of its canvas. Out: the messages for pages that tell of them; and all of them again for a page that comes later.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..boxes import Box
from ..drawing import privates
from . import messages
from .encoder import Encoded, Encoder
from .sheet import Patch, Sheet, Spot

#: The largest ratio of device pixels to pixels that is drawn, and so many pixels at most.
_RATIO, _PIXELS = 2.0, 4_000_000

#: The sides that a page may give a figure, pixels.
_SMALLEST, _LARGEST = 80.0, 4000.0


class Card:
    """One figure.

    Parameters
    ----------
    manager : FigureManager
        The figure's.

    Attributes
    ----------
    number : int
        The figure's number.
    canvas : FigureCanvas
        Has its newest pixels.
    sheet : Sheet
        Its pictures.
    """

    def __init__(self, manager: Any) -> None:
        self.number = int(manager.num)
        self.canvas = manager.canvas
        self.sheet = Sheet()
        self._manager = manager
        self._around: dict[str, dict[str, Any]] = {}
        self._encoded: dict[int, list[Encoded]] = {}
        self._exact: dict[Spot, Encoded] = {}

    def described(self) -> dict[str, Any]:
        """What pages are told of it in the message ``figures``."""
        width, height = self.canvas.get_width_height(physical=True)
        return {
            "figure": self.number,
            "title": self._manager.get_window_title(),
            "width": width,
            "height": height,
            "ratio": self.canvas.device_pixel_ratio,
        }

    def draw(self, boxes: Sequence[Box] | None) -> bool:
        """Take the canvas's pixels; returns whether any has changed."""
        changed = self.sheet.draw(np.asarray(self.canvas.buffer_rgba()), boxes, time.time())
        if changed:
            self._encoded.clear()
            self._exact.clear()
        return changed

    def since(self, base: int, encoder: Encoder) -> list[Encoded]:
        """What makes the newest picture of picture ``base``. Pages with the same base share it."""
        base = base if self.sheet.is_known(base) else 0
        if base not in self._encoded:
            self._encoded[base] = [self._encode(patch, encoder) for patch in self.sheet.since(base)]
        return self._encoded[base]

    def exactly(self, spots: list[Spot], encoder: Encoder) -> list[Encoded]:
        """Some spots of the newest picture without loss. Pages with the same spots share them."""
        new = [spot for spot in spots if spot not in self._exact]
        for patch in self.sheet.exactly(new):
            self._exact[patch.spot] = self._encode(patch, encoder)
        return [self._exact[spot] for spot in spots]

    def _encode(self, patch: Patch, encoder: Encoder) -> Encoded:
        return encoder.encode(patch, lambda costly: self.sheet.learn(patch.spot, costly=costly))

    # --- its size ----------------------------------------------------------------------------------

    def set_ratio(self, ratio: float) -> None:
        """Draw it for a screen with so many device pixels in a pixel, as far as it does not get too large."""
        width, height = self.canvas.get_width_height()
        ratio = min(ratio, _RATIO, math.sqrt(_PIXELS / max(width * height, 1)))
        if privates.set_pixel_ratio(self.canvas, max(ratio, 1.0)):
            self.canvas.draw_idle()

    def resize(self, width: float, height: float) -> None:
        """Give it another size, pixels of the page, as far as it does not get too large."""
        width, height = (min(max(side, _SMALLEST), _LARGEST) for side in (width, height))
        shrink = min(math.sqrt(_PIXELS / (width * height)), 1.0)
        width, height = (max(side * shrink, _SMALLEST) for side in (width, height))
        self.canvas.handle_event({"type": "resize", "width": width, "height": height})

    # --- around the picture ------------------------------------------------------------------------

    def heard(self, event: str, entries: dict[str, Any]) -> str | None:
        """The message that tells pages of an event of the canvas; None if they need not know."""
        if event == "history_buttons":
            return self._tools(back=bool(entries["Back"]), forward=bool(entries["Forward"]))
        if event == "navigate_mode":
            return self._tools(mode="" if entries["mode"] == "NONE" else entries["mode"])
        if event == "cursor":
            return self._remember("cursor", cursor=entries["cursor"])
        if event == "message":
            return self._remember("message", text=entries["message"])
        if event == "rubberband":
            return self._remember("rubberband", box=self._upright(entries))
        return None

    def all_around(self) -> list[str]:
        """The messages that tell a page that has just come."""
        return [messages.text(kind, figure=self.number, **entries) for kind, entries in self._around.items()]

    def _tools(self, **changes: Any) -> str:
        before = self._around.get("tools", {"back": False, "forward": False, "mode": ""})
        return self._remember("tools", **{**before, **changes})

    def _remember(self, kind: str, **entries: Any) -> str:
        self._around[kind] = entries
        return messages.text(kind, figure=self.number, **entries)

    def _upright(self, entries: dict[str, Any]) -> list[float] | None:
        """The rubber band as x, y, width and height from the upper left; None if there is none any more."""
        x0, x1, y0, y1 = (float(entries[name]) for name in ("x0", "x1", "y0", "y1"))
        if min(x0, x1, y0, y1) < 0:
            return None
        height = self.canvas.get_width_height(physical=True)[1]
        return [min(x0, x1), height - max(y0, y1), abs(x1 - x0), abs(y1 - y0)]
