"""What a client of a viewer gets first: the live plotter, its figures, and what the viewer can be asked for. GUI thread.

In: requests (see `Requests`), which run between frames. Out: the plotter, figures, pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ViewerError
from .drawing import Figures
from .pictures import jpeg, png


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
        """The pixels of a figure as PNG: what is on the screen, with what requests have changed since.

        The line at the foot of a window (that the plotter fails, for example) is not in it.

        Parameters
        ----------
        figure : int, optional
            The number of the figure; default: the first one.

        Raises
        ------
        ViewerError
            If the plotter has no such figure.
        """
        self._figures.show_and_draw()
        managers = self._figures.managers()
        for manager in managers:
            if figure is None or int(manager.num) == figure:
                return png(manager.canvas)
        numbers = ", ".join(str(manager.num) for manager in managers) or "none"
        raise ViewerError(f"the plotter has no matplotlib figure {figure or ''}; there are: {numbers}")

    def thumbnail(self, width: int) -> bytes:
        """The first figure in small, as JPEG: its pixels as they were drawn last. Nothing is drawn for it.

        Parameters
        ----------
        width : int
            Pixels, at most.

        Raises
        ------
        ViewerError
            If the plotter has no matplotlib figure.
        """
        managers = self._figures.managers()
        if not managers:
            raise ViewerError("the plotter has no matplotlib figure")
        return jpeg(managers[0].canvas, min(max(width, 16), 640))

    def end(self, why: str) -> None:
        """End the viewer, as if the user had closed its windows. The request is answered before that."""
        self._end(why)
