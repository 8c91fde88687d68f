"""Which backend a viewer uses, and why. The reason is logged, and shown by ``asyncplot doctor``.

In this order: what was asked for; what the plotting interpreter chose (``ipython --pylab=qt``), or
``MPLBACKEND``, or matplotlib's configuration; what loads. One that cannot be used is passed over and the
reason says so: matplotlib itself would fall back to Agg without a word.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

from ...log import logger
from ...settings import BACKENDS
from .contract import Backend

_OF_MATPLOTLIB = {
    "qtagg": "qt",
    "qt5agg": "qt",
    "qtcairo": "qt",
    "tkagg": "tk",
    "tkcairo": "tk",
    "agg": "offscreen",
    "cairo": "offscreen",
    "svg": "offscreen",
    "pdf": "offscreen",
    "ps": "offscreen",
    "template": "offscreen",
}


def load(name: str) -> type[Backend]:
    """The class of a backend; its toolkit is not imported yet."""
    kind: type[Backend] = import_module(f".{name}", __package__).BACKEND
    return kind


def choose(asked: str | None) -> tuple[type[Backend], str]:
    """The backend to use, and why.

    Parameters
    ----------
    asked : str or None
        What the keyword ``backend`` or ``ASYNCPLOT_BACKEND`` says.
    """
    passed_over: list[str] = []
    if asked is not None:
        if kind := _usable(asked, passed_over):
            return kind, "it was asked for"
    elif chosen := _chosen_by_matplotlib():
        word, name = chosen
        if name in BACKENDS:
            if kind := _usable(name, passed_over):
                return kind, f"matplotlib was set to {word}"
        else:
            passed_over.append(f"{word}: asyncplot has no backend for it yet")
    for name in BACKENDS:
        if not any(reason.startswith(f"{name}:") for reason in passed_over) and (
            kind := _usable(name, passed_over)
        ):
            break
    else:
        kind = load("offscreen")
    reason = "; ".join(passed_over) or "it loads"
    if kind.name == "offscreen":
        logger.warning("no window is shown (%s); save='picture.png' keeps the last picture", reason)
    elif asked is not None:
        logger.warning("backend %s is used instead of %s (%s)", kind.name, asked, reason)
    return kind, reason


def _usable(name: str, passed_over: list[str]) -> type[Backend] | None:
    kind = load(name)
    why_not = kind.unavailable()
    if why_not is None:
        return kind
    passed_over.append(f"{name}: {why_not}")
    return None


def _chosen_by_matplotlib() -> tuple[str, str] | None:
    """What matplotlib is set to, and our name for it; None where that is left open."""
    import matplotlib

    word = matplotlib.get_backend(auto_select=False)
    if not word:
        return None
    return word, _OF_MATPLOTLIB.get(word.lower(), word)


def no_display() -> str | None:
    """Why no window can be opened here and what to do, or None if one can."""
    if sys.platform == "darwin":
        return None
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return "neither DISPLAY nor WAYLAND_DISPLAY is set: log in with `ssh -X`, or start Xvfb"
    # A Qt that cannot connect aborts the process, so this must be known before.
    from matplotlib import _c_internal_utils

    if not _c_internal_utils.display_is_valid():
        return f"DISPLAY={os.environ.get('DISPLAY')!r} cannot be opened: is that X server running?"
    return None
