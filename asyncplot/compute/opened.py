"""The open servers of this process: what happens to them at a fork and at the end. Compute side.

In: each server when it is opened, and when it is closed. Also each server that nobody holds any more: its
destructor reports it, in any thread and at any moment.

A fork: only memory crosses it. Before the fork, each open server delivers its waiting frame and ends its
threads. They start again when they are needed, never in the hook. In the child, descriptors and maps are
closed, and nothing more. The child's ``update`` does nothing, and logs that once.

The end of the process: each open server is closed.

What a process has open is global by nature, so this module keeps it in variables of its own. It holds open servers
weakly. A server that nobody else holds is kept here until it is safe to close it: when the next server is made, or
at the end.
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
        """The places and sizes of its viewer's windows."""
        ...

    def before_fork(self) -> None:
        """Deliver waiting frames, and end the threads. In the thread that forks."""
        ...

    def after_fork_in_parent(self) -> None:
        """Deliver the frames that calls on other threads have left meanwhile."""
        ...

    def after_fork_in_child(self) -> None:
        """Close descriptors and maps."""
        ...

    def drop_output(self) -> None:
        """Show nothing any more in the output of the cell."""
        ...

    def settle(self) -> bool:
        """Close a server that nobody holds, if that needs no wait. False if it stays open."""
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
    """Keep an open server that nobody else holds. Its destructor calls this: one step, and no lock."""
    _unheld.append(server)


def everyone() -> list[Open]:
    """All open servers, oldest first."""
    held = list(_open.values())
    return [*(server for server in list(_unheld) if server not in held), *held]


def settle() -> None:
    """Close the servers that nobody holds any more and whose frames are all shown."""
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


def _in_parent() -> None:
    for server in everyone():
        server.after_fork_in_parent()


def _in_forked_child() -> None:
    for server in everyone():
        server.after_fork_in_child()
    _open.clear()
    _unheld.clear()


os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_forked_child)


@atexit.register
def _close_all() -> None:
    """Close all servers at the end of the process, the newest first."""
    settle()
    with contextlib.ExitStack() as stack:  # closes each server, even if a Ctrl-C ends the wait for another
        for server in everyone():
            stack.callback(server.close, patient=True)
