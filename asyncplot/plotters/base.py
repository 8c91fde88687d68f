"""What the ready-made plotters have in common: a figure of their own, or a part of somebody's (`Grid`).

A plotter is made on the compute side and sent: it holds its description and no artists. Its figure is made in the
viewer, at the first `update`, on the GUI thread.
"""

from __future__ import annotations

from typing import Any

from . import themes


class Plotter:
    """A ready-made plotter. Derived ones say how their axes are made.

    Parameters
    ----------
    title : str
        Above the axes, and of the window.
    theme : {"auto", "light", "dark"}
        "auto": what ``ASYNCPLOT_THEME`` says in the viewer, else light.
    """

    #: Whether it can be a part of a `Grid`.
    divides: bool = True

    #: What of `vars` belongs to the viewer, and is not sent.
    _of_the_viewer: tuple[str, ...] = ("figure",)

    def __init__(self, title: str, theme: str) -> None:
        self.title = title
        self.theme = themes.checked(theme)
        self.figure: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """The description, for a viewer, a copy or a checkpoint: a figure stays where it was made."""
        return {**vars(self), **dict.fromkeys(self._of_the_viewer)}

    def start(self, figure: Any = None) -> None:
        """Make the axes, in a figure or subfigure, or in a figure of its own; once."""
        if self.figure is not None:
            return
        import matplotlib

        settings: Any = themes.settings(self.theme)
        with matplotlib.rc_context(settings):
            if figure is None:
                from matplotlib import pyplot

                figure = pyplot.figure(layout="constrained")
                if self.title:
                    figure.canvas.manager.set_window_title(self.title)
            figure.set_facecolor(matplotlib.rcParams["figure.facecolor"])
            self.figure = figure
            self.make(figure)

    def make(self, figure: Any) -> None:
        """Make the axes in a figure or subfigure. The theme's settings hold."""
        raise NotImplementedError


def still(axes: Any) -> None:
    """Fix the colours of ticks that come later, when the theme's settings hold no more."""
    import matplotlib

    axes.tick_params(axis="x", which="both", colors=matplotlib.rcParams["xtick.color"])
    axes.tick_params(axis="y", which="both", colors=matplotlib.rcParams["ytick.color"])


def title_above(figure: Any, title: str) -> None:
    """Give a figure, or a part of one, a title: above the legend, which stands where that of axes would."""
    if title:
        figure.suptitle(title)


def legend_above(axes: Any, handles: list[Any]) -> None:
    """Name curves above the axes, where no data are, so that the legend is never drawn over."""
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=4,
        borderaxespad=0.2,
        frameon=False,
        labelcolor=axes.xaxis.label.get_color(),  # the theme's, whose settings hold no more
    )
