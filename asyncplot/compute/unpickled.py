"""What a server and its lanes become when they are unpickled: switched off. Any process, any thread.

In: where they come from; out: objects that take every call and show nothing. They are made here and nowhere else, so this is the
place to change when a worker process is to send frames of its own.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from .copying import Kept, Origin
from .lane import Lane
from .pacing import Pacing
from .pending import Fate, Update
from .session.contract import Session
from .session.off import OffSession


def session(origin: Origin) -> Session:
    """What stands behind a server that was unpickled."""
    origin.warn()
    return OffSession(origin.why_off, origin.name)


def unpickled_update(name: str, origin: Origin) -> Update:
    """The calls of a lane that was unpickled."""
    return UnpickledLane(name, origin).update


class KeptLane(Kept, Lane):
    """A lane that copies share, that a pickle switches off, and that its session holds weakly.

    Parameters
    ----------
    run : str
        The run's name. The other parameters are those of `Lane`.
    """

    __slots__ = ("__weakref__", "_run")

    def __init__(self, run: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._run = run

    def _pickled(self) -> tuple[Any, ...]:
        return UnpickledLane, (self.name, Origin.here(self._run))


class UnpickledLane(KeptLane):
    """A lane whose frames go nowhere.

    It is a `Lane`, because cloudpickle takes a method apart into its function and its object: the function `Lane.update` is
    called with this object then.

    Parameters
    ----------
    name : str
        The name of the method.
    origin : Origin
        Where it comes from.
    """

    __slots__ = ()

    def __init__(self, name: str, origin: Origin) -> None:
        super().__init__(origin.name, name, 0, None, _Nobody())
        origin.warn()
        self.abandon(deque())


class _Nobody:
    """The host of a lane that is switched off."""

    helping = news = False
    calls = 0

    def __init__(self) -> None:
        self.pacing = Pacing(1.0, time.monotonic())

    def start_helper(self) -> bool:
        """There is none."""
        return False

    def put_off_helper(self, now: float, until: float) -> None:
        """There is none."""

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """A lane that is closed settles its frames itself."""
        return None
