"""The user's view of axes is the user's: what was panned or zoomed stays, whatever the plotter does. GUI thread.

In: the limits of all axes, looked at around everything that the plotter does. What differs between two of its turns
was changed by the user (by pan, zoom, the toolbar), and is *held*: the plotter gets its own limits back for its turn,
and after it the user's are set again, ``cla`` and autoscale included. Out: the same limits on the screen until Home or a
double click gives them back. While the user drags, `dragging` says that frames are to wait.
"""

from __future__ import annotations

import dataclasses
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.backend_bases import NavigationToolbar2

from . import privates

#: A drag in which the mouse has not moved for so long lets frames pass, s: its release may never be heard of.
_STILL = 2.0


@dataclasses.dataclass
class _Limits:
    """Limits of one axis, and whether autoscale may change them."""

    low: float
    high: float
    automatic: bool


@dataclasses.dataclass
class _Axis:
    """One axis of some axes: what the plotter has set, what was left on the screen, and what the user holds."""

    own: _Limits
    left: tuple[float, float]
    held: tuple[float, float] | None = None


@dataclasses.dataclass
class _View:
    """The axes at one place of a figure; others may come to be there."""

    axes: weakref.ref[Any]
    x: _Axis
    y: _Axis


class Views:
    """The views of all figures."""

    def __init__(self) -> None:
        self._of: weakref.WeakKeyDictionary[Any, list[_View]] = weakref.WeakKeyDictionary()
        self._connected: weakref.WeakSet[Any] = weakref.WeakSet()
        self._dragged: float | None = None
        self._clicked = False
        self._listen_to_home()

    @property
    def dragging(self) -> bool:
        """Whether the user is panning or zooming at this moment."""
        return self._dragged is not None and time.monotonic() - self._dragged < _STILL

    @contextmanager
    def plotters_turn(self) -> Iterator[None]:
        """Around whatever the plotter does: it finds its own limits, and the user's are there after it."""
        held = self._look()
        for axes, name, axis in held:  # only now: shared axes change together
            _set(axes, name, axis.own.low, axis.own.high, automatic=axis.own.automatic)
        try:
            yield
        finally:
            self._renew()

    @contextmanager
    def requests_turn(self) -> Iterator[None]:
        """Around requests from outside: they find what is on the screen, and limits that they set are to stay."""
        self._look()
        try:
            yield
        finally:
            for axes, name, axis in self._known():
                if _limits(axes, name) != axis.left:
                    axis.held = None
                    axis.own = _axis(axes, name).own
                    axis.left = axis.own.low, axis.own.high

    # --- around the plotter's turn -------------------------------------------------------------------

    def _known(self) -> Iterator[tuple[Any, str, _Axis]]:
        """Each axis of the axes that are there."""
        for view in [view for views in self._of.values() for view in views]:
            axes = view.axes()
            if axes is not None and axes.figure is not None:
                yield axes, "x", view.x
                yield axes, "y", view.y

    def _look(self) -> list[tuple[Any, str, _Axis]]:
        """Find out what the user has changed; the axes that are held."""
        held = []
        for axes, name, axis in self._known():
            limits = _limits(axes, name)
            if limits != axis.left:
                axis.left = limits
                if self._clicked or not _follows_the_window(axes):
                    axis.held = limits
            if axis.held is not None:
                held.append((axes, name, axis))
        return held

    def _renew(self) -> None:
        """Note what the plotter has set, and set what the user holds."""
        self._clicked = False
        for manager in privates.managers():
            figure = manager.canvas.figure
            self._connect(manager.canvas)
            before = self._of.get(figure, [])
            found = [axes for axes in figure.axes if axes.name == "rectilinear"]
            views = [_View(weakref.ref(axes), _axis(axes, "x"), _axis(axes, "y")) for axes in found]
            # Other axes in the place of some (`clf` in each frame) inherit what the user holds there.
            if len(before) == len(views):
                for old, new in zip(before, views, strict=True):
                    new.x.held, new.y.held = old.x.held, old.y.held
            for axes, view in zip(found, views, strict=True):
                for name, axis in (("x", view.x), ("y", view.y)):
                    if axis.held is not None:
                        _set(axes, name, *axis.held, automatic=False)
            for axes, view in zip(found, views, strict=True):
                view.x.left, view.y.left = _limits(axes, "x"), _limits(axes, "y")
            self._of[figure] = views

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
        elif event.inaxes is not None and event.canvas.toolbar is not None and event.canvas.toolbar.mode:
            self._dragged = time.monotonic()

    def _moved(self, _: Any) -> None:
        if self._dragged is not None:
            self._dragged = time.monotonic()

    def _released(self, _: Any) -> None:
        self._dragged = None

    def _listen_to_home(self) -> None:
        """Hear of Home in all toolbars: in their class, as buttons are bound to the method when they are made."""
        home = NavigationToolbar2.home
        views = self

        def home_and_give_back(toolbar: Any, *arguments: Any) -> None:
            home(toolbar, *arguments)
            views._give_back(toolbar.canvas, None)

        vars_of_class: Any = NavigationToolbar2
        vars_of_class.home = home_and_give_back

    def _give_back(self, canvas: Any, axes: Any) -> None:
        """Give some axes (None: all of a figure), and those that share theirs, back to the plotter."""
        for view in self._of.get(canvas.figure, ()):
            one = view.axes()
            if one is None or one.figure is None:
                continue
            for name, axis in (("x", view.x), ("y", view.y)):
                if axes is not None and one not in _siblings(axes, name):
                    continue
                axis.held = None
                _set(one, name, axis.own.low, axis.own.high, automatic=axis.own.automatic)
                axis.left = _limits(one, name)
        canvas.draw_idle()


def _follows_the_window(axes: Any) -> bool:
    """Whether a draw sets limits itself, so that the aspect is kept in a window of another shape."""
    return bool(axes.get_adjustable() == "datalim" and axes.get_aspect() != "auto")


def _siblings(axes: Any, name: str) -> list[Any]:
    """The axes that share an axis with some, which are among them."""
    shared = axes.get_shared_x_axes() if name == "x" else axes.get_shared_y_axes()
    siblings: list[Any] = shared.get_siblings(axes)
    return siblings


def _limits(axes: Any, name: str) -> tuple[float, float]:
    low, high = axes.get_xlim() if name == "x" else axes.get_ylim()
    return float(low), float(high)


def _axis(axes: Any, name: str) -> _Axis:
    """What the plotter has set; to read limits carries out an autoscale that was put off."""
    low, high = _limits(axes, name)
    automatic = axes.get_autoscalex_on() if name == "x" else axes.get_autoscaley_on()
    return _Axis(_Limits(low, high, automatic), (low, high))


def _set(axes: Any, name: str, low: float, high: float, *, automatic: bool) -> None:
    """Set limits, if they are others, and whether autoscale may change them."""
    if _limits(axes, name) != (low, high):
        (axes.set_xlim if name == "x" else axes.set_ylim)(low, high)
    (axes.set_autoscalex_on if name == "x" else axes.set_autoscaley_on)(automatic)
