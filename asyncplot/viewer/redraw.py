"""The figures of the plotter: shown when they appear, drawn when they have changed. GUI thread.

The one place that knows how matplotlib keeps its figures, and its one private name there
(``_pylab_helpers.Gcf``; the public way, ``pyplot.figure(number)``, would change the current figure under
the plotter's feet).
"""

from __future__ import annotations

import weakref
from typing import Any

import matplotlib
from matplotlib import pyplot
from matplotlib._pylab_helpers import Gcf

from .backends import Backend


class Figures:
    """All figures that pyplot keeps, and windows of other kinds that the GUI has.

    Parameters
    ----------
    backend : Backend
        Shows and paints them.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
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
        managers: list[Any] = Gcf.get_all_fig_managers()
        return sorted(managers, key=lambda manager: int(manager.num))

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
        (it steals the focus and draws unchanged figures). Only stale figures are drawn.
        """
        for manager in self.managers():
            new = manager not in self._shown
            if new:
                self._shown.add(manager)
                self._backend.show(manager)
                if self._note:
                    self._set_title(manager)
            if new or manager.canvas.figure.stale:
                manager.canvas.draw()
                manager.canvas.figure.stale = False
                self._backend.paint(manager.canvas)
