"""Plotters for the tests of the relay; and arrays that carry their own checksum."""

from __future__ import annotations

import os
import socket
from typing import Any

import numpy as np


def overwrite(array: np.ndarray, number: int) -> None:
    """Make ``array`` frame ``number``: each element depends on it, the last one on all."""
    array[:-1] = np.uint64(number * 2654435761 % (1 << 32))
    array[0] = number
    array[-1] = array[:-1].sum()


def is_whole(array: np.ndarray) -> bool:
    """Whether this is one frame, and not parts of two."""
    return bool(array[:-1].sum() == array[-1] and (array[1:-1] == array[1]).all())


class Checked:
    """Counts the frames that are torn, or older than the one before."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        self.fig, self.ax = plt.subplots()
        self.newest = self.torn = self.backwards = 0

    def update(self, array: np.ndarray, number: int) -> tuple[int, int, int]:
        self.torn += not is_whole(array) or int(array[0]) != number
        self.backwards += number <= self.newest
        self.newest = number
        return self.newest, self.torn, self.backwards

    def state(self) -> tuple[int, int, int]:
        """Newest frame, torn ones, ones that came too late."""
        return self.newest, self.torn, self.backwards


class Moody:
    """Raises on each negative value; draws in a figure; knows where it is."""

    def __init__(self) -> None:
        from matplotlib import pyplot as plt

        self.fig, self.ax = plt.subplots()
        self.seen: list[Any] = []
        self.data = np.arange(1000.0)

    def update(self, value: Any = None) -> Any:
        if isinstance(value, int) and value < 0:
            raise ValueError(f"no, not {value}")
        self.seen.append(value)
        return value

    def second(self, value: Any) -> Any:
        """A lane of its own."""
        return ["second", value]

    def where(self) -> tuple[str, int]:
        """The host's name, and the process."""
        return socket.gethostname(), os.getpid()

    def total(self, array: np.ndarray) -> float:
        """The sum of an array that came by a request."""
        return float(array.sum())
