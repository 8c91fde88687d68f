"""A session for lanes that are tried out alone: its helper is said to run, and the tests look in its place."""

from __future__ import annotations

from asyncplot.compute.pacing import Pacing


class Host:
    """What a lane needs of its session. No thread, no viewer, no limit of cost."""

    helping, news, calls = True, False, 1

    def __init__(self) -> None:
        self.pacing = Pacing(1.0, 0.0)

    def start_helper(self) -> bool:
        """It runs already."""
        return True

    def put_off_helper(self, now: float, until: float) -> None:
        """There is no alarm here."""

    def fate(self, lane: int, name: str, number: int) -> None:
        """Nobody has drawn anything."""
