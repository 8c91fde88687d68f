"""Pictures of live windows: each demo and each example of the gallery is run and photographed.

In: the folder for the pictures, and the names (default: all). Out: PNG files. It uses the virtual display of
the tests, with its window manager, so that the window has its frame. For pages, see page_pictures.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import ImageGrab

from browsing import chromium
from conditions import wait_until
from page_pictures import SCENES, photograph_page, run_of
from virtual_display import virtual_display

#: Demo -> the number of frames that it draws before it is photographed.
FRAMES = {"vortices": 120, "training": 120}

#: The examples of the gallery.
GALLERY = Path(__file__).parent.parent / "docs" / "examples" / "gallery"

#: The frame that openbox puts around a window, pixels: left, top, right, bottom.
FRAME = (1, 22, 1, 5)


def photograph(demo: str, path: Path, display: str) -> None:
    """Run a demo until it has drawn enough frames, photograph its window, and end it as a Ctrl-C does."""
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


def photograph_example(script: Path, path: Path, display: str) -> None:
    """Run an example as a user does. When it waits for its window to be closed, photograph and close it."""
    process = subprocess.Popen([sys.executable, script], env={**os.environ, "ASYNCPLOT_BACKEND": "qt"})
    try:
        wait_until(lambda: windows() or process.poll() is not None, 60)
        wait_until(lambda: settled(process.pid), 120)
        wait_until(lambda: painted(display), 30)
        ImageGrab.grab(bbox=place(), xdisplay=display).save(path)
        subprocess.run(["wmctrl", "-ic", windows()[0].split()[0]], check=True)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
        wait_until(lambda: not windows(), 20)


def settled(pid: int) -> bool:
    """Whether a computation has no more frames. A large frame may keep the budget busy for 5 s, so its last one is older."""
    return any(10.0 < run.stats.age < 100.0 for run in run_of(pid))


def painted(display: str) -> bool:
    """Whether the window shows its contents: a new window is black for a moment."""
    picture = ImageGrab.grab(bbox=place(), xdisplay=display).convert("L")
    black = picture.histogram()[0] / (picture.width * picture.height)
    return black < 0.3 and ImageGrab.grab(bbox=place(), xdisplay=display).convert("L") == picture


def place() -> tuple[int, int, int, int]:
    """The place of the window with its frame: left, top, right, bottom. Of two, the wider: the other one has the knobs."""
    places = [list(map(int, line.split()[2:6])) for line in wait_until(windows, 5)]
    left, top, width, height = max(places, key=lambda each: each[2])
    left, top = left - FRAME[0], top - FRAME[1]  # wmctrl adds the frame twice
    return left - FRAME[0], top - FRAME[1], left + width + FRAME[2], top + height + FRAME[3]


def windows() -> list[str]:
    """The lines of ``wmctrl -lG``."""
    # wmctrl fails before there has been a window.
    return subprocess.run(["wmctrl", "-lG"], capture_output=True, text=True, check=False).stdout.splitlines()


def main(folder: Path, names: list[str]) -> None:
    """Make the pictures of these names, or all."""
    examples = [script.stem for script in sorted(GALLERY.glob("*.py"))]
    known = [*FRAMES, *examples, *SCENES]
    if unknown := set(names).difference(known):
        raise SystemExit(f"no picture has the name {', '.join(unknown)}; known: {', '.join(known)}")
    chosen = [name for name in known if name in (names or known)]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as runs:
        os.environ["ASYNCPLOT_RUNTIME_DIR"] = runs  # no other run is there
        if windowed := [name for name in chosen if name not in SCENES]:
            photograph_windows(windowed, folder)
        if pages := [name for name in chosen if name in SCENES]:
            photograph_pages(pages, folder)


def photograph_windows(names: list[str], folder: Path) -> None:
    """The demos and the examples of the gallery, on a display of their own."""
    with virtual_display() as display:
        os.environ["DISPLAY"] = display
        for name in names:
            path = folder / (f"{name}.png" if name in FRAMES else f"plotter-{name}.png")
            if name in FRAMES:
                photograph(name, path, display)
            else:
                photograph_example(GALLERY / f"{name}.py", path, display)
            print(path)


def photograph_pages(names: list[str], folder: Path) -> None:
    """The page, in one browser."""
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        for name in names:
            photograph_page(SCENES[name], folder / f"{name}.png", browser)
            print(folder / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
