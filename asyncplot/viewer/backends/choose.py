"""Chooses the backend of a viewer, and starts it. The reason is logged, and `Server.viewers` shows it. GUI thread.

In: the backend that was asked for, and matplotlib's own setting. Out: the backend that was started, and why.

The first one of these that can be used is taken: the backend that was asked for; the one that the plotting interpreter
(``ipython --pylab=qt``), ``MPLBACKEND`` or matplotlib's configuration names; then the backends in the order of
``settings.BACKENDS``, without macOS's own on other systems. If one cannot be used, the reason says why (matplotlib itself would
use Agg and say nothing). A setting
of matplotlib's without windows (many batch scripts say ``MPLBACKEND=Agg``) is meant for pictures that the computation makes
itself. It does not choose a backend here.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

from ...errors import ViewerError
from ...log import logger
from ...settings import BACKENDS
from .contract import Backend

#: Our backends, by the names of matplotlib's.
_WINDOWS = {
    "webagg": "web",
    "qtagg": "qt",
    "qt5agg": "qt",
    "qtcairo": "qt",
    "qt5cairo": "qt",
    "tkagg": "tk",
    "tkcairo": "tk",
    "gtk3agg": "gtk",
    "gtk3cairo": "gtk",
    "gtk4agg": "gtk",
    "gtk4cairo": "gtk",
    "wxagg": "wx",
    "wxcairo": "wx",
    "wx": "wx",
    "macosx": "macosx",
    "osx": "macosx",
}
_WITHOUT_WINDOWS = {"agg", "cairo", "pdf", "pgf", "ps", "svg", "template", "inline"}

#: In the reason if a toolkit is installed and fails. Its user wants to know, unlike of one that is not installed.
_BROKEN = "it cannot be started"

#: Said together with a window that may not be wanted.
_NO_WINDOW = "backend='offscreen' or ASYNCPLOT_BACKEND=offscreen shows none"


def load(name: str) -> type[Backend]:
    """The class of a backend; its toolkit is not imported yet."""
    kind: type[Backend] = import_module(f".{name}", __package__).BACKEND
    return kind


def choose(asked: str | None) -> tuple[Backend, str]:
    """Start the backend to use, and say why it is this one.

    Parameters
    ----------
    asked : str or None
        The keyword ``backend``, or ``ASYNCPLOT_BACKEND``.

    Raises
    ------
    ViewerError
        If none can be started. The message has the reason of each.
    """
    passed_over: list[str] = []
    word = _word_of_matplotlib()  # always: it also imports matplotlib safely
    source, first = "it was asked for", asked
    if asked is None and word:
        source, first = f"matplotlib was set to {word}", of_matplotlib(word, passed_over)
    if first is not None:
        label = first if asked else f"{first} (matplotlib was set to {word})"
        if backend := _started(first, label, passed_over):
            return backend, _reason([source], backend)
    for name in BACKENDS:
        if name == first or (name == "macosx" and sys.platform != "darwin"):
            continue
        if backend := _started(name, name, passed_over):
            break
    else:
        # Offscreen needs no display and no package, but it needs some descriptors.
        raise ViewerError(f"no backend can be started: {'; '.join(passed_over)}")
    reason = _reason(passed_over or ["it loads"], backend)
    if backend.name == "offscreen":
        logger.warning("no window is shown (%s); save='picture.png' keeps the last picture", reason)
    elif asked is not None:
        logger.warning("backend %s is used instead of %s (%s)", backend.name, asked, reason)
    elif backend.name != "web" and (word or _BROKEN in reason):  # a web viewer says itself where its page is
        logger.warning("a window of backend %s is shown (%s); %s", backend.name, reason, _NO_WINDOW)
    return backend, reason


def _started(name: str, label: str, passed_over: list[str]) -> Backend | None:
    """The backend, started. If it cannot be used: None, and ``passed_over`` gets the label and the reason."""
    kind = load(name)
    why_not = kind.unavailable()
    if why_not is None:
        backend = kind()
        try:
            backend.start()
        except Exception as error:  # noqa: BLE001 (toolkits raise what they like when they cannot start)
            backend.hooks.undo()
            why_not = f"{_BROKEN} ({type(error).__name__}: {error})"
        else:
            return backend
    end = f": {why_not}"
    for index, said in enumerate(passed_over):
        if said.endswith(end):  # no display, for example: said once for all
            passed_over[index] = f"{said.removesuffix(end)}, {label}{end}"
            return None
    passed_over.append(label + end)
    return None


def _reason(parts: list[str], backend: Backend) -> str:
    return "; ".join([*parts, backend.remark] if backend.remark else parts)


def _word_of_matplotlib() -> str:
    """The backend that matplotlib is set to; empty if that is open."""
    if word := import_matplotlib():
        return word
    import matplotlib

    return str(matplotlib.get_backend(auto_select=False) or "")


def import_matplotlib() -> str:
    """Import matplotlib without ``MPLBACKEND``, and return that: a name that matplotlib does not know is an error."""
    if "matplotlib" in sys.modules:
        return ""
    word = os.environ.pop("MPLBACKEND", "")
    import_module("matplotlib")
    if word:
        os.environ["MPLBACKEND"] = word  # for processes that the plotter starts
    return word


def of_matplotlib(word: str, passed_over: list[str]) -> str | None:
    """Our name for a backend of matplotlib. If we have none: None, and ``passed_over`` gets the reason."""
    name = word.lower()
    if name in _WINDOWS:
        return _WINDOWS[name]
    if name in _WITHOUT_WINDOWS or name.endswith("inline"):
        passed_over.append(f"{word}, which matplotlib was set to, has no windows and is no choice of one")
    else:
        passed_over.append(f"{word}, which matplotlib was set to, is no backend that asyncplot has")
    return None


def no_display() -> str | None:
    """Why no window can be opened here, and what to do about that; None if one can."""
    if sys.platform == "darwin":
        return None
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return "neither DISPLAY nor WAYLAND_DISPLAY is set: log in with `ssh -X`, or start Xvfb"
    # A Qt that cannot connect to the display aborts the process, so we must know before.
    import_matplotlib()
    from matplotlib import _c_internal_utils

    if not _c_internal_utils.display_is_valid():
        return f"DISPLAY={os.environ.get('DISPLAY')!r} cannot be opened: is that X server running?"
    return None
