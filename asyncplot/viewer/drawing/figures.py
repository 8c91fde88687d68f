"""Shows the plotter's figures when they appear, and draws them when they have changed. GUI thread.

In: matplotlib's figures. Out: windows that show them, each drawn by the cheapest way that is exact (`Blitter`), and
counts of how they were drawn (`DrawCounts`).
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from typing import Any

import matplotlib
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ..backends import Backend
from . import privates
from .blitting import Blitter
from .counts import DrawCounts
from .full import FullDrawer
from .loose import LooseFigures

#: The share of the time that may be spent on finding silent changes while no frames come.
_SHARE = 1 / 500

#: The attribute of a canvas that holds its `Blitter` or `FullDrawer`.
_DRAWER = "_asyncplot_drawer"


class Figures:
    """All figures that pyplot knows.

    Parameters
    ----------
    backend : Backend
        Shows and paints them.
    blit : bool
        Whether only what changed is drawn, if that is exact.

    Attributes
    ----------
    counts : DrawCounts
        How often figures were blitted, and how often drawn in full, by reason.
    """

    def __init__(self, backend: Backend, *, blit: bool = True) -> None:
        self.counts = DrawCounts()
        self._backend = backend
        self._blit = blit
        self._note = ""
        self._look_again = 0.0
        self._loose = LooseFigures()
        self._shown: weakref.WeakSet[Any] = weakref.WeakSet()
        self._titles: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()

        # A plotter that used to be a script calls these. The viewer has its own loop: `show` must not block in another
        # loop within it, and `pause` must not take the focus. (A function, because IPython sets an attribute of `show`.)
        def show(*_: object, **__: object) -> None:
            self.show_and_draw()

        for name in ("show", "pause"):
            backend.hooks.replace(pyplot, name, show)
        pyplot.ioff()  # `ipython --pylab` turns it on, and then each explicit draw costs double
        matplotlib.rcParams["figure.raise_window"] = False

    def managers(self) -> list[Any]:
        """The figure managers, by number."""
        return privates.managers()

    def adopt(self, plotter: Any) -> None:
        """Find the figures that a plotter made without pyplot, and show these, too."""
        self._loose.adopt(plotter)

    def count(self) -> int:
        """How many windows are open that the user can close."""
        return self._backend.windows([manager for manager in self.managers() if manager in self._shown])

    @property
    def note(self) -> str:
        """A text that the titles of all windows show after the plotter's own title; empty: nothing."""
        return self._note

    @note.setter
    def note(self, text: str) -> None:
        self._note = text
        for manager in self.managers():
            self._set_title(manager)

    def _set_title(self, manager: Any) -> None:
        title = self._titles.pop(manager, None) or manager.get_window_title()
        if self._note:
            self._titles[manager] = title
            title = f"{title} ({self._note})"
        manager.set_window_title(title)

    def show_and_draw(self, *, updated: bool = False) -> None:
        """Show new figures without giving them the focus, and draw the figures that have changed.

        `draw_idle` cannot be used: the frame must be on the screen before it counts as drawn. `plt.pause` cannot be used
        either: it steals the focus and draws unchanged figures.

        Parameters
        ----------
        updated : bool
            Whether a frame has come. Figures with 3-D axes are always drawn then, in full. Plotters often change them by
            writing into arrays (``surface._vec[2] = z``), which cannot be found by comparing.
        """
        for canvas, drawer in self._drawers():
            solid = updated and any(axes.name == "3d" for axes in canvas.figure.axes)
            if solid:
                drawer.spoil("3-D axes are drawn after each update")
            if solid or drawer.stale:
                self._draw(canvas, drawer)

    def draw_stale(self, now: float) -> bool:
        """Draw what the plotter's event handlers and timers have changed. Called in each tick of the loop.

        Returns whether anything was drawn, here or by the toolkit. Changes that matplotlib tells of are found at once, in
        4 us. Finding silent changes takes 10 us for axes with ten lines, and 0.1 ms for 16 axes with one line each. So it
        may use at most `_SHARE` of the time: for most figures that is in each idle tick. A figure that the toolkit will
        draw soon (``draw_idle``) is left to the toolkit.
        """
        silent = now >= self._look_again
        looked, found = 0.0, False
        for canvas, drawer in self._drawers():
            before = time.monotonic()
            stale = drawer.stale if silent else drawer.known_stale
            looked += time.monotonic() - before
            if stale and not privates.will_draw(canvas):
                self._draw(canvas, drawer)
                found = True
            found = found or drawer.redrawn_by_toolkit
            drawer.redrawn_by_toolkit = False
        if silent:
            self._look_again = now + looked / _SHARE
        return found

    def _drawers(self) -> Iterator[tuple[Any, Blitter | FullDrawer]]:
        """Each canvas with the object that draws it. Windows of new canvases are shown."""
        for manager in self.managers():
            if manager not in self._shown:
                self._shown.add(manager)
                self._backend.show(manager)
                if self._note:
                    self._set_title(manager)
            yield manager.canvas, self._drawer(manager.canvas)

    def _drawer(self, canvas: Any) -> Blitter | FullDrawer:
        # Kept by the canvas. A dictionary in this object would keep both alive after the window is closed.
        drawer: Blitter | FullDrawer | None = vars(canvas).get(_DRAWER)
        if drawer is None:
            if not self._blit:
                drawer = FullDrawer(canvas, "blit=False")
            elif not isinstance(canvas, FigureCanvasAgg):
                drawer = FullDrawer(canvas, f"a {type(canvas).__name__} has no pixels to keep")
            else:
                drawer = Blitter(canvas)
            vars(canvas)[_DRAWER] = drawer
        return drawer

    def _draw(self, canvas: Any, drawer: Blitter | FullDrawer) -> None:
        drawn = drawer.draw()
        self.counts.count(drawn.reason)
        if drawn.reason:
            self._backend.paint(canvas)
        elif drawn.boxes:
            self._backend.paint(canvas, drawn.boxes)
