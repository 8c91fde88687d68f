"""The way to what lives in a viewer: `Server.plotter`, and what terminals ask.

On demand, in any process that may enter the run directory; never on `update`'s path.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..rundir import doing

if TYPE_CHECKING:
    from ..rpc import Absent, ClientConnection, Pump


class Remote:
    """Keeps one connection, to the viewer that was asked for last.

    Parameters
    ----------
    timeout : float or None
        How long a request may take, s; None: as long as the viewer lives.
    absent : callable, optional
        Makes a stand-in for what is asked when nobody answers, see `ClientConnection`; default: the error is raised.
    """

    def __init__(self, timeout: float | None, absent: Absent | None = None) -> None:
        self._timeout = timeout
        self._absent = absent
        self._lock = threading.Lock()
        self._pump: Pump | None = None
        self._connection: ClientConnection | None = None
        self._directory: Path | None = None

    def root(self, directory: Path) -> Any:
        """The proxy of what the viewer of this folder offers: ``plotter``, ``figures`` and so on. Any thread.

        Raises
        ------
        ViewerGone
            If nobody answers there.
        WaitTimeout
            If the viewer does not answer in time; the message says what it is busy with.
        """
        # Here and not above: rpyc takes 60 ms to import, and most computations never need it.
        from ..rpc import Pump, connect

        with self._lock:
            if self._pump is None:
                self._pump = Pump("asyncplot-control")
            connection = self._connection
            if connection is None or connection.closed or directory != self._directory:
                if connection is not None:
                    connection.close()
                connection = connect(
                    directory, self._pump, self._timeout, lambda: doing(directory), self._absent
                )
                self._connection, self._directory = connection, directory
        return connection.root

    def pause(self) -> None:
        """End the thread before a fork; the next request starts it again."""
        if self._pump is not None:
            self._pump.stop()

    def abandon(self) -> None:
        """Close the descriptors, in the child of a fork; the parent's connection lives on."""
        if self._pump is not None:
            self._pump.abandon()

    def close(self) -> None:
        """Close the connection and end its thread; proxies are dead then."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            if self._pump is not None:
                self._pump.close()
                self._pump = self._connection = None
