"""Arguments that are evaluated only for a frame that is taken. Compute side, thread of the take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Lazy:
    """An argument of ``update`` that stands for the value of ``function()``; see `lazy`."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], Any]) -> None:
        if not callable(function):
            raise TypeError(f"lazy() takes a function without arguments, not {type(function).__name__}")
        self.function = function


def lazy(function: Callable[[], Any]) -> Any:
    """Put off the evaluation of an argument until its frame is taken.

    Most calls of ``update`` are superseded; an argument that is expensive to make (a spectrum, a
    reduction, a copy from a GPU) then costs nothing for those.

    Parameters
    ----------
    function : callable
        Called without arguments, at most once a frame, in the call that takes the frame. If calls
        stop, the waiting frame is delivered by asyncplot's helper thread, and so ``function`` may
        be called from there.

    Returns
    -------
    Lazy
        To be passed as a positional or keyword argument of ``update``.

    Examples
    --------
    >>> import asyncplot
    >>> argument = asyncplot.lazy(lambda: sum(range(10)))
    >>> argument.function()
    45
    """
    return Lazy(function)


def evaluated(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """``args`` and ``kwargs`` with each `Lazy` replaced by its value."""
    if any(type(value) is Lazy for value in args):
        args = tuple(value.function() if type(value) is Lazy else value for value in args)
    if kwargs and any(type(value) is Lazy for value in kwargs.values()):
        kwargs = {key: value.function() if type(value) is Lazy else value for key, value in kwargs.items()}
    return args, kwargs
