"""The screen as the user sees it: windows, pixels, the focus, clicks. Uses X's own tools."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from PIL import ImageGrab

from conditions import missing, wait_until

#: A window of another program. It prints a line when it has the focus.
_OTHER_PROGRAM = """
import tkinter
root = tkinter.Tk()
root.title("other work")
root.geometry("300x200+600+600")
tkinter.Entry(root).pack()
root.mainloop()
"""


class Window(NamedTuple):
    """One window that the window manager knows."""

    id: int
    title: str


def tool(*words: str) -> str:
    """Run one of X's tools, and return its output; empty if there is none."""
    if shutil.which(words[0]) is None:
        missing(f"no {words[0]} here, which window tests need")
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=20).stdout.strip()


def windows() -> list[Window]:
    """All windows on the screen."""
    lines = [line.split(None, 3) for line in tool("wmctrl", "-l").splitlines()]
    return [Window(int(words[0], 16), words[3] if len(words) > 3 else "") for words in lines]


def window(title: str) -> Window:
    """The window with this title. Waits until it is there."""
    return wait_until(
        lambda: next((each for each in windows() if each.title == title), None), 20, what=f"window {title!r}"
    )


def close(title: str) -> None:
    """Close a window as the user does."""
    tool("wmctrl", "-i", "-c", hex(window(title).id))


def pixels() -> np.ndarray:
    """The screen: rows of columns of red, green and blue."""
    return np.asarray(ImageGrab.grab(xdisplay=""))[..., :3].astype(int)


def area(red: int, green: int, blue: int) -> int:
    """The number of pixels of the screen that have this colour."""
    return int((np.abs(pixels() - (red, green, blue)).max(axis=-1) <= 2).sum())


def focus() -> str:
    """The title of the window that has the keyboard's focus, from the X server."""
    return tool("xdotool", "getwindowfocus", "getwindowname")


def active() -> int:
    """The window that the window manager calls active."""
    word = tool("xdotool", "getactivewindow")
    return int(word) if word else 0


def click(title: str) -> None:
    """Click into the middle of a window."""
    tool("xdotool", "mousemove", "--window", str(window(title).id), "150", "100", "click", "1")


@contextmanager
def other_program() -> Iterator[str]:
    """Another program, in whose window the user works. Gives the window's title when it has the focus."""
    with subprocess.Popen([sys.executable, "-c", _OTHER_PROGRAM], stdin=subprocess.DEVNULL) as process:
        try:
            title = "other work"
            tool("wmctrl", "-i", "-a", hex(window(title).id))
            wait_until(lambda: active() == window(title).id and focus() == title, what="the focus")
            yield title
        finally:
            process.kill()
