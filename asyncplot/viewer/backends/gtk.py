"""GTK 3, by PyGObject. GUI thread.

matplotlib's GTK 4 canvas cannot show a part of a picture, and GTK 4 paints nothing before its next frame. So GTK 3 is used for
matplotlib's names of both.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..boxes import Box
from .choose import no_display
from .contract import INK, PAPER, Backend, Callback, bbox_around
from .standing import Geometry, Standing, StandingWindows

#: What has to be installed: for Debian's Python, and for others.
_INSTALL = "apt install python3-gi-cairo gir1.2-gtk-3.0, or pip install PyGObject pycairo"


class GtkBackend(Backend):
    """Ticks with ``timeout_add``, and reads with ``unix_fd_add_full``."""

    name = "gtk"
    matplotlib_backend = "gtk3agg"

    def __init__(self) -> None:
        super().__init__()
        self._sources: list[int] = []
        self._quit = False
        self._text = ""

    @classmethod
    def unavailable(cls) -> str | None:
        return no_display() or _no_gtk_3()

    def start(self) -> None:
        import matplotlib

        gtk: Any = import_module("matplotlib.backends.backend_gtk3agg")  # it has no annotations
        matplotlib.use(self.matplotlib_backend)
        gi: Any = import_module("gi")
        gi.require_version("PangoCairo", "1.0")
        self._gtk, self._gdk, self._glib, self._pango = (
            import_module(f"gi.repository.{name}") for name in ("Gtk", "Gdk", "GLib", "PangoCairo")
        )
        # GTK says at each use that this function is deprecated. It has no other one that paints before it returns.
        warnings.filterwarnings("ignore", ".*process_updates", DeprecationWarning)
        self._loop = self._glib.MainLoop()
        self.standing = StandingWindows(lambda window: _StandingWindow(window, self._gdk))
        self._show_quietly()
        self._draw_foot(gtk.FigureCanvasGTK3Agg)

    def call_later(self, seconds: float, callback: Callback) -> None:
        def once() -> bool:
            callback()
            return False

        self._glib.timeout_add(max(round(seconds * 1000), 1), once)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        def always(*_: object) -> bool:
            callback()
            return True

        readable = self._glib.IOCondition.IN | self._glib.IOCondition.HUP
        self._sources.append(
            self._glib.unix_fd_add_full(self._glib.PRIORITY_DEFAULT, descriptor, readable, always)
        )

    def show(self, manager: Any) -> None:
        manager.show()

    def _show_quietly(self) -> None:
        """Have each window appear without the focus, whoever shows it (`pyplot.ion`): GTK has no setting for all windows."""
        show = self._gtk.Window.show

        def quietly(window: Any) -> None:
            if not window.get_visible():
                window.set_focus_on_map(False)
                self.standing.appears(window)
            show(window)

        self.hooks.replace(self._gtk.Window, "show", quietly)

    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        self._paint_now(canvas)  # a canvas with boxes shows these and nothing else, so other parts come first
        # With another pixel ratio, boxes would have to be rounded to GTK's pixels.
        if boxes is None or canvas.device_pixel_ratio != 1:
            canvas.queue_draw()
        else:
            canvas.blit(bbox_around(boxes))
        self._paint_now(canvas)

    def _paint_now(self, canvas: Any) -> None:
        """Paint what GTK would paint in its next frame."""
        window = canvas.get_window()
        if window is not None:  # it is on the screen
            window.process_updates(False)
            window.get_display().flush()

    def say(self, managers: Sequence[Any], text: str) -> None:
        if text == self._text:
            return
        self._text = text  # windows that appear later show it, too
        for manager in managers:
            self.paint(manager.canvas)

    def _draw_foot(self, canvas_class: Any) -> None:
        """Have canvases show the line at their foot. It is drawn on the window, after the picture and never into it."""
        draw = canvas_class.on_draw_event

        def on_draw_event(canvas: Any, widget: Any, context: Any) -> bool:
            # In interactive mode matplotlib asks for another draw in the middle of each draw. A plotter that calls
            # `flush_events` would then never get out of it.
            with canvas._idle_draw_cntx():
                draw(canvas, widget, context)
            if self._text:
                self._draw_line(canvas, context)
            return False

        self.hooks.replace(canvas_class, "on_draw_event", on_draw_event)

    def _draw_line(self, canvas: Any, context: Any) -> None:
        layout = canvas.create_pango_layout(self._text)
        height = layout.get_pixel_size().height + 4
        top = canvas.get_allocated_height() - height
        self._set_colour(context, PAPER)
        context.rectangle(0, top, canvas.get_allocated_width(), height)
        context.fill()
        self._set_colour(context, INK)
        context.move_to(2, top + 2)
        self._pango.show_layout(context, layout)

    def _set_colour(self, context: Any, word: str) -> None:
        colour = self._gdk.RGBA()
        colour.parse(word)
        context.set_source_rgb(colour.red, colour.green, colour.blue)

    def windows(self, managers: Sequence[Any]) -> int:
        of_users = self._gtk.WindowType.TOPLEVEL  # not menus and the like
        return sum(
            window.get_visible() and window.get_property("type") == of_users
            for window in self._gtk.Window.list_toplevels()
        )

    def run(self) -> None:
        if not self._quit:
            self._loop.run()

    def quit(self) -> None:
        self._quit = True
        while self._sources:
            self._glib.source_remove(self._sources.pop())
        self._loop.quit()

    def versions(self) -> dict[str, str]:
        numbers = (
            self._gtk.get_major_version(),
            self._gtk.get_minor_version(),
            self._gtk.get_micro_version(),
        )
        return {**super().versions(), "gtk": ".".join(map(str, numbers))}


class _StandingWindow(Standing):
    """One window of GTK's."""

    def __init__(self, window: Any, gdk: Any) -> None:
        super().__init__(window, tuple(window.get_default_size()))
        self._gdk = gdk

    def is_on_a_screen(self, place: Geometry) -> bool:
        display = self._gdk.Display.get_default()
        for number in range(display.get_n_monitors()):
            area = display.get_monitor(number).get_geometry()
            if area.x <= place.x + 20 < area.x + area.width and area.y <= place.y + 10 < area.y + area.height:
                return True
        return False

    def move(self, window: Any, place: Geometry, *, resize: bool) -> None:
        window.move(place.x, place.y)
        if resize:
            window.resize(place.width, place.height)

    def measured(self, window: Any) -> tuple[int, int, int, int] | None:
        if not window.get_mapped():
            return None
        x, y = window.get_position()
        width, height = window.get_size()
        return x, y, width, height


def _no_gtk_3() -> str | None:
    """Why there is no GTK 3 for PyGObject, or None. Loads PyGObject, but not GTK."""
    if importlib.util.find_spec("gi") is None or importlib.util.find_spec("cairo") is None:
        return f"PyGObject or pycairo is not installed: {_INSTALL}"
    if "gi.repository.Gtk" in sys.modules:
        version = sys.modules["gi"].get_required_version("Gtk")
        return (
            None if version == "3.0" else f"GTK {version} is loaded already: --pylab=gtk3 takes the right one"
        )
    gi: Any = import_module("gi")
    try:
        gi.require_version("Gtk", "3.0")
    except ValueError as error:
        return f"GTK 3 cannot be used ({error}): {_INSTALL}"
    return None


BACKEND = GtkBackend
