"""asyncplot: ``update`` in each iteration of 0.1 ms. Nearly all calls are superseded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncplot

from ..plotters import Line

WHAT = "asyncplot, update, each 0.1 ms"
PACE = 1e-4


@contextmanager
def hand_over(backend: str) -> Iterator[Callable[[Any], Any]]:
    """Start a viewer."""
    with asyncplot.Server(Line, backend=backend, required=True) as plot:
        yield plot.update
