"""tensorboardX: ``add_histogram``, its only call that takes an array of numbers."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorboardX

WHAT = "tensorboardX, add_histogram"


@contextmanager
def hand_over(_backend: str) -> Iterator[Callable[[Any], Any]]:
    """Open a log that nobody reads."""
    with tempfile.TemporaryDirectory() as folder, tensorboardX.SummaryWriter(folder) as writer:
        steps = itertools.count()
        yield lambda array: writer.add_histogram("data", array, next(steps))
