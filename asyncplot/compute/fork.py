"""What a fork of the user's process does with ours: nothing crosses it but memory.

Before: each open `Server` delivers its waiting frame and ends its threads (they start again at the next
use, never here). In the child: descriptors are closed and mappings given up, nothing more; its
``update`` does nothing, with one warning.

The hooks of a process are global by nature, so this module keeps the only global state of asyncplot: the
servers that are open, weakly held.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forked(Protocol):
    """What is told of forks."""

    def before_fork(self) -> None:
        """End the threads. In the thread that forks."""
        ...

    def after_fork_in_child(self) -> None:
        """Close descriptors and maps."""
        ...


_open: weakref.WeakSet[Forked] = weakref.WeakSet()


def watch(server: Forked) -> None:
    """Tell ``server`` of forks from now on, as long as it lives."""
    _open.add(server)


def unwatch(server: Forked) -> None:
    """Tell ``server`` of forks no longer."""
    _open.discard(server)


def _before() -> None:
    for server in list(_open):
        server.before_fork()


def _in_child() -> None:
    for server in list(_open):
        server.after_fork_in_child()
    _open.clear()


os.register_at_fork(before=_before, after_in_child=_in_child)
