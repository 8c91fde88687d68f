"""Keeps the user's view of axes: what the user panned, zoomed or turned stays, whatever the plotter does. GUI thread.

In: the aspects of all axes (limits, camera and so on, see `aspects`), read before and after everything that the plotter does.
What changes between two turns of the plotter was changed by the user (by mouse, keys, the toolbar), and is *held*. For its
turn the plotter gets its own values back; after the turn the user's values are set again, even after ``cla`` and autoscale.
Axes that are made anew (``clf`` in each frame) take over what is held at their position in the figure. Out: the same view
on the screen until Home or a double click gives it back to the plotter. `dragging` says that the user is dragging, and that
frames have to wait.
"""

from __future__ import annotations

import dataclasses
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.backend_bases import NavigationToolbar2

from ..hooks import Hooks
from . import privates
from .aspects import Aspect, aspects_of
from .positions import Position, positions_of

#: If the mouse has not moved for so long in a drag, frames are drawn again, s. The release may have been missed.
_STILL = 2.0


@dataclasses.dataclass
class _State:
    """One aspect of axes: what the plotter has set, what was on the screen after its turn, and what the user holds."""

    own: tuple[Any, ...]
    left: tuple[Any, ...]
    held: tuple[Any, ...] | None = None


@dataclasses.dataclass(eq=False)
class _View:
    """Axes, and the state of each of their aspects by its name."""

    axes: weakref.ref[Any]
    position: Position
    aspects: tuple[Aspect, ...]
    states: dict[str, _State]

    def held(self) -> dict[str, tuple[Any, ...]]:
        """What the user holds, by the name of the aspect."""
        return {name: state.held for name, state in self.states.items() if state.held is not None}


@dataclasses.dataclass
class _FigureViews:
    """The views of the axes of one figure, and what is held at positions where no axes are at the moment."""

    views: list[_View] = dataclasses.field(default_factory=list)
    vacant: dict[Position, dict[str, tuple[Any, ...]]] = dataclasses.field(default_factory=dict)


class Views:
    """The views of all figures.

    Parameters
    ----------
    hooks : Hooks, optional
        Keeps the toolbar's original method Home, which is replaced.
    """

    def __init__(self, hooks: Hooks | None = None) -> None:
        self._of: weakref.WeakKeyDictionary[Any, _FigureViews] = weakref.WeakKeyDictionary()
        self._connected: weakref.WeakSet[Any] = weakref.WeakSet()
        self._dragged: float | None = None
        self._clicked = False
        self._listen_to_home(hooks or Hooks())

    @property
    def dragging(self) -> bool:
        """Whether the user is panning, zooming or turning right now."""
        return self._dragged is not None and time.monotonic() - self._dragged < _STILL

    @contextmanager
    def plotters_turn(self) -> Iterator[None]:
        """Around everything that the plotter does: it finds its own values, and the user's view is set after it."""
        held = self._look()  # complete before the first one is set: setting changes shared axes, too
        for axes, aspect, state in held:
            aspect.set(axes, *state.own)
        try:
            yield
        finally:
            self._renew()

    @contextmanager
    def requests_turn(self) -> Iterator[None]:
        """Around requests from outside: they find what is on the screen, and what they set stays."""
        self._look()
        try:
            yield
        finally:
            for axes, aspect, state in self._known():
                if aspect.seen(axes) != state.left:
                    state.held = None
                    state.own, state.left = aspect.own(axes), aspect.seen(axes)

    # --- around the plotter's turn -------------------------------------------------------------------

    def _known(self) -> Iterator[tuple[Any, Aspect, _State]]:
        """Each aspect of the axes that are there."""
        for figure, of_figure in list(self._of.items()):
            yield from _of_axes(figure, of_figure)

    def _look(self) -> list[tuple[Any, Aspect, _State]]:
        """Find out what the user has changed; returns all that is held."""
        held = []
        for axes, aspect, state in self._known():
            seen = aspect.seen(axes)
            if seen != state.left:
                state.left = seen
                if self._clicked or not _follows_the_window(axes):
                    state.held = seen
            if state.held is not None:
                held.append((axes, aspect, state))
        return held

    def _renew(self) -> None:
        """Note what the plotter has set, and set what the user holds."""
        self._clicked = False
        for manager in privates.managers():
            figure = manager.canvas.figure
            self._connect(manager.canvas)
            of_figure = self._of.setdefault(figure, _FigureViews())
            of_figure.views = _taken_over(figure, of_figure)
            pairs = list(_of_axes(figure, of_figure))
            for axes, aspect, state in pairs:
                if state.held is not None:
                    aspect.set(axes, *state.held)
            for axes, aspect, state in pairs:
                state.left = aspect.seen(axes)

    # --- what the user does ----------------------------------------------------------------------------

    def _connect(self, canvas: Any) -> None:
        if canvas in self._connected:
            return
        self._connected.add(canvas)
        canvas.mpl_connect("button_press_event", self._pressed)
        canvas.mpl_connect("motion_notify_event", self._moved)
        canvas.mpl_connect("button_release_event", self._released)

    def _pressed(self, event: Any) -> None:
        self._clicked = True
        if event.dblclick and event.inaxes is not None:
            self._give_back(event.canvas, event.inaxes)
        elif event.inaxes is not None and _begins_a_drag(event):
            self._dragged = time.monotonic()

    def _moved(self, _: Any) -> None:
        if self._dragged is not None:
            self._dragged = time.monotonic()

    def _released(self, _: Any) -> None:
        self._dragged = None

    def _listen_to_home(self, hooks: Hooks) -> None:
        """Hear of Home in all toolbars.

        The method of the class is replaced: a button is bound to the method when its toolbar is made, and a toolbar tells
        nobody of Home.
        """
        home = NavigationToolbar2.home
        views = self

        def home_and_give_back(toolbar: Any, *arguments: Any) -> None:
            home(toolbar, *arguments)
            views._give_back(toolbar.canvas, None)

        hooks.replace(NavigationToolbar2, "home", home_and_give_back)

    def _give_back(self, canvas: Any, chosen: Any) -> None:
        """Give axes (None: all of a figure), their twins, and axes that share with them, back to the plotter."""
        of_figure = self._of.get(canvas.figure)
        if of_figure is None:
            return
        if chosen is None:
            of_figure.vacant.clear()
        pairs = [
            (axes, aspect, state)
            for axes, aspect, state in _of_axes(canvas.figure, of_figure)
            if chosen is None
            or chosen in aspect.siblings(axes)
            or chosen.bbox.bounds == axes.bbox.bounds  # a twin, which was panned together with it
        ]
        for axes, aspect, state in pairs:
            state.held = None
            aspect.set(axes, *state.own)
        for axes, aspect, state in pairs:
            state.left = aspect.seen(axes)
        canvas.draw_idle()


def _of_axes(figure: Any, of_figure: _FigureViews) -> Iterator[tuple[Any, Aspect, _State]]:
    """Each aspect of the axes that are there."""
    there = set(figure.axes)
    for view in of_figure.views:
        axes = view.axes()
        # A request may have made the axes of a colour bar plain ones in the meantime.
        if axes in there and aspects_of(axes) == view.aspects:
            for aspect in view.aspects:
                yield axes, aspect, view.states[aspect.name]


def _taken_over(figure: Any, before: _FigureViews) -> list[_View]:
    """The views of the axes that a figure has now, with what is held of them or at their positions.

    What is held at positions without axes goes to ``before.vacant``, until axes are made there.
    """
    known = {axes: view for view in before.views if (axes := view.axes()) is not None}
    found = [(axes, at, aspects) for axes, at in positions_of(figure) if (aspects := aspects_of(axes))]
    gone = [view for view in before.views if view.axes() not in figure.axes]
    same_kinds = [view.position.kind for view in before.views] == [at.kind for _, at, _ in found]
    for view in gone:
        before.vacant[view.position] = view.held()
    views = []
    for index, (axes, position, aspects) in enumerate(found):
        old = known.get(axes)
        if old is not None:
            held = old.held()
        elif position in before.vacant:
            held = before.vacant.pop(position)
        elif same_kinds and before.views[index] in gone:  # all axes are made anew, at other positions
            held = before.vacant.pop(before.views[index].position, {})
        else:
            held = {}
        states = {
            aspect.name: _State(aspect.own(axes), aspect.seen(axes), held.get(aspect.name))
            for aspect in aspects
        }
        # A layout may have moved known axes. Their position stays the one that they had when they were new.
        views.append(_View(weakref.ref(axes), old.position if old else position, aspects, states))
    before.vacant = {position: held for position, held in before.vacant.items() if held}
    return views


def _begins_a_drag(event: Any) -> bool:
    """Whether pressing the mouse here begins a pan, a zoom, or turns 3-D axes, which needs no tool."""
    toolbar = event.canvas.toolbar
    return bool((toolbar is not None and toolbar.mode) or hasattr(event.inaxes, "get_zlim"))


def _follows_the_window(axes: Any) -> bool:
    """Whether a draw itself sets the limits of axes, to keep their aspect ratio when the window has another shape."""
    return bool(axes.get_adjustable() == "datalim" and axes.get_aspect() != "auto")
