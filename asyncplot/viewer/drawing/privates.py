"""All private names of matplotlib that the viewer uses, each with the reason. GUI thread.

``tests/viewer/test_privates.py`` fails if one of them is removed or changes its meaning.
"""

from __future__ import annotations

from typing import Any

from matplotlib._pylab_helpers import Gcf


def managers() -> list[Any]:
    """All figure managers of pyplot, by number.

    The public way, ``pyplot.figure(number)``, would also change the plotter's current figure.
    """
    kept: list[Any] = Gcf.get_all_fig_managers()
    return sorted(kept, key=lambda manager: int(manager.num))


def place_titles(axes: Any, renderer: Any) -> None:
    """Move the titles of axes above their ticks, as `Axes.draw` does before it draws."""
    axes._update_title_position(renderer)


def is_placed_by_data(legend: Any) -> bool:
    """Whether a legend searches its best place in each draw (``loc="best"``, the default)."""
    return bool(legend._get_loc() == legend.codes["best"])


def colorbar_of(axes: Any) -> Any:
    """The colour bar that axes were made for, or None. For such axes the toolbar pans and zooms the norm.

    After ``cla`` they are plain axes again: they keep the attribute ``_colorbar``, but lose the colour bar's functions.
    """
    return getattr(axes, "_colorbar", None) if "drag_pan" in vars(axes) else None


def norm_of_colorbar(axes: Any) -> Any:
    """The norm on which the ticks of a colour bar's axes depend; None for other axes."""
    return getattr(colorbar_of(axes), "norm", None)


def shared_with(axes: Any, name: str) -> list[Any]:
    """The axes that share an axis (``x``, ``y``, ``z``) or the camera (``view``) with ``axes``, and ``axes`` itself.

    Public names exist for x and y only.
    """
    siblings: list[Any] = axes._shared_axes[name].get_siblings(axes)
    return siblings


def will_draw(canvas: Any) -> bool:
    """Whether the toolkit (Qt, Tk) will draw a canvas soon, because ``draw_idle`` was called."""
    return bool(getattr(canvas, "_draw_pending", False) or getattr(canvas, "_idle_draw_id", None))


def set_pixel_ratio(canvas: Any, ratio: float) -> bool:
    """Draw a canvas for a screen with so many device pixels in a pixel; returns whether that is new.

    It is public only for reading: every toolkit's canvas calls this when its window comes to another screen.
    """
    return bool(canvas._set_device_pixel_ratio(ratio))
