"""Qt, by PySide6 or PyQt6: whichever matplotlib takes (``QT_API``, or what is imported already)."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import weakref
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ...log import logger
from . import platforms
from .choose import no_display
from .contract import INK, PAPER, WINDOWS_KEPT, Backend, Callback, Geometry

#: What asyncplot is tested with; and what ``QT_API`` may say, with the package that it means.
_BINDINGS = ("PySide6", "PyQt6")
_APIS = {"pyside6": "PySide6", "pyqt6": "PyQt6", "pyside2": "PySide2", "pyqt5": "PyQt5"}

#: Debian package -> library that Qt's X11 plugin is linked with.
_LIBRARIES = {
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libegl1": "libEGL.so.1",
}


#: The name of the label at the foot of a window.
_FOOT = "asyncplot-foot"


class QtBackend(Backend):
    """Ticks by QTimer, reads by QSocketNotifier."""

    name = "qt"
    matplotlib_backend = "qtagg"

    def __init__(self) -> None:
        self._notifiers: list[Any] = []
        self._timers: list[_Timer] = []
        self._stood: list[_Standing] = []
        self._to_be: list[Geometry | None] = []
        self._invisible = False

    @classmethod
    def unavailable(cls) -> str | None:
        if not any(importlib.util.find_spec(binding) for binding in _BINDINGS):
            return "neither PySide6 nor PyQt6 is installed: pip install asyncplot[qt]"
        if platforms.needs_no_display():
            return None
        return no_display() or _missing_libraries()

    def start(self) -> None:
        import matplotlib

        self.remark = _unset_unusable_binding()
        # Whatever binding matplotlib takes; it has no annotations that would say what is in there.
        qt: Any = import_module("matplotlib.backends.qt_compat")
        self._core, self._widgets = qt.QtCore, qt.QtWidgets
        platforms.check(self._core.QLibraryInfo)
        # Before any QSocketNotifier, which is silently dead otherwise. IPython may have made one.
        self._app = self._widgets.QApplication.instance() or self._widgets.QApplication(["asyncplot"])
        self._app.setQuitOnLastWindowClosed(False)
        platform = self._app.platformName()
        self._invisible = platform in platforms.INVISIBLE
        if self._invisible:
            self.remark = f"its windows are on no screen, as QT_QPA_PLATFORM is {platform}"
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
                self._place(widget)
            show(widget)

        self._widgets.QWidget.show = quietly

    def _place(self, widget: Any) -> None:
        """Put a window that appears for the first time where the one before stood; not a menu, nor a dialogue."""
        if len(self._stood) == WINDOWS_KEPT or widget.windowType() != self._core.Qt.WindowType.Window:
            return
        if any(each.widget() is widget for each in self._stood):
            return
        standing = _Standing(widget)
        place = self._to_be[len(self._stood)] if len(self._stood) < len(self._to_be) else None
        self._stood.append(standing)
        # A screen may have gone.
        if (
            place is not None
            and self._app.screenAt(self._core.QPoint(place.x + 20, place.y + 10)) is not None
        ):
            standing.put(place)

    def put(self, geometries: Sequence[Geometry | None]) -> None:
        self._to_be = list(geometries)

    def geometries(self) -> list[Geometry | None]:
        return [standing.look() for standing in self._stood]

    def paint(self, canvas: Any, box: Any = None) -> None:
        # On a screen with larger pixels, boxes would have to be rounded.
        if box is None or canvas.device_pixel_ratio != 1:
            canvas.repaint()
        else:
            canvas.blit(box)

    def say(self, managers: Sequence[Any], text: str) -> None:
        window_type = self._core.Qt.WindowType.Window  # and not menus and the like
        for window in self._widgets.QApplication.topLevelWidgets():
            if window.isVisible() and window.windowType() == window_type:
                self._say_in(window, text)

    def _say_in(self, window: Any, text: str) -> None:
        label = window.findChild(self._widgets.QLabel, _FOOT)
        if label is None and text:
            label = self._widgets.QLabel(window)
            label.setObjectName(_FOOT)
            label.setTextFormat(self._core.Qt.TextFormat.PlainText)
            label.setStyleSheet(f"background: {PAPER}; color: {INK}; padding: 2px")
            label.setAttribute(self._core.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if label is not None:
            label.setText(text)
            label.setVisible(bool(text))
            height = label.sizeHint().height()
            label.setGeometry(0, window.height() - height, window.width(), height)
            label.raise_()
            label.repaint()

    def windows(self, managers: Sequence[Any]) -> int:
        if self._invisible:
            return 0
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


class _Standing:
    """One window, and where it stood last.

    Attributes
    ----------
    widget : weakref
        The window.
    """

    def __init__(self, widget: Any) -> None:
        self.widget = weakref.ref(widget)
        self._own = widget.width(), widget.height()
        self._geometry: Geometry | None = None

    def put(self, geometry: Geometry) -> None:
        """Move it, and resize it unless it has another size of its own now, which its plotter was given."""
        widget: Any = self.widget()
        widget.move(geometry.x, geometry.y)
        if (geometry.own_width, geometry.own_height) == self._own:
            widget.resize(geometry.width, geometry.height)

    def look(self) -> Geometry | None:
        """Where it stands or stood."""
        widget: Any = self.widget()
        try:
            if widget is not None and widget.isVisible():
                corner = widget.pos()
                self._geometry = Geometry(corner.x(), corner.y(), widget.width(), widget.height(), *self._own)
        except RuntimeError:
            pass  # Qt has deleted it
        return self._geometry


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


def _unset_unusable_binding() -> str:
    """Have matplotlib take a binding that is there if ``QT_API`` names one that is not; says so in words then.

    Programs set that variable for themselves (Spyder), and it comes down to us with the environment.
    """
    name = os.environ.get("QT_API", "")
    binding = _APIS.get(name.lower())
    if not name or (binding is not None and importlib.util.find_spec(binding)):
        return ""
    if any(f"{loaded}.QtCore" in sys.modules for loaded in _APIS.values()):
        return ""  # matplotlib takes that one
    del os.environ["QT_API"]
    problem = f"{binding} is not installed" if binding else f"it is one of {', '.join(_APIS)}"
    remark = f"QT_API={name} is not followed: {problem}; unset it"
    logger.warning("%s", remark)
    return remark


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
