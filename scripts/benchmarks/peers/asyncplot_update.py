"""asyncplot: ``update``, taken each time (no budget, and calls as far apart as the frames of a film)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncplot

from ..plotters import Line

WHAT = "asyncplot, update, taken"


@contextmanager
def hand_over(backend: str) -> Iterator[Callable[[Any], Any]]:
    """Start a viewer. The next call comes 30 ms later, so the viewer has asked again."""
    with asyncplot.Server(Line, backend=backend, max_overhead=1.0, required=True) as plot:
        yield plot.update
