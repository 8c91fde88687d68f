"""`Received`: what the plotters of a run have sent back, polled by the computation.

In: one word of the control file, which any viewer changes when it has sent something, and then the small
files that the viewers write: JSON, checked, and never a pickle. Out: a mapping of plain data. Any thread;
nothing is ever called from here.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..log import logger
from ..rundir import SENT_BYTES, VIEW_BYTES
from ..rundir.format import CONTROL_SENT
from .copying import Kept

#: The largest file of what a viewer has sent: both, and the names of these.
_BYTES = SENT_BYTES + VIEW_BYTES + 64

#: No more names than this are kept, whatever viewers send in the course of months.
NAMES = 1000


class Received(Kept, Mapping[str, Any]):
    """The newest value of each name, over all viewers of the run. Read-only.

    While nothing has come, looking at it costs 0.1 us and no system call.

    Parameters
    ----------
    words : sequence of int
        Those of the control file.
    folders : callable
        The folders of the run's viewers.
    keeps : object
        What lives as long as this does: the run, for whoever holds nothing else of it.
    """

    __slots__ = (
        "__weakref__",
        "_folders",
        "_keeps",
        "_seen",
        "_times",
        "_values",
        "_views",
        "_warned",
        "_words",
    )

    def __init__(
        self, words: Sequence[int], folders: Callable[[], Sequence[Path]], keeps: object = None
    ) -> None:
        self._keeps = keeps
        self._words = words
        self._folders = folders
        self._seen = 0
        self._times: dict[str, int] = {}
        self._values: dict[str, Any] = {}
        self._views: list[Any] = []
        self._warned = False

    def __getitem__(self, name: str) -> Any:
        if self._words[CONTROL_SENT] != self._seen:
            self._look()
        return self._values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The newest value of a name, or ``default``."""
        # Not by `__getitem__` and an exception: this is what loops call.
        if self._words[CONTROL_SENT] != self._seen:
            self._look()
        return self._values.get(name, default)

    @property
    def views(self) -> list[Any]:
        """What each viewer says that it shows, for the plotter's ``prepare``; plain data."""
        if self._words[CONTROL_SENT] != self._seen:
            self._look()
        return self._views

    def __iter__(self) -> Iterator[str]:
        if self._words[CONTROL_SENT] != self._seen:
            self._look()
        return iter(dict(self._values))

    def __len__(self) -> int:
        if self._words[CONTROL_SENT] != self._seen:
            self._look()
        return len(self._values)

    def __repr__(self) -> str:
        return f"<received {dict(self)!r}>"

    def put(self, name: str, value: Any) -> None:
        """Take a value of a plotter in this very process."""
        self._values = {**self._values, name: value}

    def freeze(self, *, look: bool = True) -> None:
        """Keep what has come, and look no more: the control file goes."""
        if look and self._words[CONTROL_SENT] != self._seen:
            self._look()
        self._words = NOTHING
        self._seen = 0

    def _pickled(self) -> tuple[Any, ...]:
        return _unpickled, (dict(self), self.views)

    def _look(self) -> None:
        # The word first: what comes while the files are read is looked at next time.
        self._seen = self._words[CONTROL_SENT]
        views = []
        for folder in self._folders():
            values, view = self._sent(folder)
            if view is not None:
                views.append(view)
            now = time.monotonic_ns()
            for name, (value, sent) in values.items():
                # What claims to come from the future would win over all that is sent before then.
                known = name in self._values or len(self._values) < NAMES
                if known and self._times.get(name, -1) < sent <= now:
                    self._times[name] = sent
                    self._values = {**self._values, name: value}
        self._views = views

    def _sent(self, folder: Path) -> tuple[dict[str, tuple[Any, int]], Any]:
        """What one viewer has sent, and its view; nothing if that is not as it should be."""
        try:
            record = json.loads(_read(folder / "sent.json"))
            values = {str(name): (value, int(sent)) for name, (value, sent) in record["values"].items()}
            return values, record.get("view")
        except FileNotFoundError:
            return {}, None
        except (
            OSError,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            ArithmeticError,
            RecursionError,
        ) as error:
            if not self._warned:
                self._warned = True
                logger.warning("what %s has sent is ignored (%s)", folder.name, error)
            return {}, None


#: The words where there is no control file.
NOTHING: Sequence[int] = (0,) * (CONTROL_SENT + 1)


def nothing_received() -> Received:
    """For servers without a viewer."""
    return Received(NOTHING, list)


def _unpickled(values: dict[str, Any], views: list[Any]) -> Received:
    """What comes out of a pickle: the values as they were, which stay."""
    received = nothing_received()
    received._values, received._views = values, views
    return received


def _read(path: Path) -> bytes:
    """A small plain file; what else may stand in its place is not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _BYTES:
            raise ValueError(f"not a plain file of at most {_BYTES} bytes")
        return os.read(descriptor, _BYTES)
    finally:
        os.close(descriptor)
