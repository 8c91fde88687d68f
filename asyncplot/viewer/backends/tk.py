"""Tk. matplotlib makes one ``tk.Tk()`` a figure, so the loop lives on a hidden root of its own."""

from __future__ import annotations

import importlib.util
import re
import weakref
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from .choose import no_display
from .contract import INK, PAPER, WINDOWS_KEPT, Backend, Callback, Geometry

#: Width, height, x and y of a window, as Tk says them.
_GEOMETRY = re.compile(r"(\d+)x(\d+)\+(-?\d+)\+(-?\d+)")


class TkBackend(Backend):
    """Ticks by ``after``, reads by ``createfilehandler``."""

    name = "tk"
    matplotlib_backend = "tkagg"

    def __init__(self) -> None:
        self._readers: list[int] = []
        self._stood: list[_Standing] = []
        self._to_be: list[Geometry | None] = []
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
        _show_quietly(self._place)
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

    def _place(self, window: Any) -> None:
        """Put a window that appears for the first time where the one before stood."""
        if len(self._stood) == WINDOWS_KEPT or any(each.window() is window for each in self._stood):
            return
        standing = _Standing(window)
        place = self._to_be[len(self._stood)] if len(self._stood) < len(self._to_be) else None
        self._stood.append(standing)
        if place is not None:
            standing.put(place)

    def put(self, geometries: Sequence[Geometry | None]) -> None:
        self._to_be = list(geometries)

    def geometries(self) -> list[Geometry | None]:
        return [standing.look() for standing in self._stood]

    def paint(self, canvas: Any, box: Any = None) -> None:
        if box is not None:
            canvas.blit(box)
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
        # A descriptor at its end stays readable, and matplotlib's clean-up would serve it for ever.
        while self._readers:
            self._root.tk.deletefilehandler(self._readers.pop())
        self._root.quit()

    def versions(self) -> dict[str, str]:
        import tkinter

        return {**super().versions(), "tk": str(tkinter.TkVersion)}


class _Standing:
    """One window, and where it stood last.

    Attributes
    ----------
    window : weakref
        The window.
    """

    def __init__(self, window: Any) -> None:
        self.window = weakref.ref(window)
        window.update_idletasks()
        self._own = window.winfo_reqwidth(), window.winfo_reqheight()
        self._last: Geometry | None = None

    def put(self, geometry: Geometry) -> None:
        """Move it, and resize it unless it has another size of its own now, which its plotter was given."""
        window: Any = self.window()
        size = ""
        across = -geometry.width < geometry.x < window.winfo_screenwidth()
        if not across or not -geometry.height < geometry.y < window.winfo_screenheight():
            return  # a screen may have gone
        if (geometry.own_width, geometry.own_height) == self._own:
            size = f"{geometry.width}x{geometry.height}"
        window.wm_geometry(f"{size}+{geometry.x}+{geometry.y}")

    def look(self) -> Geometry | None:
        """Where it stands or stood."""
        import tkinter

        window: Any = self.window()
        try:
            found = (
                _GEOMETRY.fullmatch(window.wm_geometry())
                if window is not None and window.winfo_viewable()
                else None
            )
        except tkinter.TclError:  # it has been closed
            found = None
        if found is not None:
            width, height, x, y = map(int, found.groups())
            self._last = Geometry(x, y, width, height, *self._own)
        return self._last


def _label(canvas: Any) -> Any:
    """A line that can be laid over a canvas, with its beginning at the left edge however long it is."""
    import tkinter

    return tkinter.Label(canvas, background=PAPER, foreground=INK, anchor="w")


def _show_quietly(place: Callable[[Any], None]) -> None:
    """Have figures appear without the focus, also those that the plotter shows itself (pyplot.ion)."""
    tkagg: Any = import_module("matplotlib.backends.backend_tkagg")  # which has no annotations
    events: Any = import_module("_tkinter")
    windows_alone = events.DONT_WAIT | events.WINDOW_EVENTS | events.IDLE_EVENTS

    class Manager(tkagg.FigureManagerTk):  # type: ignore[misc]
        def show(self) -> None:
            # "active" says that this window takes the focus by itself, if at all: the window manager does
            # not give it then, as it does to each new window of a "passive" one. Once up, a click may.
            self.window.wm_focusmodel("active")
            place(self.window)
            super().show()
            # Not `update`: it serves timers, too, and never returns where these fire faster than they are served.
            while self.window.tk.dooneevent(windows_alone):
                pass
            self.window.wm_focusmodel("passive")

    tkagg.FigureCanvasTkAgg.manager_class = Manager


BACKEND = TkBackend
