"""What a lane needs of its session: the contract between `Lane` and `LiveSession`. Compute side, any thread."""

from __future__ import annotations

from typing import Protocol

from .pacing import Pacing
from .pending import Fate


class Host(Protocol):
    """What a lane needs of its session."""

    pacing: Pacing

    @property
    def calls(self) -> int:
        """Calls so far, all lanes together."""
        ...

    @property
    def helping(self) -> bool:
        """Whether the helper thread runs."""
        ...

    @property
    def news(self) -> bool:
        """Whether the helper has news of a viewer to log."""
        ...

    def start_helper(self) -> bool:
        """Have the helper thread run; False if no thread can be started."""
        ...

    def put_off_helper(self, now: float, until: float) -> None:
        """Have it look when the first lane has become quiet, which for this one is ``until``."""
        ...

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """What became of a taken frame (0: of one that waits)."""
        ...
