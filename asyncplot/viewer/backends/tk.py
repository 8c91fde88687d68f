"""Tk. matplotlib makes one ``tk.Tk()`` a figure, so the loop lives on a hidden root of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from .choose import no_display
from .contract import Backend, Callback


class TkBackend(Backend):
    """Ticks by ``after``, reads by ``createfilehandler``."""

    name = "tk"
    matplotlib_backend = "tkagg"

    def __init__(self) -> None:
        self._readers: list[int] = []

    @classmethod
    def unavailable(cls) -> str | None:
        if importlib.util.find_spec("_tkinter") is None:
            return "this Python has no tkinter: install python3-tk"
        return no_display()

    def start(self) -> None:
        import tkinter

        import matplotlib

        matplotlib.use(self.matplotlib_backend)
        _show_quietly()
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

    def paint(self, canvas: Any, box: Any = None) -> None:
        if box is not None:
            canvas.blit(box)
        canvas.get_tk_widget().update_idletasks()

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


def _show_quietly() -> None:
    """Have figures appear without the focus, also those that the plotter shows itself (pyplot.ion)."""
    tkagg: Any = import_module("matplotlib.backends.backend_tkagg")  # which has no annotations
    events: Any = import_module("_tkinter")
    windows_alone = events.DONT_WAIT | events.WINDOW_EVENTS | events.IDLE_EVENTS

    class Manager(tkagg.FigureManagerTk):  # type: ignore[misc]
        def show(self) -> None:
            # "active" says that this window takes the focus by itself, if at all: the window manager does
            # not give it then, as it does to each new window of a "passive" one. Once up, a click may.
            self.window.wm_focusmodel("active")
            super().show()
            # Not `update`: it serves timers, too, and never returns where these fire faster than they are served.
            while self.window.tk.dooneevent(windows_alone):
                pass
            self.window.wm_focusmodel("passive")

    tkagg.FigureCanvasTkAgg.manager_class = Manager


BACKEND = TkBackend
