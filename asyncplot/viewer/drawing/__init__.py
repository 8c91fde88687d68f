"""Drawing what changed, and leaving the user's view alone. GUI thread.

`Figures` shows and draws all figures; `Blitter` finds the cheapest exact way for one; `Views` keeps what the user has
panned or zoomed to. The only part of the viewer that knows matplotlib's figures, and its private names (`privates`).
"""

from .figures import Figures
from .views import Views

__all__ = ["Figures", "Views"]
