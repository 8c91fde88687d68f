"""Tk. matplotlib makes one ``tk.Tk()`` for each figure, so the loop uses a hidden root of its own. GUI thread."""

from __future__ import annotations

import importlib.util
import re
import weakref
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ..boxes import Box
from ..hooks import Hooks
from .choose import no_display
from .contract import INK, PAPER, Backend, Callback, bbox_around
from .standing import Geometry, Standing, StandingWindows

#: Width, height, x and y of a window, as Tk writes them.
_GEOMETRY = re.compile(r"(\d+)x(\d+)\+(-?\d+)\+(-?\d+)")


class TkBackend(Backend):
    """Ticks with ``after``, and reads with ``createfilehandler``."""

    name = "tk"
    matplotlib_backend = "tkagg"

    def __init__(self) -> None:
        super().__init__()
        self._readers: list[int] = []
        self.standing = StandingWindows(_StandingToplevel)
        self._labels: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    @classmethod
    def unavailable(cls) -> str | None:
        if importlib.util.find_spec("_tkinter") is None:
            return "this Python has no tkinter: install python3-tk"
        return no_display()

    def start(self) -> None:
        import tkinter

        import matplotlib

        matplotlib.use(self.matplotlib_backend)
        _show_quietly(self.hooks, self.standing.appears)
        self._readable = tkinter.READABLE
        self._root = tkinter.Tk()
        self._root.withdraw()

    def call_later(self, seconds: float, callback: Callback) -> None:
        self._root.after(max(round(seconds * 1000), 1), callback)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        self._readers.append(descriptor)
        self._root.tk.createfilehandler(descriptor, self._readable, lambda *_: callback())

    def show(self, manager: Any) -> None:
        manager.show()

    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        if boxes is not None:
            canvas.blit(bbox_around(boxes))
        canvas.get_tk_widget().update_idletasks()

    def say(self, managers: Sequence[Any], text: str) -> None:
        for manager in managers:
            label = self._labels.get(manager)
            if label is None:
                label = self._labels[manager] = _label(manager.canvas.get_tk_widget())
            if text:
                label.configure(text=text)
                label.place(relx=0.0, rely=1.0, anchor="sw", relwidth=1.0)
            else:
                label.place_forget()
            label.update_idletasks()

    def windows(self, managers: Sequence[Any]) -> int:
        return len(managers)

    def run(self) -> None:
        self._root.mainloop()

    def quit(self) -> None:
        # A descriptor that has ended stays readable, and matplotlib's clean-up would call its handler for ever.
        while self._readers:
            self._root.tk.deletefilehandler(self._readers.pop())
        self._root.quit()

    def versions(self) -> dict[str, str]:
        import tkinter

        return {**super().versions(), "tk": str(tkinter.TkVersion)}


class _StandingToplevel(Standing):
    """One window of Tk's."""

    def __init__(self, window: Any) -> None:
        window.update_idletasks()
        super().__init__(window, (window.winfo_reqwidth(), window.winfo_reqheight()))
        self._screen: tuple[int, int] = window.winfo_screenwidth(), window.winfo_screenheight()

    def is_on_a_screen(self, place: Geometry) -> bool:
        width, height = self._screen
        return -place.width < place.x < width and -place.height < place.y < height

    def move(self, window: Any, place: Geometry, *, resize: bool) -> None:
        size = f"{place.width}x{place.height}" if resize else ""
        window.wm_geometry(f"{size}+{place.x}+{place.y}")

    def measured(self, window: Any) -> tuple[int, int, int, int] | None:
        import tkinter

        try:
            found = _GEOMETRY.fullmatch(window.wm_geometry()) if window.winfo_viewable() else None
        except tkinter.TclError:  # it has been closed
            return None
        if found is None:
            return None
        width, height, x, y = map(int, found.groups())
        return x, y, width, height


def _label(canvas: Any) -> Any:
    """A line that can be shown over a canvas. It begins at the left edge, however long it is."""
    import tkinter

    return tkinter.Label(canvas, background=PAPER, foreground=INK, anchor="w")


def _show_quietly(hooks: Hooks, appears: Callable[[Any], None]) -> None:
    """Have figures appear without the focus, also those that the plotter shows itself (``pyplot.ion``).

    The canvas's class names the manager's class for all figures; matplotlib has no other way to choose one.
    """
    tkagg: Any = import_module("matplotlib.backends.backend_tkagg")  # it has no annotations
    events: Any = import_module("_tkinter")
    windows_alone = events.DONT_WAIT | events.WINDOW_EVENTS | events.IDLE_EVENTS

    class Manager(tkagg.FigureManagerTk):  # type: ignore[misc]
        def show(self) -> None:
            # A new window of the "passive" model gets the focus from the window manager. One of the "active" model takes
            # the focus by itself, or not at all. When it is shown, it becomes passive, so that a click gives the focus.
            self.window.wm_focusmodel("active")
            appears(self.window)
            super().show()
            # Not `update`: it also runs timers, and never returns if these fire faster than they run.
            while self.window.tk.dooneevent(windows_alone):
                pass
            self.window.wm_focusmodel("passive")

    hooks.replace(tkagg.FigureCanvasTkAgg, "manager_class", Manager)


BACKEND = TkBackend
