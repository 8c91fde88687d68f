"""What can be asked of a `Server`: each method passes its call on to the session behind it.

Everything here runs in the user's process, in the thread that calls it. The options stand in `server`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from ..rundir import Viewer
from ..stats import Stats
from .copying import Kept
from .pending import PendingResult, Update
from .received import Received
from .session.contract import Session


class Facade(Kept):
    """The methods of `Server`.

    Attributes
    ----------
    received : Received
        What plotters have sent back.
    """

    received: Received
    _session: Session
    _lanes: dict[str, Update]

    # --- asynchronous calls ----------------------------------------------------------------------

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Hand the newest data to ``plotter.update`` in the viewer. Never waits.

        Asynchronous: a frame that waits is dropped when a newer call supersedes it. May be called from
        any thread, and from signal handlers.

        Parameters
        ----------
        *args, **kwargs
            Anything that pickles. Arrays (of any dtype, order and stride) are copied once, if and when
            the frame is taken.

        Returns
        -------
        PendingResult
            The fate of this frame.

        Raises
        ------
        FrameError
            In the first call only, if an argument cannot be sent.
        """
        return self._session.lane("update")(*args, **kwargs)

    def lane(self, method: str) -> Update:
        """The asynchronous form of any method of the plotter, as a lane of its own.

        Parameters
        ----------
        method : str
            The method's name. Frames of different lanes do not supersede each other.

        Returns
        -------
        callable
            To be called like `update`, with that method's arguments.

        Raises
        ------
        AsyncplotError
            If there are 64 lanes already.
        """
        lane = self._lanes[method] = self._session.lane(method)
        return lane

    # --- waiting ---------------------------------------------------------------------------------

    def flush(self, timeout: float | None = 10.0) -> bool:
        """Wait until the last frame is on the screen.

        Parameters
        ----------
        timeout : float or None
            Seconds; None waits as long as a viewer lives.

        Returns
        -------
        bool
            True when the last frame of each lane is on the screen; False at the time-out, and at once if
            no viewer lives. Never raises.
        """
        return self._session.flush(timeout)

    def ready(self, timeout: float | None = 30.0) -> bool:
        """Wait until the viewer has made its plotter and its windows are up.

        Parameters
        ----------
        timeout : float or None
            Seconds; None waits as long as a viewer lives.

        Returns
        -------
        bool
            False at the time-out, and at once if no viewer lives.
        """
        return self._session.ready(timeout)

    def wait(self) -> None:
        """Wait until the user has closed the last window; at once where there are no windows.

        The last frame is delivered first. A Ctrl-C ends the wait.
        """
        self._session.wait()

    def close(self) -> None:
        """Deliver the last frame, end the viewer (unless it persists), and remove the run directory.

        Takes at most 0.3 s longer than the last draw; a viewer that does not answer is killed. Further
        calls of ``update`` do nothing. Called again, it does nothing.
        """
        self._session.close(patient=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an exception nobody waits for a viewer that is still starting.
        self._session.close(patient=kind is None)

    # --- what there is to know -------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The run's name."""
        return self._session.name

    @property
    def directory(self) -> Path:
        """The run directory; where there is none (any more), the place where it would be."""
        return self._session.directory

    @property
    def is_alive(self) -> bool:
        """Whether a viewer lives, or is being started."""
        return self._session.is_alive

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """The viewers that this run has had, the living ones included, oldest first.

        One of phase ``off``, with the reason, where plotting is switched off.
        """
        return self._session.viewers

    def check(self) -> None:
        """Raise what went wrong in the viewer, if anything did.

        Raises
        ------
        ViewerGone
            If the viewer could not be started, or crashed: with command, exit code and the tail of its
            output. A window that the user closed is not an error.
        PlotterError
            If the plotter raised since the last `check`, with the traceback of the viewer.
        ViewerError
            If a picture could not be written (``save``) since the last `check`.
        FrameError
            If a frame could not be sent since the last `check`.
        """
        self._session.check()

    @property
    def stats(self) -> Stats:
        """What plotting has cost and shown so far: counts, costs, rate and age of the picture."""
        return self._session.stats

    @property
    def plotter(self) -> Any:
        """The live plotter itself, in the primary viewer: attributes, calls, items, setting attributes.

        What stands behind it is carried out on the viewer's GUI thread, after the frames that were
        handed over before; what it changes is redrawn. Plain values come back as such, all else as
        proxies; ``numpy.asarray`` fetches an array.

        Where there is no live plotter (plotting is off, the window was closed, the viewer crashed or does not answer)
        it is a stand-in, which the log tells once: any attribute, item, call and setting does nothing. It is false,
        and its repr says why. So a script runs to its end. `check` raises what went wrong.

        Raises
        ------
        ViewerGone
            If no viewer lives, with ``strict=True`` only.
        WaitTimeout
            If the viewer does not answer within ``request_timeout``, with ``strict=True`` only. The message says what
            the viewer is busy with, and since when.
        Exception
            What the request raised over there, with the remote traceback in its text.
        """
        return self._session.plotter

    def __repr__(self) -> str:
        return f"<asyncplot.Server {self.name!r}: {'viewer alive' if self.is_alive else 'no viewer'}>"

    def _hold(self, update: Update, received: Received) -> None:
        """Hold what the session hands out: a live one ends when nobody holds any of it."""
        self._lanes = {}
        self.received = received
        # The instance attribute shadows the method: one Python frame less on the hot path (0.1 us).
        vars(self)["update"] = update
