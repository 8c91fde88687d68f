"""A session with viewers: run directory, mailbox, helper, supervisor, and their lifetimes.

Everything here runs in the user's process, in the thread that calls it; the hot path is `Lane.update`.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import deque
from pathlib import Path
from typing import Any

from ...descriptors import above_standard
from ...errors import AsyncplotError, ViewerError, ViewerGone
from ...launch.child import GRACE, SAVING_GRACE, SupervisorProcess
from ...launch.command import Interpreter, entrances
from ...log import logger
from ...mailbox import Control
from ...rundir import RunDirectory, Viewer, ViewerOptions, register
from ...rundir.format import Closing
from ...stats import Stats
from .. import opened
from ..cells import Membership
from ..helper import Helper
from ..lane import Lane
from ..lanes import Lanes
from ..live_plotter import LivePlotter, deadline_of
from ..pacing import Pacing
from ..pending import Fate, Update, off
from ..preparing import preparation
from ..received import Received
from ..shipping import write_plotter
from ..standin import Absence
from ..stats import counted
from ..viewers import Viewers
from .contract import Session, absent_viewer

#: How long the removal of what the run leaves behind may take, s, and the last frame before `wait`.
REMOVAL, LAST = 3.0, 10.0


class LiveSession(Session):
    """Starts a viewer, by `start`, and hands it frames.

    Parameters
    ----------
    plotter, interpreter, name, max_overhead, copies, persist, respawn, strict, request_timeout
        As for `Server`.
    starts_viewer : bool
        Whether a viewer is started now.
    viewer : ViewerOptions
        What viewers are told.

    Raises
    ------
    ConfigurationError
        If the run cannot be called so.
    """

    #: Whether there is something to be closed.
    _is_open = False
    #: What it has to do with a cell of a notebook.
    membership: Membership | None = None

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
        strict: bool,
        starts_viewer: bool,
        request_timeout: float | None,
        viewer: ViewerOptions,
    ) -> None:
        self._copies = copies
        self.persist = persist
        self._saves = viewer.save is not None
        self._closed_because = "it has not been started"
        self._forked = False
        self._failure: AsyncplotError | None = None
        self._final: Stats | None = None
        self._notices = 0
        self.pacing = Pacing(max_overhead, time.monotonic())
        self._run = RunDirectory(name)
        self.name, self.directory = self._run.name, self._run.path
        self._absent = Absence(self.name, strict=strict)
        self._live_plotter = LivePlotter(request_timeout, self._absent)
        self._record: Path | None = None
        self._process = os.getpid()
        this = weakref.ref(self)
        self._helper = Helper(
            lambda: [] if (session := this()) is None else session._lanes.living(),
            lambda: None if (session := this()) is None else session._look_for_notices(),
        )
        self._newborn: list[tuple[Update, Received]] = []
        self._plotter, self._viewer = plotter, viewer
        self._supervisor = SupervisorProcess(
            self._run,
            interpreter,
            viewer=starts_viewer,
            persist=persist,
            respawn=respawn,
            grace=SAVING_GRACE if self._saves else GRACE,
        )

    def start(self) -> ViewerGone | None:
        """Start it all; returns what is wrong if that cannot be done, and logs it.

        Undoes what it has done after any exception. A method, so that whoever is interrupted has something to close.

        Raises
        ------
        ShippingError
            If the plotter cannot be pickled.
        """
        try:
            with above_standard():
                self._start()
        except (OSError, ViewerError) as error:
            self._undo()
            failure = ViewerGone(f"no viewer could be started: {error}")
            logger.error("the computation goes on without a plot: %s", failure)
            return failure
        except BaseException:
            self._undo()
            raise
        return None

    def _start(self) -> None:
        self._run.make()
        self.name, self.directory = self._run.name, self._run.path
        self._absent.name = self.name
        write_plotter(self._plotter, self.directory / "plotter")
        self._control = Control.make(self.directory)
        record = self._run.describe(self._viewer)
        self._lanes = Lanes(self.directory, self._control, copies=self._copies)
        viewers: list[Viewers] = []  # there are some when a frame is taken, or something is received
        received = Received(
            self._control.words,
            lambda: [viewer.directory for each in viewers for viewer in each.all()],
            keeps=self,
        )
        self._received = weakref.ref(received)
        update = self._lanes.get("update", self, preparation(self._plotter, lambda: received.views))
        self._newborn = [(self._call(update), received)]
        del self._plotter
        self._supervisor.start()
        self._viewers = Viewers(self.directory, self._supervisor)
        viewers.append(self._viewers)
        # While the viewer is starting: none of its time is lost.
        register.clear()
        self._record = register.enter(self.name, self.directory, {**record, **entrances(self.directory)})
        self._closed_because = ""
        self._is_open = True
        opened.enter(self)

    def _undo(self) -> None:
        """Take back what `start` has done, however far it came."""
        opened.leave(self)
        self._is_open = False
        self._closed_because = "it could not be started"
        self._newborn.clear()
        self._helper.abandon()
        if hasattr(self, "_control"):
            self._control.closing = Closing.AT_ONCE
        # First the processes: a viewer knows the run directory by its path, which the next run may have.
        if self._supervisor.end(REMOVAL):
            self._run.remove()
        else:
            self._run.release()
        register.leave(self._record)
        if hasattr(self, "_lanes"):
            for lane in self._lanes.living():
                lane.close(self._closed_because)
        if hasattr(self, "_control"):
            self._control.close()

    # --- frames ----------------------------------------------------------------------------------

    def hand_out(self) -> tuple[Update, Received]:
        return self._newborn.pop()

    def lane(self, method: str) -> Update:
        before = len(self._lanes)
        lane = self._lanes.get(method, self)
        if len(self._lanes) > before:
            self._helper.look_now()  # if it runs, it holds this lane, too, from now on
        return self._call(lane)

    def _call(self, lane: Lane) -> Update:
        return lane.update_copying if self._copies else lane.update

    def flush(self, timeout: float | None) -> bool:
        deadline = deadline_of(timeout)
        if any(lane.deliver(deadline - time.monotonic()) < 0 for lane in self._lanes.living()):
            return False
        newest = self._lanes.newest()
        return self._viewers.wait_for(
            lambda viewer: all(viewer.counters(lane).final >= number for lane, number in enumerate(newest)),
            deadline,
        )

    # --- the viewer --------------------------------------------------------------------------------

    def ready(self, timeout: float | None) -> bool:
        deadline = deadline_of(timeout)
        return self._viewers.wait_for(lambda viewer: viewer.state.get("phase") == "ready", deadline)

    def wait(self) -> None:
        self.flush(LAST)
        self._viewers.wait_until_closed()

    @property
    def is_alive(self) -> bool:
        return bool(self._viewers.alive())

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        return (absent_viewer(self._closed_because),) if self._forked else self._viewers.described()

    @property
    def windows(self) -> list[Any]:
        """Where the windows of its viewer stand, or stood."""
        return [] if (viewer := self._viewers.main()) is None else viewer.windows

    def check(self) -> None:
        problem = self._failure or self._viewers.problem() or self._lanes.rejected()
        if problem is not None:
            raise problem

    @property
    def stats(self) -> Stats:
        if self._final is not None:
            return self._final
        viewer = self._viewers.main()
        boards = [viewer.counters(number) for number in range(len(self._lanes))] if viewer is not None else []
        full_draws = viewer.full_draws if viewer is not None else {}
        return counted(self._lanes.living(), boards, full_draws, self.pacing, time.monotonic())

    @property
    def plotter(self) -> Any:
        return self._live_plotter.get(self._viewers, self._caught_up)

    def _caught_up(self, timeout: float | None) -> bool:
        """Wait until the primary viewer is up and has drawn the last frame; False at the time-out."""
        deadline = deadline_of(timeout)
        return self.flush(timeout) and self.ready(deadline - time.monotonic())

    # --- the end -----------------------------------------------------------------------------------

    def close(self, *, patient: bool) -> None:
        if self._closed_because:
            return  # and if it has not been started, there is no lock
        with self._lanes.lock:
            if self._closed_because:
                return
            self._closed_because = self._lanes.closed_because = "the server is closed"
            self._is_open = False
        opened.leave(self)
        answered = (
            self.flush(self._viewers.last_draw(len(self._lanes), patient=patient))
            or not self._viewers.alive()
        )
        self._live_plotter.close()
        self._final = self.stats
        for lane in self._lanes.living():
            lane.close(self._closed_because)
        self._helper.close()
        self._control.closing = (
            Closing.DETACHED if self.persist else Closing.POLITELY if answered else Closing.AT_ONCE
        )
        self._look_for_notices()
        if self._saves and answered and not self.persist:  # the last picture may fail, too
            self._viewers.wait_for(
                lambda viewer: viewer.state.get("phase") == "ended", time.monotonic() + SAVING_GRACE
            )
        self._failure = self._viewers.problem() or self._lanes.rejected()
        if (received := self._received()) is not None:
            received.freeze()
        self._viewers.close(self._closed_because, len(self._lanes))
        supervised = self._supervisor.alive
        self._supervisor.end(0.0 if self.persist else REMOVAL)
        register.leave(self._record)
        if supervised or self.persist:
            self._run.release()
        else:  # somebody killed the supervisor, which removes the directory otherwise
            self._run.remove()
        self._control.close()

    def __del__(self) -> None:
        """Nobody holds this run any more: its viewer draws the last frame and ends, and what is left here is closed later.

        It runs in any thread and in the middle of anything, such as a signal handler. So it takes no lock, and waits for nothing.
        No frame waits now, since the helper's thread holds the lanes while one does. (A Ctrl-C in these few microseconds is
        lost, as in each destructor.)
        """
        if self._is_open and self._process == os.getpid():  # and not in a child whose fork no hook saw
            if not self.persist:
                self._control.closing = Closing.UNHELD
            opened.keep(self)

    def settle(self) -> bool:
        if self.persist:
            return False
        if not self._supervisor.alive:
            # It has removed the directory, and another run may have one of that name by now.
            self._live_plotter.close()
            self._let_go("the server is closed")
            return True
        if self._viewers.alive():
            return False
        self.close(patient=False)
        return True

    # --- for the lanes (see lane.Host), the helper and the fork hooks ------------------------------

    @property
    def calls(self) -> int:
        """Calls so far, all lanes together."""
        return sum([lane.called for lane in self._lanes.living()])

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
        if self._forked:
            return off()
        return self._viewers.fate(lane, name, number)

    def before_fork(self) -> None:
        """Deliver the waiting frames and end our threads; they start again at the next use."""
        for lane in self._lanes.living():
            lane.deliver(1.0)
        self._helper.stop()
        for lane in self._lanes.living():
            lane.rest()  # the next call decides for itself, and starts another thread if it needs one
        self._live_plotter.pause()

    def after_fork_in_child(self) -> None:
        """Close descriptors and maps; calls in the child do nothing, with one warning."""
        self._forked = True
        why = "this is a forked child; make a Server of its own, or update from the parent"
        warnings = deque([why])
        for lane in self._lanes.living():
            lane.abandon(warnings)
        self._lanes.lock = threading.RLock()
        self._helper.abandon()
        self._live_plotter.abandon()
        self._let_go(why)

    def _let_go(self, why: str) -> None:
        """Close descriptors and maps, and touch nothing else; there are no threads."""
        self._closed_because = self._lanes.closed_because = why
        self._is_open = False
        self._final = Stats()
        self._helper.abandon()
        self._supervisor.abandon()
        if (received := self._received()) is not None:
            received.freeze(look=False)
        self._viewers.abandon(why)
        self._run.release()
        self._control.close()

    def _look_for_notices(self) -> None:
        """Log, once, what the supervisor has to tell. Helper thread; 0.1 us if there is no news."""
        if not self.news:
            return
        self._notices = self._control.notices
        for problem in self._viewers.endings():
            logger.error("%s goes on without a plot: %s", self.name, problem)
