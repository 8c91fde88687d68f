"""The figures of the plotter: shown when they appear, drawn when they have changed. GUI thread.

In: matplotlib's figures; out: windows that show them, each drawn by the cheapest way that is exact
(`Blitter`), and a count of how that went (`Drawing`).
"""

from __future__ import annotations

import weakref
from typing import Any

import matplotlib
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ..backends import Backend
from . import privates
from .blitting import Blitter
from .counts import Drawing
from .full import FullDrawer

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
        self._shown: weakref.WeakSet[Any] = weakref.WeakSet()
        self._titles: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        # A plotter that was a script calls these. The loop is ours: show must not block in another one
        # within it, nor pause take the focus.
        vars(pyplot).update(show=self._instead_of_show, pause=self._instead_of_show)
        pyplot.ioff()  # `ipython --pylab` turns it on, and each explicit draw then costs double
        matplotlib.rcParams["figure.raise_window"] = False

    def _instead_of_show(self, *_: object, **__: object) -> None:
        self.show_and_draw()

    def managers(self) -> list[Any]:
        """The figure managers, by number."""
        return privates.managers()

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

    def show_and_draw(self) -> None:
        """Show new figures, without the focus, and draw those that have changed.

        Neither `draw_idle` (the frame must be on the screen before it counts as drawn) nor `plt.pause`
        (it steals the focus and draws unchanged figures). Only figures that have changed are drawn.
        """
        for manager in self.managers():
            new = manager not in self._shown
            if new:
                self._shown.add(manager)
                self._backend.show(manager)
                if self._note:
                    self._set_title(manager)
            drawer = self._drawer(manager.canvas)
            if new or drawer.stale:
                self._draw(manager.canvas, drawer)

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
