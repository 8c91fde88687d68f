"""The servers of this process that are open: what is done with them at a fork, and at the end. Compute side.

In: each server when it is opened, and when it is closed; and from a destructor, which may run in any thread and in the middle of
anything, one that nobody holds any more.

A fork: nothing crosses it but memory. Before it, each open server delivers its waiting frame and ends its threads (they start again
at the next use, never here). In the child, descriptors are closed and mappings given up, nothing more; its ``update`` does nothing, with
one warning. The end of the process: each open server is closed.

What a process has open is global by nature, so this module keeps it in variables of its own. Open servers are held weakly. One
that nobody holds is kept here until a moment at which closing it is safe: when the next server is made, or at the end.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .cells import Membership


class Open(Protocol):
    """What can be open: a session."""

    name: str
    persist: bool
    membership: Membership | None

    @property
    def windows(self) -> list[Any]:
        """Where the windows of its viewer stand."""
        ...

    def before_fork(self) -> None:
        """End the threads. In the thread that forks."""
        ...

    def after_fork_in_child(self) -> None:
        """Close descriptors and maps."""
        ...

    def settle(self) -> bool:
        """Close what nobody holds, if that needs no wait; False if there is still something to be shown."""
        ...

    def close(self, *, patient: bool) -> None:
        """Deliver the last frame, and end."""
        ...


_open: weakref.WeakValueDictionary[int, Open] = weakref.WeakValueDictionary()
_unheld: deque[Open] = deque()


def enter(server: Open) -> None:
    """Note that a server is open."""
    _open[id(server)] = server


def leave(server: Open) -> None:
    """Note that a server is closed."""
    _open.pop(id(server), None)
    with contextlib.suppress(ValueError):
        _unheld.remove(server)


def keep(server: Open) -> None:
    """Keep an open server that nobody else holds any more. From its destructor: one step, and no lock."""
    _unheld.append(server)


def everyone() -> list[Open]:
    """All that are open, oldest first."""
    held = list(_open.values())
    return [*(server for server in list(_unheld) if server not in held), *held]


def settle() -> None:
    """Close those that nobody holds any more and that have shown all they had."""
    for _ in range(len(_unheld)):
        try:
            server = _unheld.popleft()
        except IndexError:
            return  # another thread does the same
        if not server.settle():
            _unheld.append(server)


def _before_fork() -> None:
    for server in everyone():
        server.before_fork()


def _in_forked_child() -> None:
    for server in everyone():
        server.after_fork_in_child()
    _open.clear()
    _unheld.clear()


os.register_at_fork(before=_before_fork, after_in_child=_in_forked_child)


@atexit.register
def _close_all() -> None:
    """At the end of the process, the newest first."""
    settle()
    with contextlib.ExitStack() as stack:  # each of them is closed, even if a Ctrl-C ends the wait for one
        for server in everyone():
            stack.callback(server.close, patient=True)
