"""Records where this viewer's windows stand on the screen. GUI thread.

In: the record of an earlier viewer whose place this one takes (when a cell of a notebook is executed again). Out:
``windows.json``, whenever a window has been moved or resized.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..log import logger
from ..rundir import write_json
from .backends import Backend, Geometry

#: The places are read so often, s.
_EACH = 0.25


class Geometries:
    """Reads and writes the places of windows.

    Parameters
    ----------
    folder : Path
        This viewer's folder.
    backend : Backend
        Knows the windows.
    earlier : object
        The record of the earlier viewer, if there was one.
    """

    def __init__(self, folder: Path, backend: Backend, earlier: Any) -> None:
        self._path = folder / "windows.json"
        self._backend = backend
        self._written: list[Geometry | None] = []
        self._next = 0.0
        backend.put(parsed(earlier))

    def look(self, now: float) -> None:
        """Write where the windows stand, if that has changed. Called in each tick; reads the places now and then."""
        if now < self._next:
            return
        self._next = now + _EACH
        places = self._backend.geometries()
        if places == self._written:
            return
        self._written = places
        try:
            write_json(self._path, {"windows": places})
        except OSError as error:  # a full tmpfs, or the run directory was removed
            logger.debug("cannot write %s: %s", self._path, error)


def parsed(record: Any) -> list[Geometry | None]:
    """The places in a record; none if the record is not valid.

    >>> parsed([[1, 2, 300, 200, 640, 480], None])
    [Geometry(x=1, y=2, width=300, height=200, own_width=640, own_height=480), None]
    >>> parsed([[1, 2]]), parsed(None)
    ([], [])
    """
    try:
        return [None if each is None else Geometry(*map(int, each)) for each in record or ()]
    except (TypeError, ValueError):
        return []
