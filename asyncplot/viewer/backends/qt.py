"""Qt, by PySide6 or PyQt6: whichever matplotlib takes (``QT_API``, or what is imported already)."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from .choose import no_display
from .contract import Backend, Callback

#: Debian package -> library that Qt's X11 plugin is linked with.
_LIBRARIES = {
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libegl1": "libEGL.so.1",
}


class QtBackend(Backend):
    """Ticks by QTimer, reads by QSocketNotifier."""

    name = "qt"
    matplotlib_backend = "qtagg"

    def __init__(self) -> None:
        self._notifiers: list[Any] = []
        self._timers: list[_Timer] = []

    @classmethod
    def unavailable(cls) -> str | None:
        if not any(importlib.util.find_spec(binding) for binding in ("PySide6", "PyQt6")):
            return "neither PySide6 nor PyQt6 is installed: pip install asyncplot[qt]"
        if os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal", "vnc")):
            return None
        return no_display() or _missing_libraries()

    def start(self) -> None:
        import matplotlib

        # Whatever binding matplotlib takes; it has no annotations that would say what is in there.
        qt: Any = import_module("matplotlib.backends.qt_compat")
        self._core, self._widgets = qt.QtCore, qt.QtWidgets
        # Before any QSocketNotifier, which is silently dead otherwise. IPython may have made one.
        self._app = self._widgets.QApplication.instance() or self._widgets.QApplication(["asyncplot"])
        self._app.setQuitOnLastWindowClosed(False)
        # After the application: without a display (QT_QPA_PLATFORM=offscreen) it is what matplotlib goes by.
        matplotlib.use(self.matplotlib_backend)
        self._show_quietly()

    def call_later(self, seconds: float, callback: Callback) -> None:
        timer = next((timer for timer in self._timers if timer.callback is None), None)
        if timer is None:
            timer = _Timer(self._core)
            self._timers.append(timer)
        timer.start(seconds, callback)

    def add_reader(self, descriptor: int, callback: Callback) -> None:
        notifier = self._core.QSocketNotifier(descriptor, self._core.QSocketNotifier.Type.Read)
        activated: Callable[..., None] = lambda *_: callback()  # noqa: E731 (bindings pass 0 to 2 arguments)
        notifier.activated.connect(activated)
        self._notifiers.append(notifier)

    def show(self, manager: Any) -> None:
        manager.window.show()

    def _show_quietly(self) -> None:
        """Have each window appear without the focus, whoever shows it: `pyplot.ion`, pyqtgraph."""
        attribute = self._core.Qt.WidgetAttribute.WA_ShowWithoutActivating
        show = self._widgets.QWidget.show

        def quietly(widget: Any) -> None:
            if widget.isWindow():
                widget.setAttribute(attribute)
            show(widget)

        self._widgets.QWidget.show = quietly

    def paint(self, canvas: Any, box: Any = None) -> None:
        # On a screen with larger pixels, boxes would have to be rounded.
        if box is None or canvas.device_pixel_ratio != 1:
            canvas.repaint()
        else:
            canvas.blit(box)

    def windows(self, managers: Sequence[Any]) -> int:
        # Not `topLevelWidgets`: pyqtgraph's menus are among these, and to wrap them all takes 60 us.
        return sum(window.isVisible() for window in self._widgets.QApplication.topLevelWindows())

    def run(self) -> None:
        self._app.exec()

    def quit(self) -> None:
        for notifier in self._notifiers:
            notifier.setEnabled(False)
        self._app.exit()

    def versions(self) -> dict[str, str]:
        return {**super().versions(), "qt": str(self._core.qVersion())}


class _Timer:
    """A timer for one call at a time, which is used again for the next.

    PySide6's ``QTimer.singleShot`` never lets go of what it called: 110 bytes a tick (6.11), which is 8 MB an hour in a
    viewer that only waits.

    Attributes
    ----------
    callback : callable or None
        What it will call; None: it is free.
    """

    def __init__(self, core: Any) -> None:
        self.callback: Callback | None = None
        self._timer = core.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setTimerType(core.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fire)  # which holds this weakly: somebody has to keep it

    def start(self, seconds: float, callback: Callback) -> None:
        """Call after so many seconds, rounded to milliseconds and at least one."""
        self.callback = callback
        self._timer.start(max(round(seconds * 1000), 1))

    def _fire(self) -> None:
        callback, self.callback = self.callback, None  # free first: the callback may want it at once
        if callback is not None:
            callback()


def _missing_libraries() -> str | None:
    """The system libraries that Qt's wheels expect and bare machines lack: without them Qt aborts."""
    if sys.platform != "linux" or not os.environ.get("DISPLAY"):
        return None
    missing = []
    for package, library in _LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return f"Qt needs system libraries: apt install {' '.join(missing)}" if missing else None


BACKEND = QtBackend
