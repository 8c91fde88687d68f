"""A session with viewers: run directory, mailbox, helper, supervisor, and their lifetimes.

Everything here runs in the user's process, in the thread that calls it; the hot path is `Lane.update`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ..errors import AsyncplotError, RemoteError, ViewerError, ViewerGone, WaitTimeout
from ..log import logger
from ..mailbox import Control, MailboxWriter
from ..mailbox.layout import CLOSING_AT_ONCE, CLOSING_DETACHED, CLOSING_POLITELY
from ..remote import Remote
from ..rundir import RunDirectory, Viewer, ViewerFiles, register
from ..stats import Stats
from . import fork
from .helper import Helper
from .interpreter import Interpreter, entrances
from .lane import Lane, Update
from .launch import SAVING_GRACE, Supervisor
from .pacing import Pacing
from .pending import Fate
from .preparing import preparation
from .received import Received
from .session import Session
from .shipping import write_plotter
from .stats import counted
from .viewers import Viewers

#: How long `close` waits, s: for a viewer that is still starting; for one that draws its first frame; and,
#: beyond the length of a usual draw, for one that is drawing.
STARTING, FIRST, DRAWING = 20.0, 2.0, 0.2

#: How long the removal of what the run leaves behind may take, s, and the last frame before `wait`.
REMOVAL, LAST = 3.0, 10.0

#: A viewer that has been busy for so long, s, while somebody waited for its last frame, is not asked on top of that.
_BUSY = 1.0

#: How long a viewer that does not answer may take to have ended, s.
_ENDING = 0.5

#: What a viewer says of its control socket when it listens there.
_LISTENING = "listening"

_PAUSE = 0.002


class LiveSession(Session):
    """Starts a viewer and hands it frames.

    Parameters
    ----------
    plotter, interpreter, name, max_overhead, copies, persist, respawn, request_timeout
        As for `Server`.
    starts_viewer : bool
        Whether a viewer is started now.
    viewer : dict
        What viewers are told in ``run.json``: ``backend`` and ``save``.

    Raises
    ------
    ShippingError
        If the plotter cannot be pickled.
    OSError, ViewerError
        If there is no place for the run directory, or no process can be started.
    """

    def __init__(
        self,
        plotter: Any,
        interpreter: Interpreter,
        name: str | None,
        *,
        max_overhead: float,
        copies: bool,
        persist: bool,
        respawn: bool,
        starts_viewer: bool,
        request_timeout: float | None,
        viewer: dict[str, Any],
    ) -> None:
        self._lanes: dict[str, Lane] = {}
        self._adding = threading.RLock()
        self._copies = copies
        self._persist = persist
        self._saves = viewer["save"] is not None
        self._request_timeout = request_timeout
        self._closed_because = ""
        self._failure: AsyncplotError | None = None
        self._final: Stats | None = None
        self._notices = 0
        self.pacing = Pacing(max_overhead, time.monotonic())
        self._remote = Remote(request_timeout)
        self._run = RunDirectory(name)
        self.name, self.directory = self._run.name, self._run.path
        self._helper = Helper(lambda: list(self._lanes.values()), self._look_for_notices)
        try:
            write_plotter(plotter, self.directory / "plotter")
            self._control = Control.make(self.directory)
            record = self._run.describe({"viewer": viewer})
            # Views are looked at when a frame is taken, long after this.
            self._prepare = preparation(plotter, lambda: self.received.views)
            self.lane("update")
            self._supervisor = Supervisor(
                self.directory,
                interpreter,
                viewer=starts_viewer,
                persist=persist,
                respawn=respawn,
                saving=self._saves,
            )
        except BaseException:
            self._helper.abandon()
            self._run.remove()
            raise
        self._viewers = viewers = Viewers(self.directory, self._supervisor)
        self.received = Received(self._control.words, lambda: [viewer.directory for viewer in viewers.all()])
        # While the viewer is starting: none of its time is lost.
        register.clear()
        self._record = register.enter(self.name, self.directory, {**record, **entrances(self.directory)})
        fork.watch(self)

    # --- frames ----------------------------------------------------------------------------------

    def lane(self, method: str) -> Update:
        with self._adding:
            lane = self._lanes.get(method)
            if lane is None:
                if self._closed_because:
                    lane = Lane(method, len(self._lanes), None, self)
                    lane.close(self._closed_because)
                else:
                    number = self._control.add_lane(method)
                    writer = MailboxWriter(self._run.path, self._control, number)
                    prepare = self._prepare if method == "update" else None
                    lane = Lane(method, number, writer, self, prepare)
                # A new dictionary, so that nobody iterates over one that changes.
                self._lanes = {**self._lanes, method: lane}
        return lane.update_copying if self._copies else lane.update

    def flush(self, timeout: float | None) -> bool:
        deadline = time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
        newest = []
        for lane in self._lanes.values():
            newest.append(lane.deliver(deadline - time.monotonic()))
            if newest[-1] < 0:
                return False
        return self._wait_for(
            lambda viewer: all(viewer.counters(lane).final >= number for lane, number in enumerate(newest)),
            deadline,
        )

    # --- the viewer --------------------------------------------------------------------------------

    def ready(self, timeout: float | None) -> bool:
        deadline = time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
        return self._wait_for(lambda viewer: viewer.state.get("phase") == "ready", deadline)

    def wait(self) -> None:
        self.flush(LAST)
        while alive := self._viewers.alive():
            states = [viewer.state for viewer in alive]
            if all(state.get("phase") == "ready" and not state.get("windows") for state in states):
                return
            time.sleep(10 * _PAUSE)

    @property
    def is_alive(self) -> bool:
        return bool(self._viewers.alive())

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        return () if self._closed_because else self._viewers.described()

    def check(self) -> None:
        problem = self._failure or self._problem()
        if problem is not None:
            raise problem

    def _problem(self) -> AsyncplotError | None:
        """The newest thing that went wrong in a viewer, else the last frame that could not be sent; told once."""
        if (problem := self._viewers.problem()) is not None:
            return problem
        for lane in self._lanes.values():
            rejected, lane.outbox.rejected = lane.outbox.rejected, None
            if rejected is not None:
                return rejected
        return None

    @property
    def stats(self) -> Stats:
        if self._final is not None:
            return self._final
        lanes = list(self._lanes.values())
        viewer = self._viewers.primary() or next(iter(self._viewers.all()), None)
        boards = [viewer.counters(number) for number in range(len(lanes))] if viewer is not None else []
        full_draws = viewer.full_draws if viewer is not None else {}
        return counted(lanes, boards, full_draws, self.pacing, time.monotonic())

    @property
    def plotter(self) -> Any:
        timeout = self._request_timeout
        deadline = time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
        answers = self.flush(timeout) and self.ready(deadline - time.monotonic())
        viewer = self._viewers.primary()
        if viewer is None:
            raise ViewerGone(f"there is no live plotter: {self._viewers.why_gone()}")
        if not answers and (doing := viewer.doing(_BUSY)):
            raise WaitTimeout(
                f"the viewer did not answer within {timeout:g} s; {doing}; Server(request_timeout=...) waits longer"
            )
        control = viewer.state.get("control", _LISTENING)
        if control != _LISTENING:
            raise RemoteError(
                f"the live plotter cannot be reached: {control} in the viewer; install rpyc there"
            )
        try:
            return self._remote.root(viewer.directory).plotter
        except ViewerGone as error:
            # It may be just ending: its supervisor knows how in a moment.
            if self._wait_until_gone(viewer, _ENDING):
                raise ViewerGone(f"there is no live plotter: {self._viewers.why_gone()}") from error
            raise

    def _wait_until_gone(self, viewer: ViewerFiles, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while viewer in self._viewers.alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def _wait_for(self, condition: Callable[[ViewerFiles], bool], deadline: float) -> bool:
        """Wait until the condition holds for the primary viewer; False without one, and at the deadline."""
        while (viewer := self._viewers.primary()) is not None:
            if condition(viewer):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return False

    # --- the end -----------------------------------------------------------------------------------

    def close(self, *, patient: bool) -> None:
        with self._adding:
            if self._closed_because:
                return
            self._closed_because = "the server is closed"
        fork.unwatch(self)
        answered = self.flush(self._last_draw(patient=patient)) or not self._viewers.alive()
        self._remote.close()
        self._final = self.stats
        for lane in self._lanes.values():
            lane.close(self._closed_because)
        self._helper.close()
        self._control.closing = (
            CLOSING_DETACHED if self._persist else CLOSING_POLITELY if answered else CLOSING_AT_ONCE
        )
        self._look_for_notices()
        if self._saves and answered and not self._persist:  # the last picture may fail, too
            self._wait_for(
                lambda viewer: viewer.state.get("phase") == "ended", time.monotonic() + SAVING_GRACE
            )
        self._failure = self._problem()
        self.received.freeze()
        self._viewers.close(self._closed_because, len(self._lanes))
        supervised = self._supervisor.alive
        self._supervisor.end(0.0 if self._persist else REMOVAL)
        register.leave(self._record)
        if supervised or self._persist:
            self._run.release()
        else:  # somebody killed the supervisor, which removes the directory otherwise
            self._run.remove()
        self._control.close()

    def _last_draw(self, *, patient: bool) -> float:
        """How long the last draw may take, s: a usual one, or the first one of a viewer that starts."""
        viewer = self._viewers.primary()
        if viewer is None:
            return 0.0
        phase = viewer.state.get("phase", "starting")
        if phase != "ready":
            return (
                {"starting": STARTING, "making": STARTING, "drawing": FIRST}.get(phase, 0.0)
                if patient
                else DRAWING
            )
        usual = [viewer.counters(number).draw_seconds for number in range(len(self._lanes))]
        return DRAWING + 2.0 * sum(usual)

    # --- for the lanes (see lane.Host), the helper and the fork hooks ------------------------------

    @property
    def calls(self) -> int:
        """Calls so far, all lanes together."""
        return sum([lane.called for lane in self._lanes.values()])

    @property
    def helping(self) -> bool:
        """Whether the helper thread runs."""
        return self._helper.running

    def start_helper(self) -> bool:
        """Have the helper thread run; False if no thread can be started."""
        start = time.monotonic()
        started = self._helper.start()
        self.pacing.charge(time.monotonic() - start, 0)
        return started

    @property
    def news(self) -> bool:
        """Whether the supervisor has told something that has not been looked at; 0.2 us."""
        return self._control.notices != self._notices

    def put_off_helper(self, now: float, until: float) -> None:
        """Have it look when the first lane has become quiet, or now if there is news of a viewer."""
        if self.news:
            self._helper.look_now()
        else:
            self._helper.put_off(now, until)

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """What became of frame ``number`` of a lane."""
        return self._viewers.fate(lane, name, number)

    def before_fork(self) -> None:
        """Deliver the waiting frames and end our threads; they start again at the next use."""
        for lane in self._lanes.values():
            lane.deliver(1.0)
        self._helper.stop()
        for lane in self._lanes.values():
            lane.rest()  # the next call decides for itself, and starts another thread if it needs one
        self._remote.pause()

    def after_fork_in_child(self) -> None:
        """Close descriptors and maps; calls in the child do nothing, with one warning."""
        self._closed_because = "this is a forked child; make a Server of its own, or update from the parent"
        warnings = deque([self._closed_because])
        for lane in self._lanes.values():
            lane.abandon(self._closed_because, warnings)
        self._final, self._adding = Stats(), threading.RLock()
        self._helper.abandon()
        self._remote.abandon()
        self._supervisor.abandon()
        self.received.freeze(look=False)
        self._viewers.close(self._closed_because, 0)
        self._run.release()
        self._control.close()

    def _look_for_notices(self) -> None:
        """Log, once, what the supervisor has to tell. Helper thread; 0.1 us if there is no news."""
        if not self.news:
            return
        self._notices = self._control.notices
        for problem in self._viewers.endings():
            logger.error("%s goes on without a plot: %s", self.name, problem)


def start(
    plotter: Any, interpreter: Interpreter, name: str | None, **options: Any
) -> LiveSession | ViewerError:
    """A live session, or, if it cannot be started, the error that says why (which is logged)."""
    try:
        return LiveSession(plotter, interpreter, name, **options)
    except (OSError, ViewerError) as error:
        failure = ViewerGone(f"no viewer could be started: {error}")
        logger.error("the computation goes on without a plot: %s", failure)
        return failure
