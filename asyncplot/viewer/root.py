"""What a client of a viewer gets first: the live plotter, its figures, and what can be asked of the viewer.

Everything here runs on the GUI thread, between frames, as the requests come (see `Requests`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ViewerError
from .drawing import Figures
from .pictures import png


class Root:
    """The viewer as its clients see it.

    Parameters
    ----------
    plotter : object
        The live plotter.
    figures : Figures
        Its figures.
    end : callable
        Ends the viewer; gets the reason.

    Attributes
    ----------
    plotter : object
        The live plotter.
    """

    def __init__(self, plotter: Any, figures: Figures, end: Callable[[str], None]) -> None:
        self.plotter = plotter
        self._figures = figures
        self._end = end

    @property
    def figures(self) -> list[Any]:
        """The plotter's matplotlib figures, by number."""
        return [manager.canvas.figure for manager in self._figures.managers()]

    def snapshot(self, figure: int | None = None) -> bytes:
        """The pixels of a figure, PNG: what is on the screen, with what requests have changed since.

        A line at the foot of the window (that the plotter fails, say) is none of the figure's, and not in it.

        Parameters
        ----------
        figure : int, optional
            Its number; default: the first.

        Raises
        ------
        ViewerError
            If there is no such figure.
        """
        self._figures.show_and_draw()
        managers = self._figures.managers()
        for manager in managers:
            if figure is None or int(manager.num) == figure:
                return png(manager.canvas)
        numbers = ", ".join(str(manager.num) for manager in managers) or "none"
        raise ViewerError(f"the plotter has no matplotlib figure {figure or ''}; there are: {numbers}")

    def end(self, why: str) -> None:
        """Have the viewer end as if the user had closed its windows; its answer comes first."""
        self._end(why)
