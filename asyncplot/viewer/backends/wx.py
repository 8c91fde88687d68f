"""wx, by wxPython. GUI thread."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..boxes import Box
from .choose import no_display
from .contract import INK, PAPER, Backend, Callback, bbox_around
from .polled import PolledReaders
from .standing import Geometry, Standing, StandingWindows


class WxBackend(Backend):
    """Ticks with ``wx.Timer``. Its loop cannot wait for descriptors, so they are polled."""

    name = "wx"
    matplotlib_backend = "wxagg"

    def __init__(self) -> None:
        super().__init__()
        self._timers: list[Any] = []
        self._readers = PolledReaders(self.call_later)
        self._quit = False
        self._text = ""

    @classmethod
    def unavailable(cls) -> str | None:
        if why_not := no_display():
            return why_not
        if importlib.util.find_spec("wx") is None:
            return "wxPython is not installed: apt install python3-wxgtk4.0, or pip install wxPython"
        return None

    def start(self) -> None:
        import matplotlib

        self._wx: Any = import_module("wx")
        # IPython may have made one already.
        self._app = self._wx.GetApp() or self._wx.App(False)
        self._app.SetExitOnFrameDelete(False)
        matplotlib.use(self.matplotlib_backend)
        wxagg: Any = import_module("matplotlib.backends.backend_wxagg")  # it has no annotations
        self.standing = StandingWindows(lambda frame: _StandingFrame(frame, self._wx))
        self._show_quietly()
        self._paint_by_events(wxagg.FigureCanvasWxAgg)

    def call_later(self, seconds: float, callback: Callback) -> None:
        timer = next((timer for timer in self._timers if not timer.IsRunning()), None)
        if timer is None:
            timer = self._wx.Timer()
            self._timers.append(timer)
        timer.Notify = callback
        timer.Start(max(round(seconds * 1000), 1), self._wx.TIMER_ONE_SHOT)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        self._readers.add(descriptor, callback)

    def show(self, manager: Any) -> None:
        manager.show()

    def _show_quietly(self) -> None:
        """Have each frame appear without the focus, whoever shows it (`pyplot.ion`): wx has no setting for all frames."""
        show = self._wx.Frame.Show

        def quietly(frame: Any, show_it: bool = True) -> Any:
            if not show_it or frame.IsShown():
                return show(frame, show_it)
            # Otherwise wx takes the room of the window manager's frame away from the client area when it learns of it.
            frame.SetClientSize(frame.GetClientSize())
            self.standing.appears(frame)
            frame.ShowWithoutActivating()
            return True

        self.hooks.replace(self._wx.Frame, "Show", quietly)

    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        if boxes is not None:  # a full draw has painted itself
            canvas.blit(bbox_around(boxes))

    def say(self, managers: Sequence[Any], text: str) -> None:
        if text != self._text:
            self._text = text  # windows that appear later show it, too
            for manager in managers:
                _paint_now(manager.canvas)

    def _paint_by_events(self, canvas_class: Any) -> None:
        """Have canvases paint in events of wx, with the line at their foot.

        matplotlib also paints outside of them, which shows nothing on Wayland, and would take the line away for a moment. The
        line is drawn on the window, after the picture and never into it.
        """
        repaint = canvas_class.gui_repaint

        def gui_repaint(canvas: Any, drawDC: Any = None) -> None:  # noqa: N803 (the name that matplotlib's has)
            if drawDC is None:
                _paint_now(canvas)
                return
            repaint(canvas, drawDC)
            if self._text:
                self._draw_line(canvas, drawDC)

        self.hooks.replace(canvas_class, "gui_repaint", gui_repaint)

    def _draw_line(self, canvas: Any, context: Any) -> None:
        width, height = canvas.GetClientSize()
        context.SetFont(canvas.GetFont())
        line = context.GetTextExtent(self._text).height + 4
        context.SetPen(self._wx.TRANSPARENT_PEN)
        context.SetBrush(self._wx.Brush(PAPER))
        context.DrawRectangle(0, height - line, width, line)
        context.SetTextForeground(INK)
        context.DrawText(self._text, 2, height - line + 2)

    def windows(self, managers: Sequence[Any]) -> int:
        return sum(window.IsShown() for window in self._wx.GetTopLevelWindows())

    def run(self) -> None:
        if not self._quit:
            self._app.MainLoop()

    def quit(self) -> None:
        self._quit = True
        self._readers.clear()
        self._app.ExitMainLoop()

    def versions(self) -> dict[str, str]:
        return {**super().versions(), "wx": str(self._wx.version())}


def _paint_now(canvas: Any) -> None:
    """Have wx send a canvas the event in which it paints, and wait for that. A closed canvas is false."""
    if canvas:
        canvas.Refresh(eraseBackground=False)
        canvas.Update()


class _StandingFrame(Standing):
    """One frame of wx's."""

    def __init__(self, frame: Any, wx: Any) -> None:
        super().__init__(frame, tuple(frame.GetClientSize()))
        self._wx = wx

    def is_on_a_screen(self, place: Geometry) -> bool:
        corner = self._wx.Point(place.x + 20, place.y + 10)
        return bool(self._wx.Display.GetFromPoint(corner) != self._wx.NOT_FOUND)

    def move(self, window: Any, place: Geometry, *, resize: bool) -> None:
        window.SetPosition(self._wx.Point(place.x, place.y))
        if resize:
            window.SetClientSize(self._wx.Size(place.width, place.height))

    def measured(self, window: Any) -> tuple[int, int, int, int] | None:
        if not window or not window.IsShown():  # false if wx has deleted it
            return None
        x, y = window.GetPosition()
        width, height = window.GetClientSize()
        return x, y, width, height


BACKEND = WxBackend
