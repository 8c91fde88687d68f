"""The demos: real computations, shown by the same `Server` that everybody uses. Top floor.

Each demo has a computation that does not know of the plot, a plotter that does not know of the computation, and a ``Demo``
that brings them together. `runner` runs it, and measures what the plot costs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Name -> what it shows.
DEMOS = {
    "vortices": "a two-dimensional superfluid, stirred: density, phase and quantised vortices, energy",
    "training": "a small network that learns handwritten digits: loss, accuracy, first-layer weights",
}


def load(name: str) -> Any:
    """The module of a demo."""
    return import_module(f".{name}", __name__)
