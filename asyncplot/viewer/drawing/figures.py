"""The figures of the plotter: shown when they appear, drawn when they have changed. GUI thread.

In: matplotlib's figures; out: windows that show them, each drawn by the cheapest way that is exact
(`Blitter`), and a count of how that went (`Drawing`).
"""

from __future__ import annotations

import functools
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
from .counts import Drawing
from .full import FullDrawer
from .loose import LooseFigures

#: How much of the time may go to looking for silent changes while no frames come.
_SHARE = 1 / 500

#: The attribute of a canvas that holds what draws it.
_DRAWER = "_asyncplot_drawer"


class Figures:
    """All figures that pyplot keeps, and windows of other kinds that the GUI has.

    Parameters
    ----------
    backend : Backend
        Shows and paints them.
    blit : bool
        Whether only what changed is drawn, where that is exact.

    Attributes
    ----------
    drawing : Drawing
        How often was blitted, and how often drawn in full, and why.
    """

    def __init__(self, backend: Backend, *, blit: bool = True) -> None:
        self.drawing = Drawing()
        self._backend = backend
        self._blit = blit
        self._note = ""
        self._look_again = 0.0
        self._loose = LooseFigures()
        self._shown: weakref.WeakSet[Any] = weakref.WeakSet()
        self._titles: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        # A plotter that was a script calls these. The loop is ours: show must not block in another one
        # within it, nor pause take the focus. (Functions that take attributes: IPython sets one on show.)
        show = functools.partial(self._instead_of_show)
        vars(pyplot).update(show=show, pause=show)
        pyplot.ioff()  # `ipython --pylab` turns it on, and each explicit draw then costs double
        matplotlib.rcParams["figure.raise_window"] = False

    def _instead_of_show(self, *_: object, **__: object) -> None:
        self.show_and_draw()

    def managers(self) -> list[Any]:
        """The figure managers, by number."""
        return privates.managers()

    def adopt(self, plotter: Any) -> None:
        """Find the figures that a plotter made without pyplot, to show them, too."""
        self._loose.adopt(plotter)

    def count(self) -> int:
        """How many windows are open."""
        return self._backend.windows([manager for manager in self.managers() if manager in self._shown])

    @property
    def note(self) -> str:
        """What the titles of all windows say behind the plotter's own words; empty: nothing."""
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
        """Show new figures, without the focus, and draw those that have changed.

        Neither `draw_idle` (the frame must be on the screen before it counts as drawn) nor `plt.pause`
        (it steals the focus and draws unchanged figures). Only figures that have changed are drawn.

        Parameters
        ----------
        updated : bool
            Whether a frame has come: figures with 3-D axes are drawn then in any case. What one sets there is written
            into arrays as often as not (``surface._vec[2] = z``), which cannot be seen, and to draw them in full is
            the only way to draw them at all.
        """
        for canvas, drawer in self._drawers():
            solid = updated and any(axes.name == "3d" for axes in canvas.figure.axes)
            if solid:
                drawer.spoil("3-D axes are drawn after each update")
            if solid or drawer.stale:
                self._draw(canvas, drawer)

    def draw_stale(self, now: float) -> bool:
        """Draw what event handlers and timers of the plotter have changed; whether anything was drawn, by the toolkit or here.

        For each tick of the loop. What matplotlib knows to be stale is found at once, in 4 us. To look for silent changes
        takes 10 us for axes with ten lines and 0.1 ms for 16 axes with one, so it is done for at most `_SHARE` of the
        time: that is in each idle tick for most figures. What the toolkit is about to draw (``draw_idle``) is left to it.
        """
        silent = now >= self._look_again
        looked, found = 0.0, False
        for canvas, drawer in self._drawers():
            before = time.monotonic()
            stale = drawer.stale if silent else drawer.told
            looked += time.monotonic() - before
            if stale and not privates.will_draw(canvas):
                self._draw(canvas, drawer)
                found = True
            found = found or drawer.redrawn
            drawer.redrawn = False
        if silent:
            self._look_again = now + looked / _SHARE
        return found

    def _drawers(self) -> Iterator[tuple[Any, Blitter | FullDrawer]]:
        """Each canvas, and what draws it; the windows of new ones are shown."""
        for manager in self.managers():
            if manager not in self._shown:
                self._shown.add(manager)
                self._backend.show(manager)
                if self._note:
                    self._set_title(manager)
            yield manager.canvas, self._drawer(manager.canvas)

    def _drawer(self, canvas: Any) -> Blitter | FullDrawer:
        # On the canvas, which it refers to: a dictionary of ours would keep both after the window is closed.
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
        self.drawing.count(drawn.reason)
        if drawn.reason:
            self._backend.paint(canvas)
        elif drawn.box is not None:
            self._backend.paint(canvas, drawn.box.bbox())
