"""What a user can change about axes. Each such thing is an `Aspect`, which can be read and set. GUI thread.

These are limits and scales, the camera of 3-D axes, the radial labels of polar axes, and the range of a colour bar. In:
axes of any kind. Out: their aspects. Maps (aitoff, hammer, lambert, mollweide) have none: a user cannot change them.
Nothing is kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from matplotlib.projections.polar import PolarAxes

from . import privates

#: The scales that the keys "k" and "l" of matplotlib's toolbar set. Other scales have parameters that would be lost.
_TOGGLED = {"linear", "log"}


class Aspect(ABC):
    """One thing that a user can change about axes.

    Attributes
    ----------
    name : str
        Different for each aspect of the same axes.
    """

    name = ""

    @abstractmethod
    def seen(self, axes: Any) -> tuple[Any, ...]:
        """What is on the screen. It can be compared, and set again."""

    def own(self, axes: Any) -> tuple[Any, ...]:
        """What is on the screen, with everything else that the plotter sets together with it. It can be set again."""
        return self.seen(axes)

    @abstractmethod
    def set(self, axes: Any, *values: Any) -> None:
        """Set what `seen` or `own` returned. If it is set already, matplotlib is not notified."""

    def siblings(self, axes: Any) -> list[Any]:
        """The axes that share this aspect with ``axes``, and ``axes`` itself."""
        return [axes]


class Limits(Aspect):
    """The limits of one axis, and whether autoscale may change them. It may not change limits that the user has set."""

    def __init__(self, axis: str) -> None:
        self.name = axis

    def seen(self, axes: Any) -> tuple[Any, ...]:
        """The limits. Reading them does an autoscale that was put off."""
        low, high = getattr(axes, f"get_{self.name}lim")()
        return float(low), float(high)

    def own(self, axes: Any) -> tuple[Any, ...]:
        return *self.seen(axes), bool(getattr(axes, f"get_autoscale{self.name}_on")())

    def set(self, axes: Any, *values: Any) -> None:
        low, high, *automatic = values
        if self.seen(axes) != (low, high) and self._has_place_for(axes, low, high):
            getattr(axes, f"set_{self.name}lim")(low, high)
        getattr(axes, f"set_autoscale{self.name}_on")(automatic == [True])

    def siblings(self, axes: Any) -> list[Any]:
        return privates.shared_with(axes, self.name)

    def _has_place_for(self, axes: Any, low: float, high: float) -> bool:
        """Whether the axis can have these limits: a logarithmic one cannot have limits of 0 or below."""
        return getattr(axes, f"get_{self.name}scale")() != "log" or min(low, high) > 0.0


class Scale(Aspect):
    """Whether an axis is linear or logarithmic, which the keys "k" and "l" change."""

    def __init__(self, axis: str) -> None:
        self._axis = axis
        self.name = f"{axis} scale"

    def seen(self, axes: Any) -> tuple[Any, ...]:
        return (getattr(axes, f"get_{self._axis}scale")(),)

    def set(self, axes: Any, *values: Any) -> None:
        ((before,), (scale,)) = self.seen(axes), values
        if before != scale and {before, scale} == _TOGGLED:
            getattr(axes, f"set_{self._axis}scale")(scale)

    def siblings(self, axes: Any) -> list[Any]:
        return privates.shared_with(axes, self._axis)


class Camera(Aspect):
    """The direction from which 3-D axes are seen: elevation, azimuth and roll, degrees."""

    name = "camera"

    def seen(self, axes: Any) -> tuple[Any, ...]:
        return float(axes.elev), float(axes.azim), float(axes.roll)

    def set(self, axes: Any, *values: Any) -> None:
        # Not by `view_init`: it would make z the vertical axis again.
        if self.seen(axes) != values:
            axes.elev, axes.azim, axes.roll = values
            axes.stale = True

    def siblings(self, axes: Any) -> list[Any]:
        return privates.shared_with(axes, "view")


class RadialLabels(Aspect):
    """The angle at which polar axes show the labels of their radius, degrees."""

    name = "radial labels"

    def seen(self, axes: Any) -> tuple[Any, ...]:
        return (float(axes.get_rlabel_position()),)

    def set(self, axes: Any, *values: Any) -> None:
        if self.seen(axes) != values:
            axes.set_rlabel_position(*values)


class ColourRange(Aspect):
    """The range of values that a colour bar shows. Panning or zooming the bar changes the norm of its image."""

    name = "colours"

    def seen(self, axes: Any) -> tuple[Any, ...]:
        norm = privates.colorbar_of(axes).norm
        return norm.vmin, norm.vmax

    def set(self, axes: Any, *values: Any) -> None:
        if self.seen(axes) != values:
            privates.colorbar_of(axes).mappable.set_clim(*values)


_FLAT = (Scale("x"), Scale("y"), Limits("x"), Limits("y"))
_THREE_D = (Camera(), Limits("x"), Limits("y"), Limits("z"))
_POLAR = (RadialLabels(), Limits("y"))
_COLORBAR = (ColourRange(),)


def aspects_of(axes: Any) -> tuple[Aspect, ...]:
    """What a user can change about axes. Scales come before limits, because some limits are possible on one scale only."""
    if privates.colorbar_of(axes) is not None:
        return _COLORBAR
    if hasattr(axes, "get_zlim"):
        return _THREE_D
    if isinstance(axes, PolarAxes):
        return _POLAR
    return _FLAT if axes.can_pan() or axes.can_zoom() else ()
