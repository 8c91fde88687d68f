"""Qt, by PySide6 or PyQt6: the one that matplotlib takes (``QT_API``, or what is imported already). GUI thread."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ...log import logger
from ..boxes import Box
from . import platforms
from .choose import no_display
from .contract import INK, PAPER, Backend, Callback, bbox_around
from .standing import Geometry, Standing, StandingWindows

#: The bindings that asyncplot is tested with; and the values of ``QT_API``, with the package that each means.
_BINDINGS = ("PySide6", "PyQt6")
_APIS = {"pyside6": "PySide6", "pyqt6": "PyQt6", "pyside2": "PySide2", "pyqt5": "PyQt5"}

#: Debian package -> the library in it that Qt's X11 plugin needs.
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
    """Ticks with QTimer, and reads with QSocketNotifier."""

    name = "qt"
    matplotlib_backend = "qtagg"

    def __init__(self) -> None:
        super().__init__()
        self._notifiers: list[Any] = []
        self._timers: list[_Timer] = []
        self.standing = StandingWindows(lambda widget: _StandingWidget(widget, self._app, self._core))
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
        # The binding that matplotlib takes. (`Any`, because it has no annotations.)
        qt: Any = import_module("matplotlib.backends.qt_compat")
        self._core, self._widgets = qt.QtCore, qt.QtWidgets
        platforms.check(self._core.QLibraryInfo)
        # Made before any QSocketNotifier, which would never fire otherwise. IPython may have made one already.
        self._app = self._widgets.QApplication.instance() or self._widgets.QApplication(["asyncplot"])
        self._app.setQuitOnLastWindowClosed(False)
        platform = self._app.platformName()
        self._invisible = platform in platforms.INVISIBLE
        if self._invisible:
            self.remark = f"its windows are on no screen, as QT_QPA_PLATFORM is {platform}"
        # After the application, which matplotlib looks for where no display is (QT_QPA_PLATFORM=offscreen).
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
        """Have each window appear without the focus, whoever shows it: `pyplot.ion`, pyqtgraph.

        The method of the class is replaced: Qt has no signal before a window is shown, and no setting for all windows.
        """
        attribute = self._core.Qt.WidgetAttribute.WA_ShowWithoutActivating
        show = self._widgets.QWidget.show

        def quietly(widget: Any) -> None:
            if widget.isWindow():
                widget.setAttribute(attribute)
                self._place(widget)
            show(widget)

        self.hooks.replace(self._widgets.QWidget, "show", quietly)

    def _place(self, widget: Any) -> None:
        """Put a window where an earlier viewer's window stood. Menus and dialogues stay where they are."""
        if widget.windowType() == self._core.Qt.WindowType.Window:
            self.standing.appears(widget)

    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        # With another pixel ratio, boxes would have to be rounded to Qt's pixels.
        if boxes is None or canvas.device_pixel_ratio != 1:
            canvas.repaint()
        else:
            canvas.blit(bbox_around(boxes))

    def say(self, managers: Sequence[Any], text: str) -> None:
        window_type = self._core.Qt.WindowType.Window  # not menus and the like
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
        # Not `topLevelWidgets`: they include pyqtgraph's menus, and wrapping all of these takes 60 us.
        return sum(window.isVisible() for window in self._widgets.QApplication.topLevelWindows())

    def run(self) -> None:
        self._app.exec()

    def quit(self) -> None:
        for notifier in self._notifiers:
            notifier.setEnabled(False)
        self._app.exit()

    def versions(self) -> dict[str, str]:
        return {**super().versions(), "qt": str(self._core.qVersion())}


class _StandingWidget(Standing):
    """One window of Qt's."""

    def __init__(self, widget: Any, app: Any, core: Any) -> None:
        super().__init__(widget, (widget.width(), widget.height()))
        self._app = app
        self._core = core

    def is_on_a_screen(self, place: Geometry) -> bool:
        return self._app.screenAt(self._core.QPoint(place.x + 20, place.y + 10)) is not None

    def move(self, window: Any, place: Geometry, *, resize: bool) -> None:
        window.move(place.x, place.y)
        if resize:
            window.resize(place.width, place.height)

    def measured(self, window: Any) -> tuple[int, int, int, int] | None:
        try:
            if window.isVisible():
                corner = window.pos()
                return corner.x(), corner.y(), window.width(), window.height()
        except RuntimeError:
            pass  # Qt has deleted it
        return None


class _Timer:
    """A timer for one call at a time. It is used again for the next call.

    PySide6's ``QTimer.singleShot`` never releases what it called: 110 bytes a tick (6.11), which is 8 MB an hour in a
    viewer that only waits.

    Attributes
    ----------
    callback : callable or None
        What it will call; None if it is free.
    """

    def __init__(self, core: Any) -> None:
        self.callback: Callback | None = None
        self._timer = core.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setTimerType(core.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fire)  # holds this object weakly: somebody has to keep it

    def start(self, seconds: float, callback: Callback) -> None:
        """Call after so many seconds, rounded to whole milliseconds, at least one."""
        self.callback = callback
        self._timer.start(max(round(seconds * 1000), 1))

    def _fire(self) -> None:
        callback, self.callback = self.callback, None  # free first: the callback may use it again
        if callback is not None:
            callback()


def _unset_unusable_binding() -> str:
    """If ``QT_API`` names a binding that is not installed, unset it, and return a remark about that; else empty.

    Some programs set that variable for themselves (Spyder), and a viewer started there inherits it.
    """
    name = os.environ.get("QT_API", "")
    binding = _APIS.get(name.lower())
    if not name or (binding is not None and importlib.util.find_spec(binding)):
        return ""
    if any(f"{loaded}.QtCore" in sys.modules for loaded in _APIS.values()):
        return ""  # matplotlib takes the one that is imported
    del os.environ["QT_API"]
    problem = f"{binding} is not installed" if binding else f"it is one of {', '.join(_APIS)}"
    remark = f"QT_API={name} is not followed: {problem}; unset it"
    logger.warning("%s", remark)
    return remark


def _missing_libraries() -> str | None:
    """Which system libraries are missing that Qt's wheels need; None if none. Without them Qt aborts."""
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
