"""`Server`: the face of the compute side. It puts the parts together and owns their lifetimes.

Everything here runs in the user's process, in the thread that calls it; the hot path is `Lane.update`.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .. import log, settings
from ..errors import AsyncplotError, ConfigurationError, ViewerError, ViewerGone, WaitTimeout
from ..log import logger
from ..mailbox import Control, MailboxWriter
from ..mailbox.layout import CLOSING_AT_ONCE, CLOSING_DETACHED, CLOSING_POLITELY
from ..rundir import RunDirectory
from . import fork, inline
from .helper import Helper
from .lane import Lane, Update
from .launch import Supervisor
from .pacing import Pacing
from .pending import Fate, PendingResult
from .remote import Remote
from .shipping import write_plotter
from .stats import Stats, median_and_p99
from .viewers import Viewer, Viewers

#: How long `close` waits for a viewer that is still starting, s, and beyond the length of a usual draw
#: for one that is drawing.
STARTING, DRAWING = 20.0, 0.25

#: How long a request to the live plotter may take, s.
REQUEST = 10.0

_PAUSE = 0.002


class Server:
    """Starts a plotting interpreter, sends it your plotter, and hands it the newest data.

    Parameters
    ----------
    plotter : class, callable or instance
        A class or factory is called without arguments in the viewer; an instance is sent by pickle. It
        has a method ``update``, which gets the arguments of `update`; it calls no draw, pause or show.
    cmd : sequence of str, optional
        The plotting interpreter: a command that takes a string of Python code as its last argument,
        such as ``["ipython", "--pylab=qt", "-c"]``. Default: this interpreter.
    name : str, optional
        The run's name; default: the script's. If a run has it already, ``-2`` and so on is appended.
    backend : {"qt", "tk", "offscreen"}, optional
        Default: ``ASYNCPLOT_BACKEND``, else what ``cmd`` chose, else ``MPLBACKEND``, else what loads.
    max_overhead : float
        The share of the wall time that plotting may cost; 1 or more: no limit.
    copy : {"auto", "always"}
        "auto" copies a frame when it is taken; "always" copies at each call, which makes the waiting
        frame exact whatever the caller does to its arrays afterwards.
    persist : bool
        Whether the window stays when the computation ends.
    enabled : bool
        False turns everything into no-ops, as ``ASYNCPLOT=off`` does, and as is the default on MPI
        ranks other than 0.
    required : bool
        Wait until the viewer is up, and raise if it does not come up; otherwise that is logged, `check`
        raises it, and the computation goes on.
    respawn : bool
        Whether a viewer that crashed is started again.
    inline : bool
        Run the plotter in this very process, for a debugger.
    save : str or path, optional
        Write the picture here: the last one, or, if the name contains ``{frame}``, each. ``{figure}``
        stands for the figure's number.

    Raises
    ------
    ConfigurationError
        If an option has a value that cannot work.
    ShippingError
        If the plotter cannot be pickled.
    ViewerError
        If ``required``, and the viewer does not come up.

    Notes
    -----
    Every method may be called from any thread. A `Server` is a context manager; without ``with``,
    `close` is called when the interpreter ends.
    """

    def __init__(
        self,
        plotter: Any,
        cmd: Sequence[str] | None = None,
        *,
        name: str | None = None,
        backend: str | None = None,
        max_overhead: float = 0.01,
        copy: str = "auto",
        persist: bool = False,
        enabled: bool = True,
        required: bool = False,
        respawn: bool = False,
        inline: bool = False,
        save: str | os.PathLike[str] | None = None,
    ) -> None:
        log.configure()
        _check(cmd, max_overhead, copy)
        self.name = name or ""
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.RLock()
        self._copies = copy == "always"
        self._notices = 0
        self._failure: AsyncplotError | None = None
        self._run: RunDirectory | None = None
        self._closed_because = ""
        self._persist = persist
        self._inline: Any = None
        self.pacing = Pacing(max_overhead, time.monotonic())
        self._helper = Helper(lambda: list(self._lanes.values()), self._look_for_notices)
        self._remote = Remote(REQUEST)
        self._viewers: Viewers | None = None
        self._supervisor: Supervisor | None = None
        if not (enabled and settings.switched_on() and settings.rank_shows()):
            self._closed_because = "plotting is switched off"
        elif inline:
            self._inline = plotter() if callable(plotter) else plotter
        else:
            self._start(plotter, cmd, name, persist, respawn, {"backend": backend, "save": _template(save)})
        # The instance attribute shadows the method: one Python frame less on the hot path (0.1 us).
        vars(self)["update"] = self.lane("update")
        if required:
            self._require()

    def _start(
        self,
        plotter: Any,
        cmd: Sequence[str] | None,
        name: str | None,
        persist: bool,
        respawn: bool,
        viewer: dict[str, Any],
    ) -> None:
        """Make the run directory, and start the supervisor; a failure is kept for `check`, and logged."""
        try:
            self._run = RunDirectory(name)
            self.name = self._run.name
            self._control = Control.make(self._run.path)
            write_plotter(plotter, self._run.path / "plotter")
            self._run.describe({"viewer": viewer})
            self._add_lane("update")
            self._supervisor = Supervisor(
                self._run.path,
                list(cmd) if cmd is not None else [sys.executable or "python3", "-c"],
                persist=persist,
                respawn=respawn,
                saving=viewer["save"] is not None,
            )
            self._viewers = Viewers(self._run.path, self._supervisor)
        except (OSError, ViewerError) as error:
            self._failure = ViewerGone(f"no viewer could be started: {error}")
            logger.error("%s; the computation goes on without a plot", self._failure)
            self._closed_because = str(self._failure)
            for lane in self._lanes.values():
                lane.close(self._closed_because)
        except BaseException:
            if self._run is not None:
                self._run.remove()
            raise
        if self._failure is not None:
            if self._run is not None:
                self._run.remove()
                self._run = None
            return
        fork.watch(self)
        atexit.register(self.close)

    # --- asynchronous calls ----------------------------------------------------------------------

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Hand the newest data to ``plotter.update`` in the viewer. Never waits; see `Lane.update`.

        Parameters
        ----------
        *args, **kwargs
            Anything that pickles; arrays are copied once, if and when the frame is taken.

        Returns
        -------
        PendingResult
            The fate of this frame.

        Raises
        ------
        FrameError
            In the first call only, if an argument cannot be sent.
        """
        return self.lane("update")(*args, **kwargs)

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
        """
        if self._inline is not None:
            return inline.InlineLane(getattr(self._inline, method)).update
        with self._lock:
            lane = self._lanes.get(method) or self._add_lane(method)
        return lane.update_copying if self._copies else lane.update

    def _add_lane(self, method: str) -> Lane:
        number = len(self._lanes)
        if self._closed_because or self._run is None:
            lane = Lane(method, number, None, self)
            lane.close(self._closed_because)
        else:
            number = self._control.add_lane(method)
            lane = Lane(method, number, MailboxWriter(self._run.path, self._control, number), self)
        # A new dictionary, so that the helper never iterates over one that changes.
        self._lanes = {**self._lanes, method: lane}
        return lane

    # --- waiting ---------------------------------------------------------------------------------

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until the last frame is on the screen.

        Parameters
        ----------
        timeout : float
            Seconds.

        Returns
        -------
        bool
            True when the last frame of each lane is on the screen; False at the time-out, and at once if
            no viewer lives. Never raises.
        """
        if self._inline is not None:
            return True
        deadline = time.monotonic() + timeout
        newest = {}
        for lane in self._lanes.values():
            newest[lane] = lane.deliver(deadline - time.monotonic())
            if newest[lane] < 0:
                return False
        return self._wait_for(lambda viewer: self._drawn(viewer, newest), deadline)

    def ready(self, timeout: float = 30.0) -> bool:
        """Wait until the viewer has made its plotter and its windows are up.

        Parameters
        ----------
        timeout : float
            Seconds.

        Returns
        -------
        bool
            False at the time-out, and at once if no viewer lives.
        """
        if self._inline is not None:
            return True
        return self._wait_for(lambda viewer: viewer.state.get("phase") == "ready", time.monotonic() + timeout)

    def wait(self) -> None:
        """Wait until the user has closed the last window; at once where there are no windows.

        The last frame is delivered first. A Ctrl-C ends the wait.
        """
        if self._inline is not None:
            inline.wait()
            return
        self.flush()
        while self._viewers is not None and (alive := self._viewers.alive()):
            states = [viewer.state for viewer in alive]
            if all(state.get("phase") == "ready" and not state.get("windows") for state in states):
                return
            time.sleep(0.02)

    def close(self) -> None:
        """Deliver the last frame, end the viewer (unless it persists), and remove the run directory.

        Takes at most 0.3 s longer than the last draw; a viewer that does not answer is killed. Further
        calls of ``update`` do nothing. Called again, it does nothing.
        """
        self._close(patient=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an exception nobody waits for a viewer that is still starting.
        self._close(patient=kind is None)

    def _close(self, *, patient: bool) -> None:
        with self._lock:
            if self._closed_because:
                return
            self._closed_because = "the server is closed"
        if self._inline is not None or self._run is None or self._viewers is None or self._supervisor is None:
            for lane in self._lanes.values():
                lane.close(self._closed_because)
            return
        atexit.unregister(self.close)
        fork.unwatch(self)
        flushed = self.flush(self._last_draw(patient=patient))
        self._remote.close()
        if self._persist and flushed:
            self._control.closing = CLOSING_DETACHED
        else:
            self._control.closing = CLOSING_POLITELY if flushed or not self._viewers.alive() else CLOSING_AT_ONCE
        self._look_for_notices()
        self._helper.stop()
        self._final = self.stats
        problem = self._viewers.problem()
        if problem is not None:
            self._failure = problem
        self._viewers.close(self._closed_because, len(self._lanes))
        for lane in self._lanes.values():
            lane.close(self._closed_because)
        self._run.release()
        self._supervisor.end(0.0 if self._persist else 3.0)
        self._control.close()

    def _last_draw(self, *, patient: bool) -> float:
        """How long the last draw may take, s: a usual one, or the first one of a viewer that starts."""
        viewer = self._viewers.primary() if self._viewers is not None else None
        if viewer is None:
            return 0.0
        if viewer.state.get("phase") != "ready":
            return STARTING if patient else DRAWING
        usual = [viewer.counters(number).draw_seconds for number in range(len(self._lanes))]
        return DRAWING + 2.0 * sum(usual)

    def _wait_for(self, condition: Callable[[Any], bool], deadline: float) -> bool:
        """Wait until the condition holds for the primary viewer; False without one, and at the deadline."""
        while True:
            viewer = self._viewers.primary() if self._viewers is not None else None
            if viewer is None:
                return False
            if condition(viewer):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)

    @staticmethod
    def _drawn(viewer: Any, newest: dict[Lane, int]) -> bool:
        return all(viewer.counters(index).final >= number for index, number in enumerate(newest.values()))

    def _require(self) -> None:
        if self._closed_because and self._failure is None:
            return
        if not self.ready():
            try:
                self.check()
                raise WaitTimeout("the viewer did not come up within 30 s")
            finally:
                self._close(patient=False)

    # --- what there is to know -------------------------------------------------------------------

    @property
    def directory(self) -> Path | None:
        """The run directory; None where there is none."""
        return self._run.path if self._run is not None else None

    @property
    def is_alive(self) -> bool:
        """Whether a viewer lives, or is being started."""
        if self._inline is not None:
            return True
        return self._viewers is not None and bool(self._viewers.alive())

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """The viewers that this run has had, the living ones included, oldest first."""
        return self._viewers.described() if self._viewers is not None and not self._closed_because else ()

    def check(self) -> None:
        """Raise what went wrong in the viewer, if anything did.

        Raises
        ------
        ViewerGone
            If the viewer could not be started, or crashed: with command, exit code and the tail of its
            output. A window that the user closed is not an error.
        PlotterError
            If the plotter raised since the last `check`, with the traceback of the viewer.
        """
        problem = self._failure
        if self._viewers is not None and not self._closed_because:
            problem = self._viewers.problem()
        elif isinstance(problem, ViewerError) and self._viewers is not None:
            self._failure = None
        if problem is not None:
            raise problem

    @property
    def stats(self) -> Stats:
        """What plotting has cost and shown so far: counts, costs, rate and age of the picture."""
        if self._closed_because and self._viewers is not None:
            return self._final if hasattr(self, "_final") else self._counted()
        return self._counted()

    def _counted(self) -> Stats:
        lanes = list(self._lanes.values())
        viewer = self._viewers.primary() if self._viewers is not None else None
        if viewer is None and self._viewers is not None:
            viewer = next(iter(self._viewers.all()), None)
        boards = [viewer.counters(number) for number in range(len(lanes))] if viewer is not None else []
        now = time.monotonic()
        shown = max((board.taken_ns for board in boards), default=0)
        dropped = sum(
            lane.called - lane.failed - lane.taken - lane.waiting for lane in lanes if not self._inline
        )
        passed_over = sum(max(board.final - board.drawn - board.failed, 0) for board in boards)
        return Stats(
            called=self.calls,
            taken=sum(lane.taken for lane in lanes),
            superseded=max(dropped, 0) + passed_over,
            drawn=sum(board.drawn for board in boards),
            failed=sum(lane.failed for lane in lanes) + sum(board.failed for board in boards),
            trailing=sum(lane.trailing for lane in lanes),
            overhead=self.pacing.share(now, self.calls),
            update_us=median_and_p99([seconds for lane in lanes for seconds in lane.durations]),
            fps=max((board.fps for board in boards), default=0.0),
            age=now - shown * 1e-9 if shown else float("inf"),
        )

    @property
    def plotter(self) -> Any:
        """The live plotter itself, in the primary viewer: attributes, calls, items, setting attributes.

        What stands behind it is carried out on the viewer's GUI thread, after the frames that were
        handed over before; what it changes is redrawn. Plain values come back as such, all else as
        proxies; ``numpy.asarray`` fetches an array.

        Raises
        ------
        ViewerGone
            If no viewer lives.
        WaitTimeout
            If the viewer does not answer within 10 s.
        Exception
            What the request raised over there, with the remote traceback in its text.
        """
        if self._inline is not None:
            return self._inline
        self.flush(REQUEST)
        if not self.ready(REQUEST):
            why = self._viewers.why_gone() if self._viewers is not None else self._closed_because
            raise ViewerGone(f"there is no live plotter: {why}")
        viewer = self._viewers.primary() if self._viewers is not None else None
        if viewer is None:
            raise ViewerGone("there is no live plotter: the viewer has just ended")
        return self._remote.plotter(viewer.directory)

    def __repr__(self) -> str:
        state = self._closed_because.partition("\n")[0] or ("viewer alive" if self.is_alive else "no viewer")
        return f"<asyncplot.Server {self.name!r}: {state}>"

    # --- for the lanes (see lane.Host) and the fork hooks ------------------------------------------

    @property
    def calls(self) -> int:
        """Calls so far, all lanes together."""
        return sum([lane.called for lane in self._lanes.values()])

    @property
    def helping(self) -> bool:
        """Whether the helper thread runs."""
        return self._helper.running

    def start_helper(self) -> bool:
        """Have the helper thread tick; False if no thread can be started."""
        start = time.monotonic()
        started = self._helper.start()
        self.pacing.charge(time.monotonic() - start, 0)
        return started

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """What became of frame ``number`` of a lane."""
        if self._viewers is None:
            return None
        return self._viewers.fate(lane, name, number)

    def before_fork(self) -> None:
        """Deliver the waiting frames and end our threads; they start again at the next use."""
        for lane in self._lanes.values():
            lane.deliver(1.0)
        self._helper.stop()
        for lane in self._lanes.values():
            lane.rest()
        self._remote.pause()

    def after_fork_in_child(self) -> None:
        """Close descriptors and maps; calls in the child do nothing, with one warning."""
        self._closed_because = "this is a forked child; make a Server of its own, or update from the parent"
        atexit.unregister(self.close)
        for index, lane in enumerate(self._lanes.values()):
            lane.close(self._closed_because, warn=index == 0)
        self._remote.abandon()
        if self._supervisor is not None:
            self._supervisor.abandon()
        if self._viewers is not None:
            self._viewers.close(self._closed_because, 0)
            self._viewers = None
        if self._run is not None:
            self._run.release()
            self._run = None
            self._control.close()

    def _look_for_notices(self) -> None:
        """Log, once, what the supervisor has to tell. Helper thread; 0.1 us if there is no news."""
        if self._viewers is None or self._control.notices == self._notices:
            return
        self._notices = self._control.notices
        problem = self._viewers.problem()
        if isinstance(problem, ViewerGone):
            logger.error("%s: %s", self.name, problem)


def _check(cmd: Sequence[str] | None, max_overhead: float, copy: str) -> None:
    if isinstance(cmd, str) or (cmd is not None and (not cmd or not all(isinstance(word, str) for word in cmd))):
        raise ConfigurationError(
            f"cmd={cmd!r} is not a list of words; write it as ['ipython', '--pylab=qt', '-c']"
        )
    if not max_overhead > 0.0:
        raise ConfigurationError(f"max_overhead={max_overhead!r} must be above 0; 0.01 is 1 % of the wall time")
    if copy not in {"auto", "always"}:
        raise ConfigurationError(f"copy={copy!r}: use 'auto' or 'always'")


def _template(save: str | os.PathLike[str] | None) -> str | None:
    """The absolute form of ``save``, checked."""
    if save is None:
        return None
    template = str(Path(save).expanduser().absolute())
    try:
        template.format(frame=1, figure=1)
    except (KeyError, IndexError, ValueError) as error:
        raise ConfigurationError(f"save={str(save)!r}: only {{frame}} and {{figure}} can be filled in") from error
    return template
