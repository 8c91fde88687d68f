"""Gives a window to figures that a plotter made without pyplot (``matplotlib.figure.Figure()``). GUI thread.

In: the plotter. Out: figures of pyplot, with a manager and a window like all others. If the plotter gave a canvas to its
figure (to write files, or for a window of its own), the figure stays as it is, and one line in the log says so.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from matplotlib import pyplot
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from ...log import logger


class LooseFigures:
    """The figures of one plotter: its attributes, and the items of lists and dictionaries that are attributes."""

    def __init__(self) -> None:
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()

    def adopt(self, plotter: Any) -> None:
        """Give each new figure to pyplot. Costs 1 us for a plotter with ten attributes."""
        for name, figure in _figures_of(plotter):
            if figure in self._seen:
                continue
            self._seen.add(figure)
            if figure.canvas.manager is not None:
                continue
            if type(figure.canvas) is FigureCanvasBase:
                _give_to_pyplot(figure)
            else:
                logger.warning(
                    "the plotter's figure %r has a canvas of its own (a %s), so it is not shown; make it by "
                    "pyplot.figure()",
                    name,
                    type(figure.canvas).__name__,
                )


def _figures_of(plotter: Any) -> Iterator[tuple[str, Any]]:
    for name, value in getattr(plotter, "__dict__", {}).items():
        kind = type(value)
        several = value if kind is list or kind is tuple else value.values() if kind is dict else (value,)
        for figure in several:
            if not isinstance(figure, Figure):
                break  # only the first item is looked at: a list may hold a million numbers
            yield name, figure


def _give_to_pyplot(figure: Any) -> None:
    """Have pyplot make a window for an existing figure. The current figure stays the same."""
    current = pyplot.gcf().number if pyplot.get_fignums() else None
    factory: Any = lambda *_, **__: figure  # noqa: E731 (the figure exists already)
    pyplot.figure(FigureClass=factory)
    if current is not None:
        pyplot.figure(current)
