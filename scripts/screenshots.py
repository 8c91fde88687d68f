"""Pictures of live windows: each demo runs under a virtual display, and its window is photographed.

In: the folder for the pictures. It uses the virtual display of the tests, with its window manager, so
that the window has its frame.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PIL import ImageGrab

from conditions import wait_until
from virtual_display import virtual_display

#: Demo -> how many of its pictures must have been drawn before it is photographed.
FRAMES = {"vortices": 120, "training": 40}

#: What openbox puts around a window, pixels: left, top, right, bottom.
FRAME = (1, 22, 1, 5)


def photograph(demo: str, path: Path, display: str) -> None:
    """Run a demo until it has drawn enough, photograph its window, and end it as Ctrl-C would."""
    from asyncplot import Server
    from asyncplot.demos import load, runner

    photographed = False

    def look(_: str) -> None:
        nonlocal photographed
        if plots and plots[0].stats.drawn >= FRAMES[demo] and not photographed:
            photographed = True
            ImageGrab.grab(bbox=place(), xdisplay=display).save(path)
            raise KeyboardInterrupt

    plots: list[Server] = []
    real = runner.Server

    def observed(*args: object, **options: object) -> Server:
        plots.append(real(*args, **options))
        return plots[0]

    runner.Server = observed
    try:
        runner.run(load(demo).Demo(), 300.0, look, name=demo, backend="qt", max_overhead=0.05)
    finally:
        runner.Server = real
    if not photographed:
        raise SystemExit(f"{demo} drew fewer than {FRAMES[demo]} pictures")


def place() -> tuple[int, int, int, int]:
    """Where the one window is, its frame included: left, top, right, bottom."""
    wait_until(lambda: len(windows()) == 1, 5)
    left, top, width, height = (int(word) for word in windows()[0].split()[2:6])
    left, top = left - FRAME[0], top - FRAME[1]  # wmctrl adds the frame once too often
    return left - FRAME[0], top - FRAME[1], left + width + FRAME[2], top + height + FRAME[3]


def windows() -> list[str]:
    """The lines of ``wmctrl -lG``."""
    return subprocess.run(["wmctrl", "-lG"], capture_output=True, text=True, check=True).stdout.splitlines()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with virtual_display() as name:
        os.environ["DISPLAY"] = name
        for each in FRAMES:
            photograph(each, folder / f"{each}.png", name)
            print(folder / f"{each}.png")
