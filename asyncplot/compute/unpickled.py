"""What a server and its lanes are after unpickling: switched off. Any process, any thread.

In: where the pickle comes from. Out: objects that accept every call and show nothing. They are made only
here. So this is the file to change if a worker process is to send frames of its own.
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
    """The session of a server that was unpickled."""
    origin.warn()
    return OffSession(origin.why_off, origin.name)


def unpickled_update(name: str, origin: Origin) -> Update:
    """The ``update`` of a lane that was unpickled."""
    return UnpickledLane(name, origin).update


class KeptLane(Kept, Lane):
    """A lane whose copy is the lane itself, and whose pickle is switched off. Its session holds it weakly.

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
    """A lane whose frames are not shown anywhere.

    It must be a `Lane`. The reason: cloudpickle stores a method as its function and its object, so after
    unpickling the function `Lane.update` is called with this object.

    Parameters
    ----------
    name : str
        The name of the method.
    origin : Origin
        Where the pickle comes from.
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
        """Return False: there is no helper."""
        return False

    def put_off_helper(self, now: float, until: float) -> None:
        """Do nothing: there is no helper."""

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """Return None: a closed lane sets the final state of its frames itself."""
        return None
