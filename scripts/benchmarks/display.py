"""The display of the viewers: our own virtual X server, else none (offscreen).

It is never the user's own screen: windows would open there, and the desktop's compositor would be measured,
too.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

#: Variables that would make viewers or peers use another display.
_ELSEWHERE = ("ASYNCPLOT", "ASYNCPLOT_BACKEND", "MPLBACKEND", "QT_QPA_PLATFORM", "WAYLAND_DISPLAY")


@contextmanager
def display() -> Iterator[str]:
    """Set ``DISPLAY`` to an Xvfb that lives as long as this context. Yields the backend to use."""
    for variable in _ELSEWHERE:
        os.environ.pop(variable, None)
    if shutil.which("Xvfb") is None or not any(map(importlib.util.find_spec, ("PySide6", "PyQt6"))):
        yield "offscreen"
        return
    # Xvfb chooses a free number itself, and writes it when it listens. Without `-noreset`, the server
    # restarts whenever its last client has gone, and refuses new clients while it does.
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1280x1024x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL, start_new_session=True)
    os.close(writing)
    try:
        with os.fdopen(reading) as stream:
            number = stream.readline().strip()
        if not number:
            raise SystemExit(
                f"{' '.join(command)} ended before it showed anything: exit code {server.wait()}"
            )
        os.environ["DISPLAY"] = f":{number}"
        yield "qt"
    finally:
        server.terminate()
        server.wait()
