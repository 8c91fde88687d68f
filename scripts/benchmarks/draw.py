"""``bench draw``: what a picture costs, drawn in five ways, and how many frames a second reach the screen.

In: the backend and the cases. Out: figures, and their tables. Matplotlib and pyqtgraph draw in real Qt
windows, in one process for each case (`draw_ways`). The rest is measured from a computation to a real viewer
(`draw_live`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from . import draw_live
from .budgets import Budgets, Figures
from .draw_cases import CASES
from .progress import said
from .tables import number

ROUNDS, FEW_ROUNDS, QUICK_ROUNDS = 4, 3, 1

#: Pictures with this many numbers or more get few rounds.
_MANY = 8_000_000

WAYS = ("clf", "draw", "hand", "auto", "pyqtgraph")

KEYS = (*CASES, "gui_gap_ms", "memory")

#: Key -> limit. Rates are given as ms per frame, so that every limit is an upper limit.
BUDGETS: Budgets = {
    **{f"{case}/auto_over_hand/ratio": 1.15 for case in CASES},
    "line_1e2_smooth/auto_over_draw/ratio": 0.1,
    "axes_4x4/auto_over_draw/ratio": 0.1,
    "line_1e6_noise/fps/ready_made/frame_ms": 1000.0 / 40.0,
    "line_1e7_noise/fps/ready_made/frame_ms": 1000.0 / 15.0,
    "image_2048/fps/ready_made/frame_ms": 1000.0 / 40.0,
    "line_1e4_smooth/fps/pyqtgraph/frame_ms": 1000.0 / 200.0,
    "line_1e4_noise/fps/pyqtgraph/frame_ms": 1000.0 / 200.0,
    "gui_gap_ms/p95": 25.0,
    "memory/growth_MiB": 5.0,
}


class Sheet(NamedTuple):
    """A table, and a sentence above it."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def measure(backend: str, only: set[str], *, quick: bool) -> Figures:
    """Measure these cases and keys; all, if none is named. ``failed`` tells what could not be measured."""
    if backend != "qt":
        raise SystemExit("bench draw needs Xvfb, and PySide6 or PyQt6: it measures windows of Qt's")
    figures: Figures = {}
    for name in CASES:
        if only and name not in only:
            continue
        try:
            figures[name] = _ways(name, quick=quick)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            said(f"{name}: not measured: {error}")
            figures.setdefault("failed", {})[name] = str(error)
    cases = only & set(CASES)
    if cases or not only:
        _merge(figures, draw_live.rates(backend, cases, quick=quick))
    if not only or "gui_gap_ms" in only:
        _merge(figures, draw_live.gaps(backend, quick=quick))
    if not only or "memory" in only:
        _merge(figures, draw_live.memory(backend, quick=quick))
    return figures


def _ways(name: str, *, quick: bool) -> Figures:
    """The times of one case, and the ratios that have a limit."""
    case = CASES[name]
    many = (case.size**2 if case.image else case.size) > _MANY
    rounds = QUICK_ROUNDS if quick else FEW_ROUNDS if many else ROUNDS
    command = [sys.executable, "-m", "benchmarks.draw_ways", name, str(rounds)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=300)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {ran.returncode}; see above")
    found: Figures = json.loads(ran.stdout.splitlines()[-1])
    said(
        f"{name}: " + ", ".join(f"{way} {found[f'{way}_ms']:.3g} ms" for way in WAYS if f"{way}_ms" in found)
    )
    return found


def _merge(figures: Figures, more: Figures) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            figures.setdefault(key, {}).update(value)
        else:
            figures[key] = value


def sheets(figures: Figures) -> Iterator[Sheet]:
    """The tables: the ways to draw, and the rates from computation to screen."""
    ways = [
        (_words(name), *(_time(figures[name], way) for way in WAYS), _gain(figures[name]))
        for name in CASES
        if "draw_ms" in figures.get(name, {})
    ]
    if ways:
        yield Sheet(
            "Milliseconds per frame, median [10 %, 90 %]. A star: some pixels differ from those of a full draw.",
            (
                "case",
                "clf and plot",
                "set_data and draw",
                "blit by hand",
                "automatic",
                "pyqtgraph",
                "gain",
            ),
            ways,
        )
    live = [
        (_words(name), _KINDS[kind], *_rates(one))
        for name in CASES
        for kind, one in figures.get(name, {}).get("fps", {}).items()
    ]
    if live:
        yield Sheet(
            "Frames a second from the computation to the screen.",
            ("case", "plotter", "no limit", "max_overhead=0.01", "a loop beside it loses"),
            live,
        )


_KINDS = {
    "plain": "matplotlib's own artists",
    "ready_made": "ready-made",
    "whole": "ready-made, without prepare",
    "pyqtgraph": "plotters.qt",
}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _time(found: Figures, way: str) -> str:
    if f"{way}_ms" not in found:
        return ""
    low, high = found[f"{way}_spread_ms"]
    star = "" if found.get(f"{way}_exact", True) else " *"
    return f"{number(found[f'{way}_ms'])} [{number(low)}, {number(high)}]{star}"


def _gain(found: Figures) -> str:
    """How many times faster automatic drawing is than a full draw."""
    return f"{number(1.0 / found['auto_over_draw']['ratio'])} x"


def _rates(one: Figures) -> tuple[str, str, str]:
    if "default_fps" not in one:
        return number(one["fps"]), "", ""
    low, high = one["slowdown_ci_percent"]
    lost = f"{number(one['slowdown_percent'])} % [{number(low)}, {number(high)}]"
    return number(one["fps"]), number(one["default_fps"]), lost
