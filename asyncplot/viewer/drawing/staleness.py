"""Which artists of a figure have changed since they were drawn. GUI thread, within `Artist.stale`.

In: matplotlib's own notice, ``Artist.stale_callback``, which an artist calls when it becomes stale and which
tells its parents. Out: the set of artists where such a chain *began*; so a line that changed and axes that
changed can be told apart, though both leave the axes stale. A frame costs what changed.

Most parts of artists tell nobody (the cells of a table, the arrow of a note, the label of an axis): they tell
theirs then, which is the one that has changed. What tells nobody at all is found by `Silence`.

Limits are a case of their own. Who sets limits makes the axis stale even if they stay as they were
(``autoscale_view`` in each frame), so notices that belong to the setting of limits are not counted: whoever
draws compares the limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .children import branches_of, parts_of

#: How often matplotlib calls an axis stale when its limits are set (`Axis._set_lim`: the view interval, and
#: the axis itself), and emits ``xlim_changed`` once.
_NOTICES_PER_LIMITS = 2


class Staleness:
    """Listens to one figure.

    Parameters
    ----------
    figure : Figure
        To be listened to, once `listen` was called.
    """

    def __init__(self, figure: Any) -> None:
        self._changed: set[Any] = set()
        self._figure = figure
        self._depth = 0
        self._axis_notices: dict[Any, int] = {}

    def clear(self) -> None:
        """All is drawn."""
        self._changed.clear()
        self._axis_notices.clear()

    def settle(self) -> set[Any]:
        """Who has changed; an axis only if more than its limits were set."""
        return self._changed.union(axis for axis, notices in self._axis_notices.items() if notices > 0)

    @property
    def heard(self) -> bool:
        """Whether anything was heard since `clear`."""
        return bool(self._changed or self._axis_notices)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Around a draw that nobody sees: what it says is not heard, and what was heard before stays."""
        changed, notices = set(self._changed), dict(self._axis_notices)
        try:
            yield
        finally:
            self._changed, self._axis_notices = changed, notices

    def listen(self, leaves: set[Any]) -> None:
        """Listen to the figure, and to artists that it has now; to those that it gets later after the next call.

        (Whoever gets or loses a child says so itself.)
        """
        for branch in branches_of(self._figure):
            self._listen_to(branch, None)
        for leaf in leaves:
            self._listen_to(leaf, None)
            for part in parts_of(leaf, leaves):
                self._listen_to(part, leaf)
            if getattr(leaf, "axis_name", "") in {"x", "y"}:  # and not "theta", which has no such signal
                self._listen_to_limits(leaf)

    def _listen_to(self, artist: Any, whole: Any) -> None:
        callback = artist.stale_callback
        if not (isinstance(callback, _Notice) and callback.heard is self and callback.whole is whole):
            artist.stale_callback = _Notice(self, callback, whole)

    def _listen_to_limits(self, axis: Any) -> None:
        """Hear of each setting of limits of an axis (``cla`` makes the axes forget who listens)."""
        signal = f"{axis.axis_name}lim_changed"
        registry = axis.axes.callbacks
        known = registry.callbacks.get(signal, {}).values()
        if any(isinstance(reference(), _Limits) and reference().axis is axis for reference in known):
            return
        registry.connect(signal, _Limits(self, axis))  # which it keeps: only methods are held weakly

    # --- called by matplotlib ----------------------------------------------------------------------

    def notice(self, artist: Any, whole: Any, onwards: Any) -> None:
        """An artist, or a part of a whole one, has become stale; tell its parents."""
        if self._depth == 0:
            changed = artist if whole is None else whole
            if hasattr(changed, "axis_name"):
                self._axis_notices[changed] = self._axis_notices.get(changed, 0) + 1
            else:
                self._changed.add(changed)
        self._depth += 1
        try:
            if onwards is not None:
                onwards(artist, True)
            elif whole is not None:
                whole.stale = True
            elif artist is not self._figure:
                self._figure.stale = True  # a legend of the figure tells nobody
        finally:
            self._depth -= 1

    def limits_set(self, axis: Any) -> None:
        """The limits of an axis were set, perhaps to what they were."""
        self._axis_notices[axis] = self._axis_notices.get(axis, 0) - _NOTICES_PER_LIMITS


class _Notice:
    """``stale_callback`` of one artist, or of a part of a whole one; what matplotlib had there is called next."""

    __slots__ = ("heard", "onwards", "whole")

    def __init__(self, heard: Staleness, onwards: Any, whole: Any) -> None:
        self.heard = heard
        self.onwards: Any = onwards.onwards if isinstance(onwards, _Notice) else onwards
        self.whole = whole

    def __call__(self, artist: Any, stale: bool) -> None:
        if stale:
            self.heard.notice(artist, self.whole, self.onwards)


class _Limits:
    """A listener to the limits of one axis."""

    __slots__ = ("axis", "heard")

    def __init__(self, heard: Staleness, axis: Any) -> None:
        self.heard = heard
        self.axis = axis

    def __call__(self, axes: Any) -> None:
        self.heard.limits_set(self.axis)
