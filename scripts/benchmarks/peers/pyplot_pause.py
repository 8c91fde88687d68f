"""A loop with ``plt.pause``: nothing is handed over, the computation draws itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl

from ..plotters import Line

WHAT = "matplotlib, set_data and plt.pause(0.001)"


@contextmanager
def hand_over(backend: str) -> Iterator[Callable[[Any], Any]]:
    """Open a window in this process."""
    mpl.use("qtagg" if backend == "qt" else "agg")
    from matplotlib import pyplot as plt

    line = Line()
    plt.ion()

    def call(array: Any) -> None:
        line.update(array)
        if backend != "qt":
            line.figure.canvas.draw()  # `pause` does nothing without a window
        plt.pause(0.001)

    yield call
