"""``bench update``: what update costs the computation. In: the backend and the keys. Out: figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncplot

from . import calls, imports, viewerside
from .loops import LOOPS
from .plotters import SteadyLine
from .progress import said
from .segments import QUICK, TRIPLES, slowdown

Figures = dict[str, Any]


def _slowdowns(backend: str, *, quick: bool) -> Figures:
    found = {}
    for name, make in LOOPS.items():
        loop = make()
        with asyncplot.Server(SteadyLine, backend=backend, required=True) as plot:
            plot.update(loop.data)
            plot.flush()
            found[name] = slowdown(name, loop, plot, QUICK if quick else TRIPLES).as_dict()
            plot.check()  # if the viewer is gone, the figure is far too small
    return {"slowdown_percent": found}


def _taken(backend: str, *, quick: bool) -> Figures:
    found = {name: calls.taken(backend, nbytes, quick=quick) for name, nbytes in calls.SIZES.items()}
    return {
        **calls.taken_at_once(backend, quick=quick),
        "taken_8kB_in_a_loop_us": found["8kB"].taken_us,
        **{f"taken_{size}_us": found[size].taken_us for size in ("0.8MB", "8MB")},
        **{f"copy_{size}_us": found[size].copy_us for size in ("0.8MB", "8MB")},
        "growth": calls.growth(found),
    }


#: Each measurement, and the keys of its figures.
_MEASUREMENTS: tuple[tuple[tuple[str, ...], Callable[..., Figures]], ...] = (
    (("import_ms",), lambda backend, quick: imports.imports(quick=quick)),
    (("superseded_us", "empty_call_us"), calls.superseded),
    (
        ("taken_small_us", "taken_0.8MB_us", "copy_0.8MB_us", "taken_8MB_us", "copy_8MB_us", "growth"),
        _taken,
    ),
    (("p999_us",), calls.slowest),
    (("first_frame_ratio", "server_returns_ms"), viewerside.first_frame),
    (("latency_ms",), viewerside.latency),
    (("slowdown_percent",), _slowdowns),
    (
        ("slowdown_stopped_percent",),
        lambda backend, quick: viewerside.without_viewer(backend, "stopped", quick=quick),
    ),
    (
        ("slowdown_killed_percent",),
        lambda backend, quick: viewerside.without_viewer(backend, "killed", quick=quick),
    ),
)

KEYS = tuple(key for keys, _ in _MEASUREMENTS for key in keys)


def measure(backend: str, only: set[str], *, quick: bool) -> Figures:
    """Measure these keys; all, if none is named. ``failed`` tells what could not be measured, and why."""
    figures: Figures = {}
    for keys, measurement in _MEASUREMENTS:
        if only and not only & set(keys):
            continue
        try:
            figures |= measurement(backend, quick=quick)
        except (asyncplot.AsyncplotError, OSError, RuntimeError) as error:
            said(f"{', '.join(keys)}: not measured: {error}")
            figures.setdefault("failed", {}).update(dict.fromkeys(keys, str(error)))
    return figures
