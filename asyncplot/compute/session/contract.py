"""The contract of a session: what a `Server` passes its calls on to. Compute side, any thread.

`Server` chooses a live, an inline or an off session when it is made. So no method tests which kind it has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...rundir import Viewer
from ...stats import Stats
from ..pending import Update
from ..received import Received

if TYPE_CHECKING:
    from ...notebook.cell_view import CellView


class Session(ABC):
    """What `Server` passes its calls on to. The meaning of each method is documented there.

    Attributes
    ----------
    name : str
        The run's name.
    directory : Path
        The run directory. If there is none, the path that it would have.
    received : Received
        The values that plotters have sent back. A live session does not hold it: see `hand_out`.
    why_off : str
        Why nothing is shown; empty if something is.
    output : CellView or None
        What shows the figures under the cell of a notebook.
    """

    name: str = ""
    why_off: str = ""
    output: CellView | None = None
    directory: Path
    received: Received

    def hand_out(self) -> tuple[Update, Received]:
        """The lane ``update``, and ``received``. The `Server` holds them from now on."""
        return self.lane("update"), self.received

    @abstractmethod
    def lane(self, method: str) -> Update:
        """The asynchronous form of a plotter method. The caller holds it."""

    @abstractmethod
    def flush(self, timeout: float | None) -> bool:
        """Wait until the last frame of each lane is on the screen. False after ``timeout`` s."""

    @abstractmethod
    def ready(self, timeout: float | None) -> bool:
        """Wait until the windows are open. False after ``timeout`` s."""

    @abstractmethod
    def wait(self) -> None:
        """Wait until the user has closed the windows."""

    @abstractmethod
    def close(self, *, patient: bool) -> None:
        """End everything. ``patient`` waits for a viewer that is still starting."""

    @property
    @abstractmethod
    def is_alive(self) -> bool:
        """Whether a viewer lives."""

    @property
    @abstractmethod
    def viewers(self) -> tuple[Viewer, ...]:
        """The living viewers and those that have ended."""

    @property
    def url(self) -> str:
        """Where the page is; empty if there is none."""
        return ""

    @abstractmethod
    def check(self) -> None:
        """Raise the error that has occurred, if any."""

    @property
    @abstractmethod
    def stats(self) -> Stats:
        """Counts and costs."""

    @property
    @abstractmethod
    def plotter(self) -> Any:
        """The live plotter."""
