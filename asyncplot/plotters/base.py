"""What the ready-made plotters have in common: a figure of their own, or a part of the figure of a `Grid`.

In: a description. Out: a figure. A plotter is made on the compute side and sent to the viewer, so it holds a description and
no artists. Its figure is made in the viewer, at the first `update`, on the GUI thread.
"""

from __future__ import annotations

from typing import Any

from . import themes


class Plotter:
    """A ready-made plotter. Derived classes make the axes.

    Parameters
    ----------
    title : str
        Above the axes, and of the window.
    theme : {"auto", "light", "dark"}
        "auto": what ``ASYNCPLOT_THEME`` says in the viewer, else light.
    """

    #: Whether it can be a part of a `Grid`.
    divides: bool = True

    #: The attributes that belong to the viewer, and are not sent.
    _of_the_viewer: tuple[str, ...] = ("figure",)

    def __init__(self, title: str, theme: str) -> None:
        self.title = title
        self.theme = themes.checked(theme)
        self.figure: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """The description, for a viewer, a copy or a checkpoint. The figure stays where it was made."""
        return {**vars(self), **dict.fromkeys(self._of_the_viewer)}

    def start(self, figure: Any = None) -> None:
        """Make the axes in a figure or subfigure; None: in a figure of its own. Only the first call does something."""
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
        """Make the axes in a figure or subfigure. Called with the theme's settings in force."""
        raise NotImplementedError


def keep_tick_colours(axes: Any) -> None:
    """Fix the colours of ticks that are made later, when the theme's settings are no longer in force."""
    import matplotlib

    axes.tick_params(axis="x", which="both", colors=matplotlib.rcParams["xtick.color"])
    axes.tick_params(axis="y", which="both", colors=matplotlib.rcParams["ytick.color"])


def title_above(figure: Any, title: str) -> None:
    """Give a figure, or a part of one, a title. It is above the legend, which takes the place of the axes' own title."""
    if title:
        figure.suptitle(title)


def legend_above(axes: Any, handles: list[Any]) -> None:
    """Put a legend above the axes, where no data are, so that nothing is drawn over it."""
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=4,
        borderaxespad=0.2,
        frameon=False,
        labelcolor=axes.xaxis.label.get_color(),  # the theme's colour: its settings are no longer in force
    )
