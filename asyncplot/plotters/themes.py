"""How the ready-made plotters look: colours that colour-blind people can distinguish, for light and dark figures. Pure.

In: the name of a theme. Out: matplotlib settings. A plotter uses them while it makes its figures, and changes nothing else.
"""

from __future__ import annotations

from typing import Any

from ..errors import ConfigurationError
from ..settings import theme as usual_theme

#: Okabe and Ito's colours (https://jfly.uni-koeln.de/color/), the yellow last, because it is faint on white.
_ON_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#F0E442")
_ON_DARK = ("#56B4E9", "#E69F00", "#2FC79B", "#E79AC6", "#F0E442", "#FF8A4C", "#FFFFFF", "#5AA0D8")

THEMES = ("auto", "light", "dark")


def checked(theme: str) -> str:
    """The name of a theme, if there is such a theme. Raises ConfigurationError otherwise."""
    if theme not in THEMES:
        raise ConfigurationError(f"theme={theme!r}: use {', '.join(map(repr, THEMES))}")
    return theme


def settings(theme: str) -> dict[str, Any]:
    """The settings of a theme for `matplotlib.rc_context`.

    Parameters
    ----------
    theme : {"auto", "light", "dark"}
        "auto": the theme that ``ASYNCPLOT_THEME`` names, else light.
    """
    from cycler import cycler

    if theme == "auto":
        theme = usual_theme()
    dark = theme == "dark"
    paper, ink, faint = ("#15181c", "#d8dbe0", "#3a3f46") if dark else ("white", "#222222", "#dddddd")
    return {
        "figure.facecolor": paper,
        "axes.facecolor": paper,
        "savefig.facecolor": paper,
        "axes.edgecolor": ink,
        "axes.labelcolor": ink,
        "axes.titlecolor": ink,
        "text.color": ink,
        "xtick.color": ink,
        "ytick.color": ink,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": faint,
        "grid.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=_ON_DARK if dark else _ON_LIGHT),
        "legend.frameon": False,
        "image.origin": "lower",
        "lines.linewidth": 1.4,
    }
