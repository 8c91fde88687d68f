"""One case of ``bench draw``, drawn in each way: ``python -m benchmarks.draw_ways CASE ROUNDS``.

Each case has its own process, because the loaded parts of matplotlib and the memory of one case would change
the other. It draws on the GUI thread, in real windows. In: the name of a case. Out: JSON on stdout: ms per
frame of each way.
"""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any, cast

import numpy as np

from asyncplot.viewer.backends.qt import QtBackend
from asyncplot.viewer.drawing import Figures

from .draw_cases import CASES, Case, Frame

#: A turn of one way takes about this long, s, and has at most this many frames.
_TURN, _MOST = 0.1, 20

#: This many frames with few numbers come first: automatic drawing needs some to find out what moves.
_BEFORE = 4


class Way:
    """One way to draw. ``show`` shows a frame, and returns when the window has it."""

    window: Any

    def show(self, frame: Frame) -> None:
        """Draw a frame."""
        raise NotImplementedError

    def pixels(self) -> Any:
        """The picture, if matplotlib draws it."""
        return None


class _Matplotlib(Way):
    def __init__(self, case: Case, frame: Frame) -> None:
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
        from matplotlib.figure import Figure

        self.case = case
        self.figure = Figure()
        # A manager that pyplot does not know, because `Figures` draws every figure of pyplot.
        self.canvas: Any = cast(Any, FigureCanvasQTAgg(self.figure))
        self.manager = FigureCanvasQTAgg.new_manager(self.figure, 1000 + id(self) % 1000)
        self.canvas = self.figure.canvas
        self.window = cast(Any, self.manager).window
        self.artists = case.make(self.figure, frame)

    def pixels(self) -> Any:
        return np.array(self.canvas.buffer_rgba())


class Clf(_Matplotlib):
    """Clear the figure, and plot again."""

    def show(self, frame: Frame) -> None:
        self.figure.clf()
        self.artists = self.case.make(self.figure, frame)
        self.canvas.draw()


class Draw(_Matplotlib):
    """Change the data, and draw the canvas."""

    def show(self, frame: Frame) -> None:
        self.case.change(self.artists, frame)
        self.canvas.draw()


class Hand(_Matplotlib):
    """Change the data, and blit, as matplotlib's documentation shows it."""

    def __init__(self, case: Case, frame: Frame) -> None:
        super().__init__(case, frame)
        for artist in self.artists:
            artist.set_animated(True)
        self._box = self.figure.bbox if len(self.artists) > 1 else self.artists[0].axes.bbox
        self._background: Any = None

    def show(self, frame: Frame) -> None:
        if self._background is None:
            for _ in range(_BEFORE):  # a layout changes during the first few draws
                self.canvas.draw()
            self._background = self.canvas.copy_from_bbox(self._box)
        self.case.change(self.artists, frame)
        self.canvas.restore_region(self._background)
        for artist in self.artists:
            artist.axes.draw_artist(artist)
        self.canvas.blit(self._box)


class Auto(Way):
    """Change the data. asyncplot's viewer draws."""

    def __init__(self, case: Case, frame: Frame, backend: QtBackend) -> None:
        from matplotlib import pyplot

        self._case = case
        self.figures = Figures(backend, blit=True)
        figure = pyplot.figure()
        self._canvas: Any = figure.canvas
        self.window = self._canvas.manager.window
        self._artists = case.make(figure, frame)

    def show(self, frame: Frame) -> None:
        self._case.change(self._artists, frame)
        self.figures.show_and_draw()

    def pixels(self) -> Any:
        return np.array(self._canvas.buffer_rgba())


class Pyqtgraph(Way):
    """The same picture with pyqtgraph."""

    def __init__(self, case: Case) -> None:
        import pyqtgraph as pg

        self._case = case
        self.window, self._items = case.make_pyqtgraph(pg)

    def show(self, frame: Frame) -> None:
        self._case.change_pyqtgraph(self._items, frame)


def measure(case: Case, rounds: int) -> dict[str, Any]:
    """Time the frames of each way, in short turns, in random order."""
    from matplotlib.backends.qt_compat import QtWidgets

    backend = QtBackend()
    backend.start()
    process_events: Callable[[], None] = cast(Any, QtWidgets).QApplication.processEvents
    frames = case.frames()
    few = case._replace(size=min(case.size, 64)).frames()
    ways: dict[str, Way] = {"clf": Clf(case, few[0]), "draw": Draw(case, few[0]), "hand": Hand(case, few[0])}
    ways["auto"] = automatic = Auto(case, few[0], backend)
    if not case.layout and importlib.util.find_spec("pyqtgraph"):
        ways["pyqtgraph"] = Pyqtgraph(case)
    for way in ways.values():
        way.window.show()
        for frame in few[:_BEFORE]:
            _time(way, frame, process_events)
    blitted = automatic.figures.counts.blitted
    times: dict[str, list[float]] = {name: [] for name in ways}
    turns = {name: _turn(_time(way, frames[0], process_events)) for name, way in ways.items()}
    order = random.Random(1)
    for _ in range(rounds):
        for name in order.sample(sorted(ways), len(ways)):
            way = ways[name]
            way.window.raise_()
            process_events()
            times[name] += [
                _time(way, frames[number % len(frames)], process_events) for number in range(turns[name])
            ]
    shown = rounds * turns["auto"] + 1
    found: dict[str, Any] = {"auto_blitted": (automatic.figures.counts.blitted - blitted) / shown}
    for name, seconds in times.items():
        low, middle, high = np.percentile(seconds, [10.0, 50.0, 90.0]) * 1e3
        found |= {f"{name}_ms": float(middle), f"{name}_spread_ms": [float(low), float(high)]}
    exact = _exactness(ways, frames[-1])
    found |= exact | {"auto_over_draw": _ratio(times["auto"], times["draw"])}
    if all(exact.values()):
        found["auto_over_hand"] = _ratio(times["auto"], times["hand"])
    return found


def _ratio(some: list[float], base: list[float]) -> dict[str, Any]:
    """The ratio of the medians, and its 95 % interval by resampling the frames."""
    drawn = np.random.default_rng(1)
    medians = [
        np.median(drawn.choice(times, (2000, len(times))), axis=1)
        for times in (np.array(some), np.array(base))
    ]
    low, high = np.percentile(medians[0] / medians[1], [2.5, 97.5])
    return {"ratio": float(np.median(some) / np.median(base)), "ci": [float(low), float(high)]}


def _time(way: Way, frame: Frame, process_events: Callable[[], None]) -> float:
    """How long a frame takes, s, until the window has it, with the work that it left to the GUI's loop."""
    start = perf_counter()
    way.show(frame)
    process_events()
    return perf_counter() - start


def _turn(seconds: float) -> int:
    """The number of frames in a turn."""
    return min(max(round(_TURN / seconds), 1), _MOST)


def _exactness(ways: dict[str, Way], frame: Frame) -> dict[str, bool]:
    """Whether each blit has exactly the pixels of a full draw."""
    for name in ("draw", "hand", "auto"):
        ways[name].show(frame)
    full = ways["draw"].pixels()
    return {f"{name}_exact": bool(np.array_equal(ways[name].pixels(), full)) for name in ("hand", "auto")}


if __name__ == "__main__":
    print(json.dumps(measure(CASES[sys.argv[1]], int(sys.argv[2]))))
