"""The session that shows nothing: plotting is switched off, or no viewer could be started. Any thread.

In: the same calls as the other sessions get. Out: results that tell why nothing is shown, and a stand-in for
the plotter.
"""

from __future__ import annotations

import logging
from typing import Any

from ...errors import AsyncplotError, ViewerGone
from ...rundir import Viewer, base_path, default_name
from ...stats import Stats
from ..copying import Kept
from ..pending import PendingResult, Update, lost, off
from ..received import nothing_received
from ..standin import Absence
from .contract import Session


class OffSession(Session):
    """Nothing is shown: plotting is switched off, or no viewer could be started.

    Parameters
    ----------
    why : str
        Why nothing is shown.
    name : str, optional
        The run's name.
    failure : AsyncplotError, optional
        What `check` raises, and the ``value`` of pending results. None: plotting is switched off.
    strict : bool
        Whether `plotter` raises.
    """

    def __init__(
        self,
        why: str,
        name: str | None = None,
        failure: AsyncplotError | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self.name = name or default_name()
        self.directory = base_path() / self.name
        self.received = nothing_received()
        self.why_off = why
        self._failure = failure
        # The user switched plotting off. That is not worth one line in the log on each of 1,000 MPI ranks.
        level = logging.WARNING if failure else logging.INFO
        self._absent = Absence(self.name, strict=strict, level=level)
        self._pending = PendingResult()
        self._pending._fate = off() if failure is None else lost(why)

    def lane(self, method: str) -> Update:
        return _Nowhere(self._pending)

    def flush(self, timeout: float | None) -> bool:
        return False

    def ready(self, timeout: float | None) -> bool:
        return False

    def wait(self) -> None:
        """Do nothing: there are no windows."""

    def close(self, *, patient: bool) -> None:
        """Do nothing: there is nothing to end."""

    @property
    def is_alive(self) -> bool:
        return False

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        return (absent_viewer(self.why_off),)

    def check(self) -> None:
        if self._failure is not None:
            raise self._failure

    @property
    def stats(self) -> Stats:
        return Stats()

    @property
    def plotter(self) -> Any:
        return self._absent(ViewerGone(f"there is no live plotter: {self.why_off}"))


class _Nowhere(Kept):
    """A lane of a session that is off: each call returns the same result."""

    __slots__ = ("_result",)

    def __init__(self, result: PendingResult) -> None:
        self._result = result

    def __call__(self, *args: Any, **kwargs: Any) -> PendingResult:
        return self._result

    def _pickled(self) -> tuple[Any, ...]:
        return _Nowhere, (self._result,)


def absent_viewer(why: str) -> Viewer:
    """The entry of `Server.viewers` if no viewer is started."""
    return Viewer(number=1, phase="off", reason=why, ended=why)
