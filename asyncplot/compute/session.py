"""The contract of what stands behind a `Server`: live, inline, or off. And the one that is off.

`Server` chooses one when it is made and passes everything on; so no method asks what kind it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from ..errors import AsyncplotError, ViewerGone
from ..rundir import Viewer
from ..stats import Stats
from .copying import Kept
from .lane import Update
from .pending import PendingResult, lost
from .received import Received, nothing_received


class Session(ABC):
    """What `Server` passes its calls on to; the meaning of each method is documented there.

    Attributes
    ----------
    name : str
        The run's name.
    directory : Path or None
        The run directory.
    received : Received
        What plotters have sent back. A live session does not hold it: see `hand_out`.
    why_off : str
        Why nothing is shown; empty if something is.
    """

    name: str = ""
    why_off: str = ""
    directory: Path | None = None
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
    def viewers(self) -> tuple[Viewer, ...]:
        """The viewers there are and were."""
        return ()

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


class OffSession(Session):
    """Nothing is shown: plotting is switched off, or no viewer could be started.

    Parameters
    ----------
    why : str
        For pending results, and whoever asks.
    failure : AsyncplotError, optional
        What `check` raises.
    """

    def __init__(self, why: str, failure: AsyncplotError | None = None) -> None:
        self._failure = failure
        self.why_off = why
        self.received = nothing_received()
        self._lost = PendingResult()
        self._lost._fate = lost(why)

    def lane(self, method: str) -> Update:
        return _Nowhere(self._lost)

    def flush(self, timeout: float | None) -> bool:
        return False

    def ready(self, timeout: float | None) -> bool:
        return False

    def wait(self) -> None:
        """There is nothing to wait for."""

    def close(self, *, patient: bool) -> None:
        """There is nothing to end."""

    @property
    def is_alive(self) -> bool:
        return False

    def check(self) -> None:
        if self._failure is not None:
            raise self._failure

    @property
    def stats(self) -> Stats:
        return Stats()

    @property
    def plotter(self) -> Any:
        raise ViewerGone(f"there is no live plotter: {self.why_off}")


class _Nowhere(Kept):
    """A lane of a session that is off: each call has the same result."""

    __slots__ = ("_result",)

    def __init__(self, result: PendingResult) -> None:
        self._result = result

    def __call__(self, *args: Any, **kwargs: Any) -> PendingResult:
        return self._result

    def _pickled(self) -> tuple[Any, ...]:
        return _Nowhere, (self._result,)
