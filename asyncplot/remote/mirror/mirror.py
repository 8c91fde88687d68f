"""The viewer's end of a relay: it keeps a run directory on this host up to date, for the viewer of this process.

In: the stream from a source; out: the run directory. One thread of its own does the work. It sleeps until a
message comes, or the viewer's loop says that it may have written something (`Mirror.wake`). A connection may be
lost and another one take its place: the run directory stays.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ...errors import ViewerGone
from ...log import logger
from ...rpc import Pump, Stream
from ...rundir import ViewerOptions
from ..channel import Channel
from ..forwarding import ForwardedClients
from ..wire import FromSource, Refused
from .mirrored_run import MirroredRun
from .service import Service

#: How many messages of a source may wait: requests to the live plotter, which come at once.
_UNREAD = 10_000

#: How long the last message to a source may take to leave this process, s.
_LAST_WORDS = 0.3


class Mirror:
    """A run of another host, here.

    Parameters
    ----------
    viewer : ViewerOptions, optional
        What the viewer here is told; see `MirroredRun`.
    """

    def __init__(self, viewer: ViewerOptions | None = None) -> None:
        self._run = MirroredRun(viewer or ViewerOptions())
        self._pump = Pump("asyncplot-mirror")
        self._wake = threading.Event()
        self._forwarded = ForwardedClients(self._pump, self._viewer_folder, self._wake.set)
        self._connection: _Connection | None = None
        self._turns = threading.Lock()  # held in a turn, and while the connection is replaced
        self._closed = False
        self._written = True  # whether the viewer may have written since the last turn
        self._thread = threading.Thread(target=self._work, name="asyncplot-mirror-turns", daemon=True)
        self._thread.start()

    @property
    def directory(self) -> Path | None:
        """The run directory, once a source has said hello."""
        return self._run.directory

    @property
    def ended(self) -> int:
        """A descriptor that can be read when the run has ended, or nobody will connect again."""
        return self._run.ended

    @property
    def why(self) -> str:
        """Why the run has ended, in words; empty while it goes on."""
        return self._run.why

    @property
    def connected(self) -> bool:
        """Whether there is a source."""
        return self._connection is not None and not self._connection.channel.closed

    @property
    def greeted(self) -> float:
        """When the present source said hello, on the clock of `time.monotonic`; 0: it has not."""
        return self._connection.service.greeted if self._connection is not None else 0.0

    @property
    def heard(self) -> float:
        """When the present source was heard of last, on the clock of `time.monotonic`."""
        return self._connection.service.heard if self._connection is not None else 0.0

    def connect(self, stream: Stream, lost: Callable[[], None]) -> None:
        """Serve a source on a stream, in place of the one before.

        Parameters
        ----------
        stream : Stream
            To the source; becomes the mirror's own.
        lost : callable
            Called when the stream ends, unless the run has ended and its viewers stay; on a private thread.
        """
        with self._turns:
            if self._connection is not None:
                self._connection.channel.close()
            if self._run.reports is not None:
                self._run.reports.forget()
            attachments: deque[memoryview] = deque()
            channel = Channel(self._pump, stream, FromSource, _UNREAD, self._wake.set, attachments.append)
            service = Service(self._run, channel, self._forwarded, attachments)
            self._connection = _Connection(channel, service, lost)

    def wake(self) -> None:
        """Have the mirror look at what the viewer has written. Any thread; never waits."""
        self._written = True
        self._wake.set()

    def wait_started(self) -> bool:
        """Wait for the plotter; False if the stream ends before."""
        while not self._run.started.wait(0.02):
            if not self.connected or self.why:
                return False
        return True

    def note(self, text: str) -> None:
        """Have the viewers say something in their titles; empty: nothing."""
        self._run.note(text)

    def end(self, why: str) -> None:
        """Have the viewer end: nobody will connect again."""
        self._run.end(why)

    def close(self) -> None:
        """End everything, and remove the run directory."""
        self._closed = True
        self._wake.set()
        self._thread.join()
        self.end("the viewer has ended")
        if self._connection is not None:
            self._written = True
            self._turn()  # tells the source what the viewer said at its end
            self._connection.channel.drain(_LAST_WORDS)
            self._connection.channel.close()
        self._forwarded.close()
        self._pump.close()
        self._run.close()

    def _viewer_folder(self) -> Path:
        if self._run.reports is None:
            raise ViewerGone("no run has been named yet")
        return self._run.reports.folder

    def _work(self) -> None:
        while not self._closed:
            with self._turns:
                seconds = self._turn()
            self._wake.wait(seconds)
            self._wake.clear()

    def _turn(self) -> float | None:
        connection = self._connection
        if connection is None or connection.over:
            return None
        if written := self._written:
            self._written = (
                False  # before the files are looked at: what is written meanwhile is for the next turn
            )
        try:
            return connection.service.turn(written=written)
        except ViewerGone:
            connection.over = True
            if not self._run.persists:
                connection.lost()
        except Exception as error:  # noqa: BLE001 (whatever it is, the source is told, and the viewer goes on)
            logger.debug("the mirror refuses its source", exc_info=True)
            connection.channel.send(Refused(str(error) or type(error).__name__))
            connection.channel.drain(_LAST_WORDS)
            connection.channel.close()
            self._wake.set()  # for the next turn, in which the source has gone
        return None


class _Connection:
    """A source, what serves it, and what happens when it is lost."""

    def __init__(self, channel: Channel, service: Service, lost: Callable[[], None]) -> None:
        self.channel = channel
        self.service = service
        self.lost = lost
        self.over = False
