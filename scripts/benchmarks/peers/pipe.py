"""multiprocessing.Pipe: ``send`` pickles into a pipe, and waits while the pipe is full."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from .receiver import Drawing

WHAT = "multiprocessing.Pipe, send"


def _receive(connection: Connection) -> None:
    drawing = Drawing()
    connection.send("ready")
    while (array := connection.recv()) is not None:
        drawing.update(array)


@contextmanager
def hand_over(_backend: str) -> Iterator[Callable[[Any], Any]]:
    """Start a process that draws what it receives."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_receive, args=(theirs,), daemon=True)
    process.start()
    ours.recv()
    yield ours.send
    process.kill()
