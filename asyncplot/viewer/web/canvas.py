"""matplotlib's backend of the web viewer: canvas, toolbar and manager of each figure. GUI thread.

In: the plotter's figures, and what the user does on a page. Out: events for the listener that the backend gives to each
canvas. It stands on the Python half of matplotlib's WebAgg, which knows the mouse and the keys of browsers. Nothing of WebAgg's
way to send pictures is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_webagg_core import (
    FigureCanvasWebAggCore,
    FigureManagerWebAgg,
    NavigationToolbar2WebAgg,
)

#: Gets the canvas, the kind of an event, and its entries.
Listener = Callable[[Any, str, dict[str, Any]], None]


def _nobody(canvas: Any, kind: str, entries: dict[str, Any]) -> None:
    """Nobody listens before the figure is shown."""


class FigureCanvas(FigureCanvasWebAggCore):
    """A canvas whose pictures go to pages.

    Attributes
    ----------
    listener : callable
        Gets each event: ``draw`` (`draw_idle` was called), ``blit`` (pixels were drawn by hand), and those of WebAgg:
        ``message``, ``cursor``, ``rubberband``, ``figure_label``, ``history_buttons``, ``navigate_mode``, ``resize``.
    """

    listener: Listener = staticmethod(_nobody)

    _draw_pending = False  # as in matplotlib's canvas for Qt; the viewer's loop looks at it

    def draw(self) -> None:
        self._draw_pending = False
        FigureCanvasAgg.draw(self)  # type: ignore[no-untyped-call]

    def blit(self, bbox: Any = None) -> None:
        """Show what was drawn by hand, as in `draw_idle`."""
        self.listener(self, "blit", {})

    def draw_idle(self) -> None:
        if not self._draw_pending and self.listener is not _nobody:
            self._draw_pending = True
            self.listener(self, "draw", {})

    def send_event(self, event_type: str, **entries: Any) -> None:
        self.listener(self, event_type, entries)


class Toolbar(NavigationToolbar2WebAgg):
    """The toolbar, whose buttons stand on the page."""


class FigureManager(FigureManagerWebAgg):
    """The figure's window, which is a card on the page."""

    canvas: FigureCanvas
    _toolbar2_class = Toolbar  # type: ignore[assignment]

    def show(self) -> None:
        """Nothing: the backend shows each new figure."""

    def refresh_all(self) -> None:
        """Nothing: the backend sends what was painted."""

    def _send_event(self, event_type: str, **entries: Any) -> None:
        self.canvas.listener(self.canvas, event_type, entries)


FigureCanvas.manager_class = FigureManager  # type: ignore[assignment]  # matplotlib asks the canvas for it
