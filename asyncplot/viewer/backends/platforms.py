"""What ``QT_QPA_PLATFORM`` tells Qt: on what it shows windows. Looked at before Qt does, which aborts where it cannot.

In: the variable, and which platforms this Qt has; out: whether a display is needed, or why Qt cannot start.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...errors import ConfigurationError

#: Platforms that show nothing to anybody. A user may connect to ``vnc``, so the windows there count.
INVISIBLE = {"offscreen", "minimal", "minimalegl"}

#: Platforms that need a server, with the variable that says where it is.
_SERVERS = {"xcb": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}


def needs_no_display() -> bool:
    """Whether the platform that was asked for first can do without a display."""
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
        If it cannot; Qt itself would abort the process.
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
    """The platforms in the variable, which are tried in this order, without their options."""
    words = os.environ.get("QT_QPA_PLATFORM", "").split(";")
    return [word.partition(":")[0] for word in words if word]


def _is_there(family: str, library: Any) -> bool:
    # One plugin may have several names: wayland-generic is wayland.
    return any(plugin.partition("-")[0] == family for plugin in _plugins(library))


def _plugins(library: Any) -> list[str]:
    places = [str(library.path(library.LibraryPath.PluginsPath)) + "/platforms"]
    places += filter(None, os.environ.get("QT_QPA_PLATFORM_PLUGIN_PATH", "").split(os.pathsep))
    files = {file.stem for place in places if Path(place).is_dir() for file in Path(place).iterdir()}
    return sorted(name.removeprefix("lib").removeprefix("q") for name in files)
