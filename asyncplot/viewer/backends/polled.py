"""Descriptors that are asked now and then, for toolkits whose loop cannot wait for one (wx, macOS). GUI thread.

In: descriptors with their callbacks, and the toolkit's ``call_later``. Out: the callbacks of those that can be read, called from
the toolkit's loop.
"""

from __future__ import annotations

import select
from collections.abc import Callable

#: The descriptors are asked so often, s. A request waits that long at most; asking takes 2 us.
_AGAIN = 0.02


class PolledReaders:
    """The descriptors of one viewer.

    Parameters
    ----------
    call_later : callable
        `Backend.call_later` of the toolkit.
    """

    def __init__(self, call_later: Callable[[float, Callable[[], None]], None]) -> None:
        self._call_later = call_later
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._poll = select.poll()

    def add(self, descriptor: int, callback: Callable[[], None]) -> None:
        """Call from the loop whenever the descriptor can be read, or has ended."""
        self._poll.register(descriptor, select.POLLIN)
        self._callbacks[descriptor] = callback
        if len(self._callbacks) == 1:
            self._call_later(_AGAIN, self._look)

    def clear(self) -> None:
        """Ask no more: the viewer ends."""
        for descriptor in self._callbacks:
            self._poll.unregister(descriptor)
        self._callbacks.clear()

    def _look(self) -> None:
        if self._callbacks:
            self._call_later(_AGAIN, self._look)  # before the callbacks, which may raise
        for descriptor, _ in self._poll.poll(0):
            if descriptor in self._callbacks:
                self._callbacks[descriptor]()
