"""`autoscale`: limits that follow the data, and change rarely. GUI thread of the viewer.

In: the data of the axes' lines, collections, images and patches. Out: the limits of the axes. New limits mean new ticks and
labels, which are most of the cost of a small picture, and axes that change all the time cannot be read. So limits grow at
once, to round numbers beyond the data, and shrink only when the data have been small for a while (hysteresis).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

#: If the data fill less than the first share of the limits for ``patience`` calls in a row, the limits shrink: provided that
#: they shrink to less than the last share.
_FILLED, PATIENCE, _GAIN = 0.5, 20, 0.8

#: Limits are multiples of a round step, which is about this share of their span.
_STEP = 0.1

#: If all data are equal, the limits are so far away, relative to the value.
_FLAT = 1e-3

#: A relative span below this (some 1,000 ULP) is floating point noise. (A millisecond of today's time is 4,000 ULP.)
_NOISE = 2e-13

#: Spans below the first and above the second are near the smallest and the largest float.
_SMALLEST, _LARGEST = 1e-300, 1e300

#: Logarithmic axes reach at most so many decades down and up: with 260, matplotlib's ticks raise OverflowError.
_DECADES = 200.0


class StillLimits:
    """Limits around values: they grow at once, to round numbers, and shrink when they have been too wide for long.

    Pure. Axes, colours and bins use it.

    Attributes
    ----------
    limits : tuple of float or None
        None before the first values.

    Examples
    --------
    >>> still = StillLimits()
    >>> still.follow(0.0, 9.3), still.limits
    (True, (-1.0, 10.0))
    >>> still.follow(0.5, 9.9), still.limits
    (False, (-1.0, 10.0))
    >>> still.follow(0.5, 12.0), still.limits
    (True, (-1.0, 14.0))
    """

    def __init__(self) -> None:
        self.limits: tuple[float, float] | None = None
        self._small = 0

    def follow(self, low: float, high: float, *, margin: float = 0.05, patience: int = PATIENCE) -> bool:
        """Follow the smallest and the largest of the newest values; True if the limits have changed."""
        if self.limits is None:
            self.limits = fitting(low, high, margin)
            return True
        first, last = before = self.limits
        self._small = self._small + 1 if high - low < _FILLED * (last - first) else 0
        if self._small >= patience:
            self._small = 0
            new = fitting(low, high, margin)
            if new[1] - new[0] <= _GAIN * (last - first):
                self.limits = new
        elif low < first or high > last:
            wider = fitting(min(low, first), max(high, last), margin)
            self.limits = wider[0] if low < first else first, wider[1] if high > last else last
        return self.limits != before


def autoscale(
    axes: Any, x: bool = True, y: bool = True, *, margin: float = 0.05, patience: int = PATIENCE
) -> bool:
    """Have the limits of axes follow their data, with hysteresis. For plotters, in ``update``.

    If the limits need no change, the axes are not touched, so that only the data are drawn. As with matplotlib's own
    autoscale, limits that somebody has set (``set_xlim``) stay, until ``axes.autoscale(True)``.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Linear or logarithmic; inverted ones stay inverted.
    x, y : bool
        Which limits follow.
    margin : float
        The room beyond the data when limits change, as a share of their span.
    patience : int
        Limits shrink after so many calls in a row with data that fill less than half of the axes.

    Returns
    -------
    bool
        Whether limits were changed.

    Examples
    --------
    >>> from asyncplot import autoscale
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> lines = axes.plot([0, 1], [0.0, 9.3])
    >>> autoscale(axes, x=False), [float(limit) for limit in axes.get_ylim()]
    (True, [-1.0, 10.0])
    """
    changed = False
    for name, wanted in (("x", x), ("y", y)):
        automatic = axes.get_autoscalex_on() if name == "x" else axes.get_autoscaley_on()
        if wanted and automatic and (data := _span(axes, name)) is not None:
            changed = _follow(axes, name, data, margin, patience) or changed
    return changed


def _follow(axes: Any, name: str, data: tuple[float, float], margin: float, patience: int) -> bool:
    get, set_ = (axes.get_xlim, axes.set_xlim) if name == "x" else (axes.get_ylim, axes.set_ylim)
    logarithmic = _is_logarithmic(axes, name)
    if logarithmic:
        data = math.log10(data[0]), math.log10(data[1])
    still = _still(axes, name)
    still.follow(*data, margin=margin, patience=patience)
    assert still.limits is not None
    low, high = still.limits
    if logarithmic:
        low = 10.0 ** min(max(low, -_DECADES), _DECADES - 1.0)
        high = 10.0 ** min(max(high, 1.0 - _DECADES), _DECADES)
    before = get()
    wanted = (high, low) if before[0] > before[1] else (low, high)
    if (before[0], before[1]) == wanted:
        return False
    set_(*wanted, auto=None)
    return True


def _still(axes: Any, name: str) -> StillLimits:
    """What is remembered of these limits, on the scale that the axis has now: with another scale it begins anew.

    It is an attribute of the axes, so that it lives as long as these. Axes that share limits have one for all.
    """
    kept, attribute = vars(_sharing(axes, name)[0]), f"_asyncplot_{name}limits"
    scale = axes.get_xscale() if name == "x" else axes.get_yscale()
    known: tuple[str, StillLimits] = kept.get(attribute, ("", StillLimits()))
    if known[0] != scale:
        known = kept[attribute] = scale, StillLimits()
    return known[1]


def fitting(low: float, high: float, margin: float) -> tuple[float, float]:
    """Round limits around values.

    >>> fitting(0.03, 0.97, 0.05)
    (-0.1, 1.1)
    >>> fitting(5.0, 5.0, 0.05)
    (4.995, 5.005)
    """
    span = high - low
    if span <= abs(low) * _NOISE or span < _SMALLEST:
        half = abs(low) * _FLAT if abs(low) > _SMALLEST else 1.0
        return low - half, high + half
    if span > _LARGEST:  # a computation diverges: matplotlib cannot draw axes with such a span
        return max(min(low, 0.0), -_LARGEST), min(max(high, 0.0), _LARGEST)
    step = _round(_STEP * span)
    digits = 2 - math.floor(math.log10(step))
    return (
        round(math.floor((low - margin * span) / step) * step, digits),
        round(math.ceil((high + margin * span) / step) * step, digits),
    )


def _round(value: float) -> float:
    """The next of 1, 2, 5, 10, ... at or above a value."""
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(digit * power for digit in (1.0, 2.0, 5.0, 10.0) if digit * power >= value * (1.0 - 1e-9))


def _sharing(axes: Any, name: str) -> list[Any]:
    """All axes that share these limits, in the order in which they began to share them."""
    shared = axes.get_shared_x_axes() if name == "x" else axes.get_shared_y_axes()
    siblings: list[Any] = shared.get_siblings(axes)
    return siblings


def _is_logarithmic(axes: Any, name: str) -> bool:
    return bool((axes.get_xscale() if name == "x" else axes.get_yscale()) == "log")


def _span(axes: Any, name: str) -> tuple[float, float] | None:
    """The smallest and the largest finite number in all axes that share these limits; None if there is none."""
    positive = _is_logarithmic(axes, name)
    spans = [
        span
        for each in _sharing(axes, name)
        for values in _data(each, name, positive)
        if (span := _extremes(values, positive)) is not None
    ]
    if not spans:
        return None
    return min(low for low, _ in spans), max(high for _, high in spans)


def _data(axes: Any, name: str, positive: bool) -> Iterator[Any]:
    """The coordinates of each visible artist: all of them, or the extremes if the artist knows these."""
    index = 0 if name == "x" else 1
    for line in axes.lines:
        if not line.get_visible() or not _is_data(line, axes, index):
            continue
        if hasattr(line, "data_limits"):  # a line that has only a part of its data in x and y
            limits = line.data_limits()[index]
            # A logarithmic axis needs the smallest value above zero.
            below = positive and len(limits) and np.min(limits) <= 0.0
            yield line.values()[index] if below else limits
        else:  # converted: dates and categories are numbers then
            yield line.get_xdata(orig=False) if name == "x" else line.get_ydata(orig=False)
    for collection in axes.collections:
        if collection.get_visible():
            box = collection.get_datalim(axes.transData)
            low, high = box.get_points()[:, index]
            yield (box.minpos[index] if positive and low <= 0.0 else low), high
    for image in axes.images:
        if image.get_visible():
            left, right, bottom, top = image.get_extent()
            whole = image.data_limits() if hasattr(image, "data_limits") else ((left, right), (bottom, top))
            yield whole[index]
    for patch in axes.patches:
        if patch.get_visible() and _is_data(patch, axes, index):
            points = patch.get_path().vertices
            yield patch.get_patch_transform().transform(points)[:, index]


def _is_data(artist: Any, axes: Any, index: int) -> bool:
    """Whether a coordinate of an artist is in data units, unlike the x of an ``axhline``."""
    transform = artist.get_transform()
    return transform is axes.transData or bool(transform.contains_branch_seperately(axes.transData)[index])


def _extremes(values: Any, positive: bool) -> tuple[float, float] | None:
    array = np.asarray(values, dtype=float)
    if array.size == 0:
        return None
    low, high = float(array.min()), float(array.max())
    if math.isfinite(low) and math.isfinite(high) and not (positive and low <= 0.0):
        return low, high
    array = array[np.isfinite(array) & (array > 0.0 if positive else True)]
    return (float(array.min()), float(array.max())) if array.size else None
