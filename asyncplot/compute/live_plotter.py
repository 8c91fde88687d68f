"""The connection to the live plotter of a run, for `Server.plotter`. Compute side, any thread.

In: the viewers of the run, and a function that waits for the last frame. Out: a proxy of the plotter in the
primary viewer, or a stand-in if there is no live plotter. Each request waits at most ``request_timeout`` s.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ..errors import RemoteError, ViewerGone, WaitTimeout
from ..remote.viewer_connection import ViewerConnection
from ..rundir import ViewerFiles
from .standin import Absence
from .viewers import Viewers

#: A viewer that has been busy this long, s, when the wait for its last frame ends, is not asked.
_BUSY = 1.0

#: How long to wait for the end of a viewer that does not answer, s.
_ENDING = 0.5

#: What a viewer writes about its control socket when it listens there.
_LISTENING = "listening"


class LivePlotter:
    """Connects to the live plotter.

    Parameters
    ----------
    timeout : float or None
        How long a request may take, s. None: as long as a viewer lives.
    absent : Absence
        Makes the stand-in if there is no live plotter.
    """

    def __init__(self, timeout: float | None, absent: Absence) -> None:
        self._timeout = timeout
        self._absent = absent
        self._remote = ViewerConnection(timeout, absent)

    def get(self, viewers: Viewers, caught_up: Callable[[float | None], bool]) -> Any:
        """The proxy of the plotter, or a stand-in.

        Parameters
        ----------
        viewers : Viewers
            The viewers of the run.
        caught_up : callable
            Waits at most this many seconds until the primary viewer is ready and has drawn the last frame.
            Returns whether it has.
        """
        try:
            return self._asked(viewers, caught_up(self._timeout))
        except (ViewerGone, WaitTimeout, RemoteError) as error:
            return self._absent(error)

    def _asked(self, viewers: Viewers, answers: bool) -> Any:
        """Ask the primary viewer. ``answers`` tells whether it has drawn the last frame in time."""
        viewer = viewers.primary()
        if viewer is None:
            raise ViewerGone(f"there is no live plotter: {viewers.why_gone()}")
        if not answers and (doing := viewer.doing(_BUSY)):
            raise WaitTimeout(
                f"the viewer did not answer within {self._timeout:g} s; {doing}; "
                "to wait longer, use Server(request_timeout=...)"
            )
        control = viewer.state.control
        if control not in ("", _LISTENING):
            raise RemoteError(f"the live plotter cannot be reached: {control}")
        return self._root(viewer, viewers).plotter

    def _root(self, viewer: ViewerFiles, viewers: Viewers) -> Any:
        try:
            return self._remote.root(viewer.directory)
        except ViewerGone as error:
            # The viewer may be ending now. Its supervisor then writes the reason in a moment.
            if viewers.wait_until_gone(viewer, _ENDING):
                raise ViewerGone(f"there is no live plotter: {viewers.why_gone()}") from error
            raise

    def pause(self) -> None:
        """End the connection's thread before a fork. The next request starts it again."""
        self._remote.pause()

    def abandon(self) -> None:
        """Close the descriptors in a forked child. The parent's connection stays open."""
        self._remote.abandon()

    def close(self) -> None:
        """Close the connection. Nobody answers its proxies then."""
        self._remote.close()


def deadline_of(timeout: float | None) -> float:
    """When a wait of ``timeout`` s ends, on the clock of `time.monotonic`. None waits for ever."""
    return time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
