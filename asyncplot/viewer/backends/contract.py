"""The contract of a backend: how to tick, how to show. All methods are called on the viewer's GUI thread.

To add a backend, add a file here with a class that derives from `Backend`, and its name to ``settings.BACKENDS``. The
methods have asyncio's names where asyncio has such a method (``call_later``, ``add_reader``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ...rundir import ViewerOptions
from ...sending import Panel
from ..boxes import Box, around_all
from ..hooks import Hooks
from .standing import Geometry, StandingWindows

Callback = Callable[[], None]

#: The colours of the line at the foot of a window: background and text.
PAPER, INK = "#8c1d18", "#ffffff"


class Backend(ABC):
    """One GUI toolkit, or none.

    Attributes
    ----------
    name : str
        What users call it.
    matplotlib_backend : str
        The backend of matplotlib that belongs to it.
    remark : str
        Something in the environment that explains what is shown, or that was not followed; set by `start`.
    hooks : Hooks
        What this viewer has replaced in matplotlib and in the toolkit.
    standing : StandingWindows
        Where its windows stand.
    """

    name: ClassVar[str]
    matplotlib_backend: ClassVar[str]
    remark: str = ""

    def __init__(self) -> None:
        self.hooks = Hooks()
        self.standing = StandingWindows()

    @classmethod
    @abstractmethod
    def unavailable(cls) -> str | None:
        """Why it cannot be used here, and what to do about that; None if it can. Starts nothing."""

    @abstractmethod
    def start(self) -> None:
        """Make the application object, and select matplotlib's backend. Called once, before the plotter is made.

        If it raises, its `hooks` are undone, and another backend is taken.
        """

    def attend(self, run: Path, folder: Path, options: ViewerOptions) -> str:
        """Learn which run is shown. Called once, after `start`, when the loop has what it needs.

        Parameters
        ----------
        run, folder : Path
            The run directory, and this viewer's folder.
        options : ViewerOptions
            What this viewer was told.

        Returns
        -------
        str
            The URL at which a browser on this host shows the figures; empty if there is none.
        """
        return ""

    @property
    def pages(self) -> int:
        """How many pages in browsers show the figures."""
        return 0

    @property
    def panel(self) -> Panel | None:
        """Where a plotter's knobs stand that need no figure; None: nowhere."""
        return None

    @abstractmethod
    def call_later(self, seconds: float, callback: Callback) -> None:
        """Call once from the loop, after some time."""

    @abstractmethod
    def add_reader(self, descriptor: int, callback: Callback) -> None:
        """Call from the loop whenever the descriptor can be read, or has ended."""

    @abstractmethod
    def show(self, manager: Any) -> None:
        """Show the window of a new figure (a matplotlib figure manager) without giving it the focus."""

    @abstractmethod
    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        """Put what was drawn on the screen before returning.

        Parameters
        ----------
        canvas : FigureCanvasAgg
            Has the pixels.
        boxes : sequence of Box, optional
            Those that changed, at least one; None: the whole canvas. A toolkit may paint one box around all of them.
        """

    def ready_for_picture(self) -> bool:
        """Whether it could show another picture now. The loop asks for frames only then; called in each tick.

        A toolkit that paints before `paint` returns always can. One that sends pictures away is ready when the last one has
        arrived, and somebody looks. (`windows` does not tell whether somebody looks: a page is looked at without a window.)
        """
        return True

    @abstractmethod
    def say(self, managers: Sequence[Any], text: str) -> None:
        """Show a line at the foot of each window, over its picture, before returning; empty: remove the line.

        The windows are those of the given figures, and others of this toolkit. Called again and again while the line is
        shown, because windows change.
        """

    @abstractmethod
    def windows(self, managers: Sequence[Any]) -> int:
        """How many windows are open that a user can close: of the given figures, and others of this toolkit.

        When the user has closed the last one, the viewer ends. The loop counts them in each tick.
        """

    @abstractmethod
    def run(self) -> None:
        """Run the loop until `quit`."""

    @abstractmethod
    def quit(self) -> None:
        """Have `run` return."""

    def put(self, geometries: Sequence[Geometry | None]) -> None:
        """Put the windows that appear from now on at these places, in the order in which they appear."""
        self.standing.put(geometries)

    def geometries(self) -> list[Geometry | None]:
        """Where the windows stand, or stood when they were closed, in the order in which they appeared."""
        return self.standing.look()

    def versions(self) -> dict[str, str]:
        """The versions of what draws."""
        import matplotlib

        return {"matplotlib": matplotlib.__version__}


def bbox_around(boxes: Sequence[Box]) -> Any:
    """The smallest `Bbox` of matplotlib around all boxes, for ``canvas.blit``."""
    from matplotlib.transforms import Bbox

    return Bbox.from_extents(*around_all(boxes))
