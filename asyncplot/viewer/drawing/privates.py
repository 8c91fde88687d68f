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


def norm_of_colorbar(axes: Any) -> Any:
    """The norm by which the ticks of a colour bar's axes go; None for other axes."""
    return getattr(getattr(axes, "_colorbar", None), "norm", None)


def will_draw(canvas: Any) -> bool:
    """Whether a toolkit is going to draw a canvas by itself, as ``draw_idle`` asked it to: Qt, or Tk."""
    return bool(getattr(canvas, "_draw_pending", False) or getattr(canvas, "_idle_draw_id", None))
