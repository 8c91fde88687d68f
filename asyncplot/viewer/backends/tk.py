"""Tk. matplotlib makes one ``tk.Tk()`` a figure, so the loop lives on a hidden root of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
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
        self._readable = tkinter.READABLE
        self._root = tkinter.Tk()
        self._root.withdraw()

    def call_later(self, seconds: float, callback: Callback) -> None:
        self._root.after(max(round(seconds * 1000), 1), callback)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        self._readers.append(descriptor)
        self._root.tk.createfilehandler(descriptor, self._readable, lambda *_: callback())

    def show(self, manager: Any) -> None:
        # "active" says that this window takes the focus by itself, if at all: the window manager does not
        # give it then, as it does to each new window of a "passive" one. Once it is up, a click may.
        window = manager.window
        window.wm_focusmodel("active")
        manager.show()
        window.update()
        window.wm_focusmodel("passive")

    def paint(self, canvas: Any) -> None:
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


BACKEND = TkBackend
