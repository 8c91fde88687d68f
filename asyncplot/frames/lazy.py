"""Arguments that are evaluated only if their frame is taken. Compute side, in the thread of the take.

In: the arguments of a call. Out: the same arguments, with each `Lazy` replaced by its value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Lazy:
    """An argument of ``update`` that is replaced by the value of ``function()``; see `lazy`."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], Any]) -> None:
        if not callable(function):
            raise TypeError(f"lazy() takes a function without arguments, not {type(function).__name__}")
        self.function = function


def lazy(function: Callable[[], Any]) -> Any:
    """Evaluate an argument only if its frame is taken.

    Most calls of ``update`` are superseded. An argument that is expensive to compute (a spectrum, a
    reduction, a copy from a GPU) costs nothing in those calls.

    Parameters
    ----------
    function : callable
        Takes no arguments. It is called at most once for each frame, by the call that takes the frame. If
        the calls stop, asyncplot's helper thread delivers the waiting frame, so that thread may call it, too.

    Returns
    -------
    Lazy
        Pass it as a positional or keyword argument of ``update``.

    Raises
    ------
    TypeError
        If ``function`` is not callable.

    Examples
    --------
    >>> import asyncplot
    >>> argument = asyncplot.lazy(lambda: sum(range(10)))
    >>> argument.function()
    45
    """
    return Lazy(function)


def evaluated(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """``args`` and ``kwargs``, with each `Lazy` replaced by its value."""
    if any(type(value) is Lazy for value in args):
        args = tuple(value.function() if type(value) is Lazy else value for value in args)
    if kwargs and any(type(value) is Lazy for value in kwargs.values()):
        kwargs = {key: value.function() if type(value) is Lazy else value for key, value in kwargs.items()}
    return args, kwargs
