"""The contract of a backend: how to tick, how to show. All of it on the viewer's GUI thread.

To add one: a file here with a class that derives from `Backend`, and its name in ``settings.BACKENDS``. The
names follow asyncio's (``call_later``, ``add_reader``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

Callback = Callable[[], None]

#: The colours of the line at the foot of a window: paper and ink.
PAPER, INK = "#8c1d18", "#ffffff"


class Geometry(NamedTuple):
    """Where a window stands.

    Attributes
    ----------
    x, y : int
        Its left upper corner, with its frame, pixels of the toolkit.
    width, height : int
        Its size, without its frame.
    own_width, own_height : int
        The size that it would have had by itself.
    """

    x: int
    y: int
    width: int
    height: int
    own_width: int
    own_height: int


#: Of so many windows the places are known: the first ones that appear.
WINDOWS_KEPT = 32


class Backend(ABC):
    """One GUI toolkit, or none.

    Attributes
    ----------
    name : str
        What users call it.
    matplotlib_backend : str
        The backend of matplotlib that belongs to it.
    remark : str
        What the environment told the toolkit, if that explains what is shown, or was not followed. After `start`.
    """

    name: ClassVar[str]
    matplotlib_backend: ClassVar[str]
    remark: str = ""

    @classmethod
    @abstractmethod
    def unavailable(cls) -> str | None:
        """Why it cannot be used here and what to do about it, or None. Starts nothing."""

    @abstractmethod
    def start(self) -> None:
        """Make the application object, and select matplotlib's backend. Called once, before the plotter.

        Raises whatever keeps it from that; another backend is taken then.
        """

    @abstractmethod
    def call_later(self, seconds: float, callback: Callback) -> None:
        """Call once, after some time, from the loop."""

    @abstractmethod
    def add_reader(self, descriptor: int, callback: Callback) -> None:
        """Call from the loop whenever the descriptor can be read (or has ended)."""

    @abstractmethod
    def show(self, manager: Any) -> None:
        """Show the window of a new figure (a matplotlib figure manager) without giving it the focus."""

    @abstractmethod
    def paint(self, canvas: Any, box: Any = None) -> None:
        """Put what was drawn on the screen before returning; within ``box`` (a ``Bbox``, pixels) only, if given."""

    @abstractmethod
    def say(self, managers: Sequence[Any], text: str) -> None:
        """Lay a line over the foot of each window, and paint it before returning; empty: take it away.

        The windows are those of the given figures, and others of this toolkit. Called again while the line stands, as
        windows change.
        """

    @abstractmethod
    def windows(self, managers: Sequence[Any]) -> int:
        """How many windows are open that a user can close: of the given figures, and others of this toolkit."""

    @abstractmethod
    def run(self) -> None:
        """Run the loop until `quit`."""

    @abstractmethod
    def quit(self) -> None:
        """Have `run` return."""

    def put(self, geometries: Sequence[Geometry | None]) -> None:  # noqa: B027 (where there are no windows, nothing is to be done)
        """Have the windows that appear from now on stand there, in the order in which they appear."""

    def geometries(self) -> list[Geometry | None]:
        """Where the windows stand, or stood when they were closed, in the order in which they appeared."""
        return []

    def versions(self) -> dict[str, str]:
        """The versions of what draws."""
        import matplotlib

        return {"matplotlib": matplotlib.__version__}
