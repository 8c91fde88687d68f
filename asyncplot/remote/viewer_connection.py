"""The connection to the control socket of a viewer of this host: for `Server.plotter`, and for terminals.

It is made when something is asked for the first time, in any process that may enter the run directory. `update`
never uses it.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RemoteError, ViewerGone, WaitTimeout
from ..rundir import doing

if TYPE_CHECKING:
    from ..rpc import Absent, ClientConnection, Pump


class ViewerConnection:
    """Keeps one connection, to the viewer that was asked last.

    Parameters
    ----------
    timeout : float or None
        How long a request may take, s; None: as long as the viewer lives.
    absent : callable, optional
        Makes a stand-in for what is asked if nobody answers, see `ClientConnection`; default: the error is raised.
    """

    def __init__(self, timeout: float | None, absent: Absent | None = None) -> None:
        self._timeout = timeout
        self._absent = absent
        self._lock = threading.Lock()
        self._closed = False
        self._pump: Pump | None = None
        self._connection: ClientConnection | None = None
        self._directory: Path | None = None

    def root(self, directory: Path) -> Any:
        """The proxy of what the viewer of this folder offers, such as ``plotter`` and ``figures``. Any thread.

        Raises
        ------
        ViewerGone
            If nobody answers there, or this object was closed.
        WaitTimeout
            If the viewer does not answer in time; the message says what it is busy with.
        RemoteError
            If this process lacks what a connection needs, such as a free descriptor.
        """
        try:
            with self._lock:
                connection = self._connected(directory)
        except WaitTimeout:  # an OSError, too
            raise
        except OSError as error:  # no descriptor is free
            raise RemoteError(f"there is no connection to the viewer: {error.strerror}") from error
        finally:
            self._release_if_closed()
        return connection.root

    def _connected(self, directory: Path) -> ClientConnection:
        """The connection to the viewer of this folder; made now if it is not the one that is there."""
        # Here and not above: rpyc takes 60 ms to import, and most computations never need it.
        from ..rpc import Pump, connect

        if self._closed:
            raise ViewerGone("the connection to the viewer was closed")
        if self._pump is None:
            self._pump = Pump("asyncplot-control")
        connection = self._connection
        if connection is None or connection.closed or directory != self._directory:
            if connection is not None:
                connection.close()
            connection = connect(
                directory,
                self._pump,
                self._timeout,
                lambda: doing(directory),
                self._absent,
                given_up=lambda: self._closed,
            )
            self._connection, self._directory = connection, directory
        return connection

    def pause(self) -> None:
        """End the thread before a fork; the next request starts it again."""
        if self._pump is not None:
            self._pump.stop()

    def abandon(self) -> None:
        """Close the descriptors, in the child of a fork. The connection of the parent stays."""
        if self._pump is not None:
            self._pump.abandon()

    def close(self) -> None:
        """Close the connection and end its thread. Proxies do not work any more then.

        It does not wait for a thread that is connecting just now. That one gives up, and closes what there is.
        """
        self._closed = True
        self._release_if_closed()

    def _release_if_closed(self) -> None:
        if self._closed and self._lock.acquire(blocking=False):
            try:
                connection, pump = self._connection, self._pump
                self._connection = self._pump = None
                if connection is not None:
                    connection.close()
                if pump is not None:
                    pump.close()
            finally:
                self._lock.release()
