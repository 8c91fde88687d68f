"""Descriptors of our own in the user's process: above 2 whatever is closed there, and none lost to a Ctrl-C.

Standard library only; any process and thread.

* A program may have closed its stdin, stdout or stderr. The next file that is opened then gets that number,
  and whatever writes to "stderr" (the C library, a child process) would write into it.
* Ctrl-C raises between any two steps of Python code, also between the return of ``os.open`` and the moment at
  which its result has a name. `noted` does both in one step of C code, where nothing can come between. And it may
  come in the middle of a ``finally``: `Descriptors` are closed with the last reference to their list.
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
    """Whatever is opened within gets a number above 2. Costs 3 us."""
    if all(map(is_open, STANDARD)):
        # Without a list of descriptors: a Ctrl-C in its destructor would be lost.
        yield
        return
    with Descriptors() as held:
        for number in STANDARD:
            if not is_open(number):
                # It takes the lowest number that is free.
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
    """Open stdin, stdout and stderr on the null device where they are closed. In processes of ours only."""
    for number in STANDARD:
        if not is_open(number):
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free is this one
            os.set_inheritable(number, True)


def noted(held: list[T], function: Callable[..., T], *arguments: object) -> T:
    """Call ``function`` with arguments, and append what it returns to ``held``; no Ctrl-C comes between the two.

    That holds for functions that are written in C, such as those of `os`.

    Examples
    --------
    >>> held = []
    >>> noted(held, max, 1, 2), held
    (2, [2])
    """
    held.extend(starmap(function, (arguments,)))
    return held[-1]
