"""What a viewer says of itself: ``state.json`` in its folder. GUI thread.

In: what changes (how far the viewer is, its backend, the number of its windows, why it ended). Out: the file, plain data,
which `Server.viewers` and `Server.check` read. Counts of frames are on the board (`LaneInbox`), because they change with each
frame.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..log import logger
from ..rundir import process_record, write_json

if TYPE_CHECKING:
    from .backends import Backend  # `main` needs this module before matplotlib can be imported


class State:
    """The record of one viewer.

    Parameters
    ----------
    folder : Path
        The viewer's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"
        self._record: dict[str, Any] = {**process_record(), "phase": "starting", "windows": 0}
        self._written = False
        self.set()

    @property
    def phase(self) -> str:
        """How far the viewer is: starting, making (its plotter), drawing (its first picture), ready, ended."""
        return str(self._record["phase"])

    def describe(self, backend: Backend, reason: str) -> None:
        """Say which backend was started, why it is this one, and the versions."""
        self.set(
            backend=backend.name,
            matplotlib_backend=backend.matplotlib_backend,
            reason=reason,
            versions={"asyncplot": __version__, **backend.versions()},
        )

    def set(self, **changes: Any) -> None:
        """Change entries. The file is written only if something is different, or could not be written before."""
        changed = {**self._record, **changes}
        if self._written and changed == self._record:
            return
        self._record = changed
        try:
            write_json(self._path, changed)
            self._written = True
        except (
            OSError
        ) as error:  # a full tmpfs, or the run directory was removed: the next change tries again
            self._written = False
            logger.debug("cannot write %s: %s", self._path, error)
