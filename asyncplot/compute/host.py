"""The contract between `Lane` and `LiveSession`: what a lane needs of it. Compute side, any thread."""

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
        """Whether there is news of a viewer that the helper must log."""
        ...

    def start_helper(self) -> bool:
        """Have the helper thread run. False if no thread can be started."""
        ...

    def put_off_helper(self, now: float, until: float) -> None:
        """Have the helper look when the first lane is quiet. This lane is quiet at ``until``."""
        ...

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """The final state of a taken frame; None if it has none yet. Number 0 stands for a waiting frame."""
        ...
