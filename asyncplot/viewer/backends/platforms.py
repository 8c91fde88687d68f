"""Checks ``QT_QPA_PLATFORM``, which tells Qt where to show windows, before Qt reads it and perhaps aborts. GUI thread.

In: the variable, and the platforms that this Qt has. Out: whether a display is needed, or why Qt cannot start.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...errors import ConfigurationError

#: Platforms whose windows nobody sees. (A user may connect to ``vnc``, so its windows count.)
INVISIBLE = {"offscreen", "minimal", "minimalegl"}

#: Platforms that need a display server, with the variable that says where it is.
_SERVERS = {"xcb": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}


def needs_no_display() -> bool:
    """Whether the first platform that was asked for needs no display."""
    return any(name in {*INVISIBLE, "vnc"} for name in _asked()[:1])


def check(library: Any) -> None:
    """Make sure that Qt can start on one of the platforms that were asked for.

    Parameters
    ----------
    library : type
        ``QLibraryInfo``, of any binding.

    Raises
    ------
    ConfigurationError
        If it cannot. Qt itself would abort the process.
    """
    problems = []
    for name in _asked():
        family = name.partition("-")[0]
        variable = _SERVERS.get(family)
        if not _is_there(family, library):
            problems.append(f"this Qt has no platform {name}; it has {', '.join(_plugins(library))}")
        elif variable is not None and not os.environ.get(variable):
            problems.append(f"{name} needs {variable}, which is not set")
        else:
            return
    if problems:
        raise ConfigurationError(
            f"QT_QPA_PLATFORM={os.environ['QT_QPA_PLATFORM']}: {'; '.join(problems)}; unset it"
        )


def _asked() -> list[str]:
    """The platforms in the variable, without their options. Qt tries them in this order."""
    words = os.environ.get("QT_QPA_PLATFORM", "").split(";")
    return [word.partition(":")[0] for word in words if word]


def _is_there(family: str, library: Any) -> bool:
    # A plugin may have several names: wayland-generic is wayland, too.
    return any(plugin.partition("-")[0] == family for plugin in _plugins(library))


def _plugins(library: Any) -> list[str]:
    places = [str(library.path(library.LibraryPath.PluginsPath)) + "/platforms"]
    places += filter(None, os.environ.get("QT_QPA_PLATFORM_PLUGIN_PATH", "").split(os.pathsep))
    files = {file.stem for place in places if Path(place).is_dir() for file in Path(place).iterdir()}
    return sorted(name.removeprefix("lib").removeprefix("q") for name in files)
