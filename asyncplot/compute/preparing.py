"""`prepare`: what a plotter does with the arguments of a frame on the compute side, before they are copied.

In: the arguments of a call that is taken, and what the viewers say of their views; out: the arguments that the viewer's
``update`` gets. It reduces 1 GB to what the plot shows. In the thread of the take, which may be the helper's; its time is
that of the frame, and counts into the budget.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..errors import ConfigurationError, FrameError

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class Preparation:
    """A plotter's ``prepare``.

    Parameters
    ----------
    function : callable
        Gets the arguments of a call; returns those of the viewer's ``update``: a tuple of positional ones, or a
        dictionary of keywords.
    views : callable
        What the viewers say that they show: a list of plain data.
    """

    def __init__(self, function: Callable[..., Any], views: Callable[[], list[Any]]) -> None:
        self._function = function
        self._views = views if "views" in inspect.signature(function).parameters else None

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """Prepare one frame.

        Raises
        ------
        FrameError
            If the plotter's ``prepare`` raises, or returns something else.
        """
        try:
            if self._views is None:
                prepared = self._function(*args, **kwargs)
            else:
                prepared = self._function(*args, **kwargs, views=self._views())
        except Exception as error:
            raise FrameError(f"the plotter's prepare raised {type(error).__name__}: {error}") from error
        if isinstance(prepared, tuple):
            return prepared, {}
        if isinstance(prepared, dict):
            return (), prepared
        raise FrameError(
            f"the plotter's prepare returned a {type(prepared).__name__}; it returns what update gets: a tuple "
            "of its arguments, or a dictionary of its keywords"
        )


def preparation(plotter: Any, views: Callable[[], list[Any]]) -> Preparation | None:
    """The preparation of a plotter; None if it has none.

    Raises
    ------
    ConfigurationError
        If it is a plain method of a class: there is no instance on the compute side.
    """
    function = getattr(plotter, "prepare", None)
    if function is None:
        return None
    if inspect.isclass(plotter) and not isinstance(
        inspect.getattr_static(plotter, "prepare"), staticmethod | classmethod
    ):
        raise ConfigurationError(
            f"{plotter.__qualname__}.prepare runs on the compute side, where there is no instance: make it a "
            "@staticmethod"
        )
    if not callable(function):
        raise ConfigurationError(f"the plotter's prepare is a {type(function).__name__}, and not a function")
    return Preparation(function, views)
