"""Writes what the plotter sends back: ``sent.json`` in the viewer's folder, plain data.

In: `Sender.send`, on any thread. Out: the file, replaced as a whole, and a word in the control file that tells the
computation to look. The GUI thread writes both in its ticks. A slider that is dragged sends 100 values a second; only the
newest one is written.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from ..errors import SendError
from ..log import logger
from ..mailbox import Control
from ..rundir import SENT_BYTES, VIEW_BYTES, write_json


class Sender:
    """The newest value of each name.

    Parameters
    ----------
    folder : Path
        The viewer's folder.
    control : Control
        The run's control file.
    """

    def __init__(self, folder: Path, control: Control) -> None:
        self._path = folder / "sent.json"
        self._control = control
        self._values: dict[str, tuple[Any, int]] = {}
        self._view: Any = None
        self._changed = False
        self._warned = False
        self._lock = threading.Lock()  # for `send`: without it, two threads could each lose the other's value

    def send(self, name: str, value: Any) -> None:
        """Keep a plain value until the next tick. On any thread.

        Raises
        ------
        SendError
            If all values together would be too large.
        """
        with self._lock:
            values = {**self._values, name: (value, time.monotonic_ns())}
            size = len(json.dumps({"values": values}))
            if size > SENT_BYTES:
                raise SendError(
                    f"send({name!r}, ...): {size} bytes with all other names of this viewer, more than "
                    f"{SENT_BYTES}; values are for steering, and few numbers do"
                )
            self._values = values
            self._changed = True

    def set_view(self, view: Any) -> None:
        """Say which part of the data is shown, plain data, for the plotter's ``prepare``. GUI thread, in each tick.

        Raises
        ------
        SendError
            If it would be too large.
        """
        if view == self._view:
            return
        if (size := len(json.dumps(view))) > VIEW_BYTES:
            raise SendError(f"the plotter's view is {size} bytes of JSON, more than {VIEW_BYTES}")
        self._view = view
        self._changed = True

    def flush(self) -> None:
        """Write what is new. GUI thread, in each tick."""
        if not self._changed:
            return
        self._changed = (
            False  # before the values are read: a value that comes meanwhile is written by the next tick
        )
        try:
            write_json(self._path, {"values": self._values, "view": self._view})
        except OSError as error:  # a full tmpfs: the next tick tries again
            self._changed = True
            if not self._warned:
                self._warned = True
                logger.warning("what the plotter sends cannot be written (%s)", error.strerror)
            return
        self._control.sent = time.monotonic_ns()
