"""Which artists of a figure have changed since they were drawn, as matplotlib tells. GUI thread, within `Artist.stale`.

In: calls of ``Artist.stale_callback``: an artist calls it when it becomes stale, and it tells the artist's parents. Out: the
set of artists where such a chain of calls *began*. So a line that changed can be told from axes that changed, although
both leave the axes stale. The cost of a frame depends on what changed, not on the size of the figure.

Most parts of artists have no callback (the cells of a table, the arrow of a note, the label of an axis). They get one here,
which notes that their whole artist has changed. Changes that nobody tells of are found by `Silence`.

Limits are a special case. Setting limits makes the axis stale even if they stay the same (``autoscale_view`` in each
frame). So the notices that come from setting limits are not counted, and the limits themselves are compared before a draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .children import branches_of, parts_of

#: How often matplotlib calls an axis stale when its limits are set: in `Axis._set_lim`, for the view interval and for
#: the axis itself. It emits ``xlim_changed`` once for both.
_NOTICES_PER_LIMITS = 2


class Staleness:
    """Listens to one figure.

    Parameters
    ----------
    figure : Figure
        It is listened to after `listen` was called.
    """

    def __init__(self, figure: Any) -> None:
        self._notices: set[Any] = set()
        self._figure = figure
        self._depth = 0
        self._axis_notices: dict[Any, int] = {}

    def clear(self) -> None:
        """Forget all changes: everything has been drawn."""
        self._notices.clear()
        self._axis_notices.clear()

    def changed(self) -> set[Any]:
        """The artists that have changed; an axis only if more than its limits were set."""
        return self._notices.union(axis for axis, notices in self._axis_notices.items() if notices > 0)

    @property
    def heard(self) -> bool:
        """Whether any notice came since `clear`."""
        return bool(self._notices or self._axis_notices)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Around a draw that nobody sees: notices within it are not heard, and what was heard before stays."""
        notices, axis_notices = set(self._notices), dict(self._axis_notices)
        try:
            yield
        finally:
            self._notices, self._axis_notices = notices, axis_notices

    def listen(self, leaves: set[Any]) -> None:
        """Listen to the figure, and to the artists that it has now. New artists are listened to after the next call.

        (An artist that gets or loses a child becomes stale itself.)
        """
        for branch in branches_of(self._figure):
            self._listen_to(branch, None)
        for leaf in leaves:
            self._listen_to(leaf, None)
            for part in parts_of(leaf, leaves):
                self._listen_to(part, leaf)
            if getattr(leaf, "axis_name", "") in {"x", "y"}:  # not "theta", which has no such signal
                self._listen_to_limits(leaf)

    def _listen_to(self, artist: Any, whole: Any) -> None:
        callback = artist.stale_callback
        if not (isinstance(callback, _Notice) and callback.heard is self and callback.whole is whole):
            artist.stale_callback = _Notice(self, callback, whole)

    def _listen_to_limits(self, axis: Any) -> None:
        """Hear when the limits of an axis are set. Connected again after each ``cla``, which forgets all listeners."""
        signal = f"{axis.axis_name}lim_changed"
        registry = axis.axes.callbacks
        known = registry.callbacks.get(signal, {}).values()
        if any(isinstance(reference(), _LimitsNotice) and reference().axis is axis for reference in known):
            return
        registry.connect(
            signal, _LimitsNotice(self, axis)
        )  # the registry holds it: only methods are held weakly

    # --- called by matplotlib ----------------------------------------------------------------------

    def notice(self, artist: Any, whole: Any, onwards: Any) -> None:
        """An artist, or a part of the artist ``whole``, has become stale. Tell its parents."""
        if self._depth == 0:
            changed = artist if whole is None else whole
            if hasattr(changed, "axis_name"):
                self._axis_notices[changed] = self._axis_notices.get(changed, 0) + 1
            else:
                self._notices.add(changed)
        self._depth += 1
        try:
            if onwards is not None:
                onwards(artist, True)
            elif whole is not None:
                whole.stale = True
            elif artist is not self._figure:
                self._figure.stale = True  # a legend of the figure does not tell it
        finally:
            self._depth -= 1

    def limits_set(self, axis: Any) -> None:
        """The limits of an axis were set, perhaps to the same values."""
        self._axis_notices[axis] = self._axis_notices.get(axis, 0) - _NOTICES_PER_LIMITS


class _Notice:
    """The ``stale_callback`` of one artist, or of a part of the artist ``whole``. It calls matplotlib's own one next."""

    __slots__ = ("heard", "onwards", "whole")

    def __init__(self, heard: Staleness, onwards: Any, whole: Any) -> None:
        self.heard = heard
        self.onwards: Any = onwards.onwards if isinstance(onwards, _Notice) else onwards
        self.whole = whole

    def __call__(self, artist: Any, stale: bool) -> None:
        if stale:
            self.heard.notice(artist, self.whole, self.onwards)


class _LimitsNotice:
    """Called by matplotlib when the limits of one axis are set."""

    __slots__ = ("axis", "heard")

    def __init__(self, heard: Staleness, axis: Any) -> None:
        self.heard = heard
        self.axis = axis

    def __call__(self, axes: Any) -> None:
        self.heard.limits_set(self.axis)
