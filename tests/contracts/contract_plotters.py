"""Plotters for the contract tests. The viewer imports this file by name, so it imports little."""

from __future__ import annotations

import pickle
import time
from pathlib import Path
from typing import Any


class Echo:
    """Returns its first argument, so that a pending result shows which frame arrived."""

    def update(self, value: Any = None, *_: Any) -> Any:
        return value

    second = update  # another lane


class Blocking:
    """Does not return from a frame until its folder has the file ``go``."""

    def update(self, folder: Path, value: Any = None, *_: Any) -> Any:
        (folder / "entered").touch()
        while not (folder / "go").exists():
            time.sleep(0.005)
        return value


class Endless:
    """Never returns from a frame."""

    def update(self, folder: Path, *_: Any) -> None:
        (folder / "entered").touch()
        while True:
            pass


class Moody:
    """Raises on every third frame, and counts the frames that it got."""

    def __init__(self) -> None:
        self.got = self.refused = 0

    def update(self, value: int, *_: Any) -> int:
        self.got += 1
        if value % 3 == 0:
            self.refused += 1
            raise ValueError(f"no, not {value}")
        return value


class Keep:
    """Writes each frame's arguments to a file, as they arrived."""

    def update(self, path: str, *args: Any, **kwargs: Any) -> None:
        Path(path).write_bytes(pickle.dumps((args, kwargs), protocol=5))


def titled(title: str) -> Any:
    """A factory of a plotter whose window has this title."""

    class Window:
        def __init__(self) -> None:
            from matplotlib import pyplot

            figure, axes = pyplot.subplots(figsize=(3, 2))
            figure.canvas.manager.set_window_title(title)
            (self.line,) = axes.plot([0, 1])

        def update(self, value: Any = 0, *_: Any) -> Any:
            self.line.set_ydata([0.0, value % 10 / 10])
            return value

    return Window
