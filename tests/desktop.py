"""The screen as its user sees it: windows, their pixels, the focus, clicks. All through X's own tools."""

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

#: A window of somebody else's program: it says its line when it has the focus.
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
    """Run one of X's tools, and return what it says; empty if it had nothing to say."""
    if shutil.which(words[0]) is None:
        missing(f"no {words[0]} here, which window tests need")
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=20).stdout.strip()


def windows() -> list[Window]:
    """All windows on the screen."""
    lines = [line.split(None, 3) for line in tool("wmctrl", "-l").splitlines()]
    return [Window(int(words[0], 16), words[3] if len(words) > 3 else "") for words in lines]


def window(title: str) -> Window:
    """The window with this title, as soon as it is there."""
    return wait_until(
        lambda: next((each for each in windows() if each.title == title), None), 20, what=f"window {title!r}"
    )


def close(title: str) -> None:
    """Close a window as its user does."""
    tool("wmctrl", "-i", "-c", hex(window(title).id))


def pixels() -> np.ndarray:
    """The screen: rows of columns of red, green and blue."""
    return np.asarray(ImageGrab.grab(xdisplay=""))[..., :3].astype(int)


def area(red: int, green: int, blue: int) -> int:
    """How many pixels of the screen have this colour."""
    return int((np.abs(pixels() - (red, green, blue)).max(axis=-1) <= 2).sum())


def focus() -> str:
    """The title of the window that has the keyboard's focus, by the X server's word."""
    return tool("xdotool", "getwindowfocus", "getwindowname")


def active() -> int:
    """The window that the window manager holds for the active one."""
    word = tool("xdotool", "getactivewindow")
    return int(word) if word else 0


def click(title: str) -> None:
    """Click into the middle of a window."""
    tool("xdotool", "mousemove", "--window", str(window(title).id), "150", "100", "click", "1")


@contextmanager
def other_program() -> Iterator[str]:
    """A program in whose window the user works; gives the window's title, once it has the focus."""
    with subprocess.Popen([sys.executable, "-c", _OTHER_PROGRAM], stdin=subprocess.DEVNULL) as process:
        try:
            title = "other work"
            tool("wmctrl", "-i", "-a", hex(window(title).id))
            wait_until(lambda: active() == window(title).id and focus() == title, what="the focus")
            yield title
        finally:
            process.kill()
