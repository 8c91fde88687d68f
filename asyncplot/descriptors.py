"""Descriptors of our own in the user's process: their numbers are above 2, and no Ctrl-C loses one.

Standard library only; any process and thread.

* A program may have closed its stdin, stdout or stderr. The next file that is opened then gets that number,
  and all that is written to "stderr" (by the C library, by a child process) would go into that file.
* A Ctrl-C raises between any two steps of Python code, also between the return of ``os.open`` and the moment at
  which its result has a name. `noted` does both in one step of C code. A Ctrl-C may also
  come in the middle of a ``finally``. So `Descriptors` are closed with the last reference to their list.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import starmap
from typing import TypeVar

T = TypeVar("T")

#: stdin, stdout and stderr.
STANDARD = (0, 1, 2)


class Descriptors(list[int]):
    """Open descriptors that belong together."""

    def close(self) -> None:
        """Close them."""
        while self:
            os.close(self.pop())

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Descriptors:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def above_standard() -> Iterator[None]:
    """What is opened within has a number above 2. Costs 3 us."""
    if all(map(is_open, STANDARD)):
        # No list of descriptors is made: a Ctrl-C in its destructor would be lost.
        yield
        return
    with Descriptors() as held:
        for number in STANDARD:
            if not is_open(number):
                # The system gives the lowest number that is free.
                noted(held, os.open, os.devnull, os.O_RDWR | os.O_CLOEXEC)
        yield


def is_open(descriptor: int) -> bool:
    """Whether a descriptor is open in this process."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def opened_standard() -> None:
    """Open those of stdin, stdout and stderr that are closed, on the null device. Only in processes that are our own."""
    for number in STANDARD:
        if not is_open(number):
            os.open(os.devnull, os.O_RDWR)  # gets this number, the lowest one that is free
            os.set_inheritable(number, True)


def noted(held: list[T], function: Callable[..., T], *arguments: object) -> T:
    """Call ``function`` with arguments, and append its result to ``held``. No Ctrl-C comes between the two.

    This is true for functions that are written in C, such as those of `os`.

    Examples
    --------
    >>> held = []
    >>> noted(held, max, 1, 2), held
    (2, [2])
    """
    held.extend(starmap(function, (arguments,)))
    return held[-1]
