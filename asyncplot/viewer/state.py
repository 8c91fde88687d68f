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
        """Change entries. The file is written only if something is different."""
        changed = {**self._record, **changes}
        if changes and changed == self._record:
            return
        self._record = changed
        try:
            write_json(self._path, changed)
        except OSError as error:  # a full tmpfs, or the run directory was removed
            logger.debug("cannot write %s: %s", self._path, error)
