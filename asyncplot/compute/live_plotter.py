"""The way to the live plotter of a run: what `Server.plotter` gives. Compute side, any thread.

In: the viewers of the run, and how to wait for the last frame; out: a proxy of the plotter in the primary viewer, or a
stand-in where there is none. Each request waits as long as the caller of `Server` said, and no longer.
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

#: A viewer that has been busy for so long, s, while somebody waited for its last frame, is not asked on top of that.
_BUSY = 1.0

#: How long a viewer that does not answer may take to have ended, s.
_ENDING = 0.5

#: What a viewer says of its control socket when it listens there.
_LISTENING = "listening"


class LivePlotter:
    """Reaches the live plotter.

    Parameters
    ----------
    timeout : float or None
        How long a request may take, s; None: as long as a viewer lives.
    absent : Absence
        What is given where there is no live plotter.
    """

    def __init__(self, timeout: float | None, absent: Absence) -> None:
        self._timeout = timeout
        self._absent = absent
        self._remote = ViewerConnection(timeout, absent)

    def get(self, viewers: Viewers, caught_up: Callable[[float | None], bool]) -> Any:
        """The proxy of the plotter, or what stands in for it.

        Parameters
        ----------
        viewers : Viewers
            Those of the run.
        caught_up : callable
            Waits for so many seconds until the primary viewer is up and has drawn the last frame; says whether it has.
        """
        try:
            return self._asked(viewers, caught_up(self._timeout))
        except (ViewerGone, WaitTimeout, RemoteError) as error:
            return self._absent(error)

    def _asked(self, viewers: Viewers, answers: bool) -> Any:
        """Ask the primary viewer; ``answers`` says whether it has drawn the last frame in time."""
        viewer = viewers.primary()
        if viewer is None:
            raise ViewerGone(f"there is no live plotter: {viewers.why_gone()}")
        if not answers and (doing := viewer.doing(_BUSY)):
            raise WaitTimeout(
                f"the viewer did not answer within {self._timeout:g} s; {doing}; "
                "Server(request_timeout=...) waits longer"
            )
        control = viewer.state.get("control", _LISTENING)
        if control != _LISTENING:
            raise RemoteError(
                f"the live plotter cannot be reached: {control} in the viewer; install rpyc there"
            )
        return self._root(viewer, viewers).plotter

    def _root(self, viewer: ViewerFiles, viewers: Viewers) -> Any:
        try:
            return self._remote.root(viewer.directory)
        except ViewerGone as error:
            # It may be just ending: its supervisor knows how in a moment.
            if viewers.wait_until_gone(viewer, _ENDING):
                raise ViewerGone(f"there is no live plotter: {viewers.why_gone()}") from error
            raise

    def pause(self) -> None:
        """End the thread before a fork; the next request starts it again."""
        self._remote.pause()

    def abandon(self) -> None:
        """Close the descriptors, in the child of a fork; the parent's connection lives on."""
        self._remote.abandon()

    def close(self) -> None:
        """Close the connection; proxies are dead then."""
        self._remote.close()


def deadline_of(timeout: float | None) -> float:
    """When a wait of so many seconds ends, on the clock of `time.monotonic`; None waits for ever."""
    return time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
