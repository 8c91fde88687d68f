"""The contract of what stands behind a `Server`: a session that is live, inline, or off.

`Server` chooses one when it is made, and passes everything on. So no method asks what kind it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from ...rundir import Viewer
from ...stats import Stats
from ..pending import Update
from ..received import Received


class Session(ABC):
    """What `Server` passes its calls on to; the meaning of each method is documented there.

    Attributes
    ----------
    name : str
        The run's name.
    directory : Path
        The run directory; where there is none, the place where it would be.
    received : Received
        What plotters have sent back. A live session does not hold it: see `hand_out`.
    why_off : str
        Why nothing is shown; empty if something is.
    """

    name: str = ""
    why_off: str = ""
    directory: Path
    received: Received

    def hand_out(self) -> tuple[Update, Received]:
        """The lane ``update``, and ``received``, for the `Server`, which holds them from now on."""
        return self.lane("update"), self.received

    @abstractmethod
    def lane(self, method: str) -> Update:
        """The asynchronous form of a plotter method. Whoever calls it holds it."""

    @abstractmethod
    def flush(self, timeout: float | None) -> bool:
        """Wait until the last frame of each lane is on the screen."""

    @abstractmethod
    def ready(self, timeout: float | None) -> bool:
        """Wait until the windows are up."""

    @abstractmethod
    def wait(self) -> None:
        """Wait until the windows are closed."""

    @abstractmethod
    def close(self, *, patient: bool) -> None:
        """End everything; ``patient`` waits for a viewer that is still starting."""

    @property
    @abstractmethod
    def is_alive(self) -> bool:
        """Whether a viewer lives."""

    @property
    @abstractmethod
    def viewers(self) -> tuple[Viewer, ...]:
        """The viewers there are and were."""

    @abstractmethod
    def check(self) -> None:
        """Raise what went wrong."""

    @property
    @abstractmethod
    def stats(self) -> Stats:
        """Counts and costs."""

    @property
    @abstractmethod
    def plotter(self) -> Any:
        """The live plotter."""
