"""``bench draw``, end to end: what reaches the screen of a real viewer, and what that costs a computation.

In: the backend. Out: frames per second of matplotlib with automatic drawing, and of the ready-made plotters
with and without ``prepare``, and of pyqtgraph's; how long the GUI is blocked under a flood of frames; how
much the viewer's memory grows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import asyncplot
from asyncplot import plotters
from asyncplot.plotters import qt

from .budgets import Figures
from .draw_cases import CASES, Case
from .loops import Loop, python
from .progress import counted, said
from .segments import slowdown

#: Frames are counted for ``_COUNTED`` s. A slow plotter is counted until it has drawn ``_ENOUGH``, at most
#: ``_AT_MOST`` s.
_COUNTED, _ENOUGH, _AT_MOST = 1.5, 3, 6.0

#: At the default budget: the time in which the budget recovers from the first large frame, s.
_SETTLED = 1.0

#: The length of a segment of a slowdown, s, and the number of segments of each kind. A segment has one large
#: frame or none.
_SEGMENT, _TRIPLES, _TRIPLES_QUICK = 0.25, 100, 4

#: The frames that are drawn before the memory is first measured; all frames; and the time limit for a
#: thousand of them, s.
_FIRST, _ALL, _ALL_QUICK, _AT_MOST_A_THOUSAND = 1000, 100_000, 3000, 60.0


class Plain:
    """What a user writes with matplotlib: the picture of the case, made once, and changed for each frame."""

    def __init__(self, case: str) -> None:
        self._name = case
        self._artists: list[Any] = []
        self._x: Any = None

    def update(self, values: Any) -> None:
        """Show the values of a line or an image."""
        case = CASES[self._name]
        if self._x is None:
            self._x = np.linspace(0.0, 1.0, len(values))
        frame = (values,) if case.image else (self._x, values)
        if self._artists:
            case.change(self._artists, frame)
        else:
            from matplotlib import pyplot

            self._artists = case.make(pyplot.figure(), frame)


class Turns(Plain):
    """Also notes when the GUI's loop runs a timer of 2 ms."""

    def __init__(self, case: str) -> None:
        super().__init__(case)
        self._turns: list[float] = []
        self._timer: Any = None

    def update(self, values: Any) -> None:
        """Show a frame, and start the timer."""
        super().update(values)
        if self._timer is None:
            self._timer = self._artists[0].figure.canvas.new_timer(interval=2)
            self._timer.add_callback(lambda: self._turns.append(time.monotonic()))
            self._timer.start()

    def gaps(self) -> tuple[float, float, float]:
        """The time between two runs of the timer since the last question, ms: median, 95th percentile, longest."""
        gaps = np.diff(self._turns) * 1e3
        self._turns.clear()
        return float(np.median(gaps)), float(np.percentile(gaps, 95.0)), float(gaps.max())


class Small:
    """A small picture, which is drawn quickly."""

    fps = 1000.0

    def __init__(self) -> None:
        self._line: Any = None

    def update(self, values: Any) -> None:
        """Show a wave."""
        from matplotlib import pyplot

        if self._line is None:
            _, axes = pyplot.subplots(figsize=(2.0, 1.5))
            (self._line,) = axes.plot(values)
            axes.set_ylim(-1.5, 1.5)
        self._line.set_ydata(values)


class Whole:
    """A ready-made plotter without its ``prepare``: all data are copied to the viewer, and reduced there."""

    def __init__(self, plotter: Any) -> None:
        self._plotter = plotter

    def update(self, values: Any) -> None:
        """Show a frame."""
        self._plotter.update(values)


class Live(NamedTuple):
    """One plotter with one case. ``beside``: whether the slowdown of a loop beside it is measured, too."""

    case: str
    kind: str
    make: Callable[[Case], Any]
    beside: bool = False


def _ready_made(case: Case) -> Any:
    return plotters.Image() if case.image else plotters.Lines("a")


def _whole(case: Case) -> Any:
    return Whole(_ready_made(case))


def _pyqtgraph(case: Case) -> Any:
    return qt.Image() if case.image else qt.Lines("a")


LIVE: tuple[Live, ...] = (
    *(Live(case, "plain", lambda case: Plain(case.name)) for case in CASES),
    *(
        Live(case, kind, make, beside)
        for case, beside in {"line_1e4_noise": False, "line_1e6_noise": True, "line_1e7_noise": True,
                             "image_2048": True}.items()
        for kind, make in {"ready_made": _ready_made, "whole": _whole}.items()
    ),
    *(
        Live(case, "pyqtgraph", _pyqtgraph)
        for case in ("line_1e4_smooth", "line_1e4_noise", "line_1e6_noise", "line_1e7_noise", "image_2048")
    ),
)  # fmt: skip


def rates(backend: str, only: set[str], *, quick: bool) -> Figures:
    """Frames per second by case and plotter, without a limit and at the default budget; a loop's slowdown."""
    found: Figures = {}
    for live in LIVE:
        if only and live.case not in only:
            continue
        try:
            figures = _rates(backend, live, quick=quick)
        except (asyncplot.AsyncplotError, OSError, AttributeError) as error:
            said(f"{live.case}, {live.kind}: not measured: {error}")
            found.setdefault("failed", {})[f"{live.case}/fps/{live.kind}"] = str(error)
            continue
        found.setdefault(live.case, {}).setdefault("fps", {})[live.kind] = figures
    return found


def _rates(backend: str, live: Live, *, quick: bool) -> Figures:
    case = CASES[live.case]
    values = case.values()
    with asyncplot.Server(live.make(case), backend=backend, max_overhead=1.0, required=True) as plot:
        _warm_up(plot, values)
        fps = _rate(plot, values, quick=quick)
        plot.check()
    if not fps:
        raise asyncplot.WaitTimeout(f"no frame was drawn in {_AT_MOST:g} s")
    said(f"{live.case}, {live.kind}: {fps:.3g} frames/s")
    figures: Figures = {"fps": fps, "frame_ms": 1e3 / fps}
    if not live.beside:
        return figures
    with asyncplot.Server(live.make(case), backend=backend, required=True) as plot:
        # Small frames: a flushed frame is charged to the budget, too, and a large one would delay the next.
        _warm_up(plot, [frame[-1] for frame in case._replace(size=min(case.size, 64)).frames()])
        _run(plot, values, perf_counter() + _SETTLED)
        figures["default_fps"] = _rate(plot, values, quick=quick)
        loop = Loop(python().step, values[0])
        lost = slowdown(
            f"{live.case}, {live.kind}", loop, plot, _TRIPLES_QUICK if quick else _TRIPLES, _SEGMENT
        )
        plot.check()
    return figures | {"slowdown_percent": lost.percent, "slowdown_ci_percent": list(lost.interval)}


def _warm_up(plot: asyncplot.Server, values: list[Any]) -> None:
    """Have the viewer make its windows, and what it makes with the first frames."""
    for number in range(_ENOUGH):
        plot.update(values[number % len(values)])
        if not plot.flush(60.0):
            raise asyncplot.WaitTimeout("a frame was not drawn in 60 s")
    plot.check()


def _run(plot: asyncplot.Server, values: list[Any], until: float) -> None:
    """A computation until this time: 0.1 ms of work, a call, and so on."""
    step, number = python().step, 0
    while perf_counter() < until:
        step()
        plot.update(values[number % len(values)])
        number += 1


def _rate(plot: asyncplot.Server, values: list[Any], *, quick: bool) -> float:
    """Frames per second that a viewer draws, counted from one drawn frame to another."""
    start = perf_counter()
    seen = [(start, plot.stats.drawn)]
    while True:
        now = perf_counter()
        _run(plot, values, now + 0.01)
        drawn = plot.stats.drawn
        if drawn != seen[-1][1]:
            seen.append((perf_counter(), drawn))
        frames = seen[-1][1] - seen[1][1] if len(seen) > 1 else 0
        if now - start > (_AT_MOST if frames < _ENOUGH else 0.3 if quick else _COUNTED):
            break
    if not frames:  # too few: there is none between two others
        return (drawn - seen[0][1]) / (now - start)
    return frames / (seen[-1][0] - seen[1][0])


def gaps(backend: str, *, quick: bool) -> Figures:
    """How long the GUI is blocked while frames come as fast as they can, ms."""
    case = CASES["line_1e4_smooth"]
    values = case.values()
    with asyncplot.Server(Turns(case.name), backend=backend, max_overhead=1.0, required=True) as plot:
        said("the GUI under a flood of frames")
        _warm_up(plot, values)
        plot.plotter.gaps()
        _run(plot, values, perf_counter() + (1.0 if quick else 5.0))
        median, p95, longest = plot.plotter.gaps()
        plot.check()
    return {"gui_gap_ms": {"p50": median, "p95": p95, "longest": longest}}


def memory(backend: str, *, quick: bool) -> Figures:
    """How much the viewer's memory grows from frame 1,000 to frame 100,000, MiB."""
    values = CASES["line_1e2_smooth"].values()
    frames = _ALL_QUICK if quick else _ALL
    with asyncplot.Server(Small, backend=backend, max_overhead=1.0, required=True) as plot:
        _warm_up(plot, values)
        _draw(plot, values, _FIRST)
        first = _resident(plot.viewers[0].pid)
        for thousand in counted(
            "memory, in thousands of frames", range(1, frames // _FIRST), frames // _FIRST - 1
        ):
            _draw(plot, values, (thousand + 1) * _FIRST)
        last = _resident(plot.viewers[0].pid)
        drawn = plot.stats.drawn
        plot.check()
    return {"memory": {"growth_MiB": last - first, "resident_MiB": last, "frames": drawn}}


def _draw(plot: asyncplot.Server, values: list[Any], frames: int) -> None:
    """Run until this many frames are drawn in all."""
    until = perf_counter() + _AT_MOST_A_THOUSAND
    while plot.stats.drawn < frames:
        _run(plot, values, perf_counter() + 0.01)
        if perf_counter() > until:
            raise asyncplot.WaitTimeout(f"{_FIRST} frames were not drawn in {_AT_MOST_A_THOUSAND:g} s")


def _resident(pid: int) -> float:
    """The resident memory of a process, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024.0
    raise OSError(f"/proc/{pid}/status does not say how much memory process {pid} uses")
