"""Copies and pickles of a server, and of what it hands out. Compute side, any thread.

A copy is the object itself. Example: a trainer that holds a `Server` is copied by `copy.deepcopy`; the copy
shows its frames in the same window. A pickle is read by another process, or by this one much later. The
object that comes out of it is switched off, and logs that once.
"""

from __future__ import annotations

import functools
import os
from abc import ABC, abstractmethod
from typing import Any, NamedTuple, Self

from .. import settings
from ..errors import ShippingError
from ..frames import shipment
from ..log import logger


class Kept(ABC):
    """An object whose copy is the object itself, and that cannot be sent to a viewer."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if what := shipment.load():
            raise ShippingError(
                f"the {what} refers to a {type(self).__name__} of asyncplot, which stays with the computation; "
                "to send values back, call asyncplot.send in the plotter"
            )
        return self._pickled()

    @abstractmethod
    def _pickled(self) -> tuple[Any, ...]:
        """What pickle stores, in the form of ``__reduce__``. It waits for nothing, and starts nothing."""


class Origin(NamedTuple):
    """The source of a pickled server.

    Attributes
    ----------
    name : str
        The run's name.
    pid : int
        The process that pickled it.
    off : str
        Why it showed nothing there; empty if it did.
    """

    name: str
    pid: int
    off: str = ""

    @classmethod
    def here(cls, name: str, off: str = "") -> Origin:
        """A server of this process."""
        return cls(name, os.getpid(), off)

    @property
    def why_off(self) -> str:
        """Why the unpickled object is switched off, and what to do."""
        return self.off or (
            f"this Server came by pickle from process {self.pid}; make a new Server here, or call update in the "
            "process that made it"
        )

    def warn(self) -> None:
        """Log once in this process that nothing is shown, unless the user has switched plotting off."""
        if not self.off and settings.switched_on():
            _warn(self.why_off)


@functools.cache
def _warn(why: str) -> None:
    logger.warning("update does nothing: %s", why)
