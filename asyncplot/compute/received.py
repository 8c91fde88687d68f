"""`Received`: the values that the plotters of a run have sent back. The computation polls it. Any thread.

In: one word of the control file, which a viewer changes when it has sent something; then the small files that
viewers write. They are JSON, never a pickle, and are checked. Out: a mapping of plain data. There are no
callbacks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..log import logger
from ..rundir import SENT_BYTES, VIEW_BYTES, read_bytes
from ..rundir.format import CONTROL_SENT
from .copying import Kept

#: The largest file that is read, bytes: a viewer's values, its view, and the two keys.
_BYTES = SENT_BYTES + VIEW_BYTES + 64

#: At most this many names are kept, even if viewers send new names for months.
NAMES = 1000


class Received(Kept, Mapping[str, Any]):
    """The newest value of each name, from all viewers of the run. Read-only.

    It is a mapping of names to plain data. Any thread may read it. A read costs 0.1 us and no system call
    while nothing new has come.

    Parameters
    ----------
    words : sequence of int
        The words of the control file.
    folders : callable
        Returns the folders of the run's viewers.
    keeps : object
        An object that must live as long as this one: the run. Somebody may hold nothing else of it.
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
        """The newest value of ``name``; ``default`` if there is none."""
        # Not by `__getitem__` and an exception, which is slower: loops call this.
        if self._words[CONTROL_SENT] != self._seen:
            self._look()
        return self._values.get(name, default)

    @property
    def views(self) -> list[Any]:
        """The views that the viewers report, for the plotter's ``prepare``: a list of plain data."""
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
        """Store a value of a plotter that runs in this process."""
        self._values = {**self._values, name: value}

    def freeze(self, *, look: bool = True) -> None:
        """Keep the values, and read no more: the control file is about to be closed."""
        if look and self._words[CONTROL_SENT] != self._seen:
            self._look()
        self._words = NOTHING
        self._seen = 0

    def _pickled(self) -> tuple[Any, ...]:
        return _unpickled, (dict(self), self.views)

    def _look(self) -> None:
        # Read the word first: a value that comes while the files are read is found next time.
        self._seen = self._words[CONTROL_SENT]
        views = []
        for folder in self._folders():
            values, view = self._sent(folder)
            if view is not None:
                views.append(view)
            now = time.monotonic_ns()
            for name, (value, sent) in values.items():
                # A value with a time in the future would replace all values that are sent before that time.
                known = name in self._values or len(self._values) < NAMES
                if known and self._times.get(name, -1) < sent <= now:
                    self._times[name] = sent
                    self._values = {**self._values, name: value}
        self._views = views

    def _sent(self, folder: Path) -> tuple[dict[str, tuple[Any, int]], Any]:
        """The values that one viewer has sent, and its view. Empty if its file is not valid."""
        try:
            record = json.loads(read_bytes(folder / "sent.json", _BYTES))
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
                logger.warning("the values that %s has sent are ignored: %s", folder.name, error)
            return {}, None


#: The words if there is no control file.
NOTHING: Sequence[int] = (0,) * (CONTROL_SENT + 1)


def nothing_received() -> Received:
    """For servers without a viewer."""
    return Received(NOTHING, list)


def _unpickled(values: dict[str, Any], views: list[Any]) -> Received:
    """What comes out of a pickle: the same values. They do not change any more."""
    received = nothing_received()
    received._values, received._views = values, views
    return received
