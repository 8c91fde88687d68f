"""A mirror of a run of another host, and the connection that feeds it. A lost connection is made anew.

In: where the run is. Out: a `Mirror`, whose run directory a viewer of this host shows. When the connection is lost,
the picture stays, and the title of its window says so. Then it is tried to connect again, with growing pauses, until
the newest frame comes. One thread, which also notices a connection over which nothing comes any more.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time

from ..errors import AsyncplotError, RunNotFound, ViewerGone
from ..log import logger
from ..rpc import Stream
from ..rundir import ViewerOptions
from . import reach
from .mirror import Mirror
from .reach import Place

#: Pauses between attempts, s: the first, and the longest.
_FIRST, _LONGEST = 0.5, 30.0

#: How long one attempt to connect again may take, s.
_ANEW = 60.0

#: A source asks for news every 2 s. After so many s without that, the connection counts as lost.
_SILENT = 20.0


class Link:
    """Feeds a mirror. A context manager, which gives the mirror.

    Parameters
    ----------
    place : Place
        Where the run is.
    run : str
        Its name.
    viewer : ViewerOptions, optional
        What the viewer here is told: its backend (None: what the run asked for), and the port of a web viewer's page.

    Raises
    ------
    RunNotFound, ViewerGone
        If the first connection cannot be made.
    """

    def __init__(self, place: Place, run: str, *, viewer: ViewerOptions | None = None) -> None:
        self._place, self._name = place, run
        self._closed = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self.mirror = Mirror(viewer)
        try:
            self._connect(None)
            if not self.mirror.wait_started():
                raise ViewerGone(self.mirror.why or f"the connection to {place} was closed at once")
        except BaseException:
            self.close()
            raise
        self._watch = threading.Thread(target=self._keep_up, name="asyncplot-link", daemon=True)
        self._watch.start()

    def __enter__(self) -> Mirror:
        return self.mirror

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and the mirror."""
        self._closed.set()
        self.mirror.close()
        if self._process is not None:
            reach.end(self._process)

    def _connect(self, timeout: float | None) -> None:
        self._process = process = reach.start(self._place, self._name, "relay", timeout=timeout)
        assert process.stdin is not None  # pipes were asked for
        assert process.stdout is not None
        stream = Stream(os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno()))
        process.stdin.close()
        process.stdout.close()
        self.mirror.connect(stream, lost=lambda: None)

    def _keep_up(self) -> None:
        pause, lost = _FIRST, 0.0
        while not self._closed.wait(0.2):
            if self.mirror.why:
                return
            if self.mirror.connected and time.monotonic() - self.mirror.heard < _SILENT:
                continue
            lost = lost or time.monotonic()
            self.mirror.note(f"no connection to {self._place}: trying again")
            try:
                if self._process is not None:
                    reach.end(self._process)
                self._connect(_ANEW)
            except RunNotFound as error:
                logger.info("%s", error)
                self.mirror.note("the run has ended")
                return
            except AsyncplotError as error:
                logger.info("%s", error)
                if self._closed.wait(pause):
                    return
                pause = min(2.0 * pause, _LONGEST)
                continue
            if self._greeted():
                logger.info("connected again after %.0f s", time.monotonic() - lost)
                self.mirror.note("")
                pause, lost = _FIRST, 0.0

    def _greeted(self) -> bool:
        """Wait until the new source has said hello; False if it has not done so in time, or has gone."""
        since = time.monotonic()
        while self.mirror.connected and not self._closed.wait(0.02):
            if self.mirror.greeted > since:
                return True
            if time.monotonic() - since > _SILENT:
                break
        return False
