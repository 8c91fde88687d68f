"""pyqtgraph.multiprocess: ``setData`` of a remote curve, without waiting for its answer (``_callSync="off"``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyqtgraph.multiprocess

WHAT = 'pyqtgraph.multiprocess, setData(_callSync="off")'


@contextmanager
def hand_over(_backend: str) -> Iterator[Callable[[Any], Any]]:
    """Start its Qt process with a curve in it."""
    process = pyqtgraph.multiprocess.QtProcess(processRequests=False)
    remote = process._import("pyqtgraph")
    curve = remote.plot().plot()
    yield lambda array: curve.setData(array, _callSync="off")
    process.close()
