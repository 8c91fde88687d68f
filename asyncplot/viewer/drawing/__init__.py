"""Draws what changed in the plotter's figures, and keeps the user's view. GUI thread.

`Figures` shows and draws all figures. `Blitter` draws one figure by the cheapest way that is exact. `Views` keeps what the
user has panned or zoomed to. Only this part of the viewer knows matplotlib's figures, and its private names (`privates`).
"""

from .figures import Figures
from .views import Views

__all__ = ["Figures", "Views"]
