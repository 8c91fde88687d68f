"""The private names of matplotlib that the viewer needs: all of them, each with the reason. GUI thread.

``tests/viewer/test_privates.py`` fails when one of them goes, or comes to mean something else.
"""

from __future__ import annotations

from typing import Any

from matplotlib._pylab_helpers import Gcf


def managers() -> list[Any]:
    """All figure managers of pyplot, by number.

    The public way, ``pyplot.figure(number)``, would change the current figure under the plotter's feet.
    """
    kept: list[Any] = Gcf.get_all_fig_managers()
    return sorted(kept, key=lambda manager: int(manager.num))


def place_titles(axes: Any, renderer: Any) -> None:
    """Move the titles of axes above their ticks, as `Axes.draw` does before it draws them."""
    axes._update_title_position(renderer)


def is_placed_by_data(legend: Any) -> bool:
    """Whether a legend looks for its best place (``loc="best"``, the default) in each draw."""
    return bool(legend._get_loc() == legend.codes["best"])


def colorbar_of(axes: Any) -> Any:
    """The colour bar that axes were made for, or None. The toolbar pans and zooms its norm, and not the axes.

    ``cla`` makes such axes plain ones again: they keep the attribute, and lose the functions of the colour bar.
    """
    return getattr(axes, "_colorbar", None) if "drag_pan" in vars(axes) else None


def norm_of_colorbar(axes: Any) -> Any:
    """The norm by which the ticks of a colour bar's axes go; None for other axes."""
    return getattr(colorbar_of(axes), "norm", None)


def shared_with(axes: Any, name: str) -> list[Any]:
    """The axes that share an axis (``x``, ``y``, ``z``) or the camera (``view``) with some, which are among them.

    There are public names for x and y only.
    """
    siblings: list[Any] = axes._shared_axes[name].get_siblings(axes)
    return siblings


def will_draw(canvas: Any) -> bool:
    """Whether a toolkit is going to draw a canvas by itself, as ``draw_idle`` asked it to: Qt, or Tk."""
    return bool(getattr(canvas, "_draw_pending", False) or getattr(canvas, "_idle_draw_id", None))
