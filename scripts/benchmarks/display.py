"""Where the viewers show: a virtual X server of our own, else nowhere (offscreen).

Never the user's own screen: windows would pop up there, and its compositor would be measured, too.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

#: What would send the viewers, or the peers, elsewhere.
_ELSEWHERE = ("ASYNCPLOT", "ASYNCPLOT_BACKEND", "MPLBACKEND", "QT_QPA_PLATFORM", "WAYLAND_DISPLAY")


@contextmanager
def display() -> Iterator[str]:
    """Have ``DISPLAY`` lead to an Xvfb that lives as long as this; yields the backend to use."""
    for variable in _ELSEWHERE:
        os.environ.pop(variable, None)
    if shutil.which("Xvfb") is None or not any(map(importlib.util.find_spec, ("PySide6", "PyQt6"))):
        yield "offscreen"
        return
    # It chooses a free number itself, and writes it when it listens. `-noreset`: without it the server starts
    # anew whenever its last client has gone, and refuses who comes in that moment.
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
