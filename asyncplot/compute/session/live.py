"""A session with viewers: it passes frames to them, and reads what became of each frame.

In: the calls of `Server`. Out: frames in mailboxes, and files that viewers read. All of this runs in the
user's process, in the thread that calls it. `Lane.update` is the hot path. `resources` makes and removes what
the session has outside of this process.
"""

from __future__ import annotations

import os
import time
import weakref
from typing import Any

from ...descriptors import above_standard
from ...errors import AsyncplotError, ViewerError, ViewerGone
from ...launch.child import SAVING_GRACE
from ...launch.command import Interpreter
from ...log import logger
from ...rundir import Viewer
from ...rundir.format import Closing
from ...stats import Stats, summary
from .. import opened
from ..cells import Membership
from ..lane import Lane
from ..lanes import Lanes
from ..live_options import LiveOptions
from ..live_plotter import LivePlotter, deadline_of
from ..pacing import Pacing
from ..pending import Update
from ..plotter import preparation
from ..received import Received
from ..standin import Absence
from ..viewers import Viewers
from .hosting import LaneHost
from .off import absent_viewer
from .resources import Resources

#: How long `wait` waits for the last frame, s.
_LAST = 10.0

#: How long `close` waits for the last picture between two looks at the viewer, s.
_LOOK = 0.02


class LiveSession(LaneHost):
    """Starts a viewer in `start`, and passes frames to it.

    Parameters
    ----------
    plotter : class, callable or instance
        The user's plotter.
    interpreter : Interpreter
        The plotting interpreter.
    membership : Membership
        The notebook cell that the session belongs to, and the run's name.
    options : LiveOptions
        The other options of `Server`.

    Raises
    ------
    ConfigurationError
        If the run's name is not allowed.
    """

    def __init__(
        self, plotter: Any, interpreter: Interpreter, membership: Membership, options: LiveOptions
    ) -> None:
        super().__init__()
        self.membership: Membership | None = membership
        self._options = options
        self.persist = options.persist
        self._closed_because = "it has not been started"
        self._failure: AsyncplotError | None = None
        self._final: Stats | None = None
        self._process = os.getpid()
        self.pacing = Pacing(options.max_overhead, time.monotonic())
        self._resources = Resources(membership.name, interpreter, options)
        self.name, self.directory = self._resources.name, self._resources.directory
        self._absent = Absence(self.name, strict=options.strict)
        self._live_plotter = LivePlotter(options.request_timeout, self._absent)
        self._newborn: list[tuple[Update, Received]] = []
        self._plotter = plotter

    def start(self) -> None:
        """Make the run directory, the lanes and the supervisor.

        This is not part of ``__init__``: if a Ctrl-C interrupts it, the caller already has a session to
        close. After any exception it undoes what it has done.

        Raises
        ------
        ViewerGone
            If no viewer can be started. This is logged, too.
        ShippingError
            If the plotter cannot be pickled.
        """
        try:
            with above_standard():
                self._start()
        except (OSError, ViewerError) as error:
            self._undo()
            why = f"no viewer could be started: {error}"
            logger.error("the computation goes on without a plot: %s", why)
            # No name for it: its traceback has this frame, and so all that it holds.
            raise ViewerGone(why) from error
        except BaseException:
            self._undo()
            raise

    def _start(self) -> None:
        resources, options = self._resources, self._options
        windows = self.membership.windows if self.membership is not None else []
        resources.make(self._plotter, options.viewer._replace(windows=windows))
        self.name, self.directory = resources.name, resources.directory
        self._absent.name = self.name
        self._control = resources.control
        self._lanes = Lanes(self.directory, self._control, copies=options.copies)
        viewers: list[Viewers] = []  # filled below, before a frame is taken or a value is received
        received = Received(
            self._control.words,
            lambda: [viewer.directory for each in viewers for viewer in each.all()],
            keeps=self,
        )
        self._received = weakref.ref(received)
        update = self._lanes.get("update", self, preparation(self._plotter, lambda: received.views))
        self._newborn = [(self._call(update), received)]
        del self._plotter
        resources.start()
        self._viewers = Viewers(self.directory, resources.supervisor)
        viewers.append(self._viewers)
        self._closed_because = ""
        self._is_open = True
        opened.enter(self)

    def _undo(self) -> None:
        """Undo the steps that `start` has done so far."""
        opened.leave(self)
        self._is_open = False
        self._closed_because = "it could not be started"
        self._newborn.clear()
        self._helper.abandon()
        self._resources.undo()
        if hasattr(self, "_lanes"):
            for lane in self._lanes.living():
                lane.close(self._closed_because)
        if hasattr(self._resources, "control"):
            self._resources.control.close()

    # --- frames ----------------------------------------------------------------------------------

    def hand_out(self) -> tuple[Update, Received]:
        return self._newborn.pop()

    def lane(self, method: str) -> Update:
        before = len(self._lanes)
        try:
            lane = self._lanes.get(method, self)
        except OSError as error:
            raise AsyncplotError(
                f"no room for the lane {method!r} in the run directory ({error.strerror}); free some, or set "
                "ASYNCPLOT_RUNTIME_DIR to a folder with more space"
            ) from error
        if len(self._lanes) > before:
            self._helper.look_now()  # if its thread runs, it holds this lane, too, from now on
        return self._call(lane)

    def _call(self, lane: Lane) -> Update:
        return lane.update_copying if self._options.copies else lane.update

    def flush(self, timeout: float | None) -> bool:
        deadline = deadline_of(timeout)
        if any(lane.deliver(deadline - time.monotonic()) < 0 for lane in self._lanes.living()):
            return False
        newest = self._lanes.newest()
        return self._viewers.wait_for(
            lambda viewer: all(viewer.counters(lane).final >= number for lane, number in enumerate(newest)),
            deadline,
        )

    def ready(self, timeout: float | None) -> bool:
        return self._viewers.wait_for(lambda viewer: viewer.state.phase == "ready", deadline_of(timeout))

    def wait(self) -> None:
        self.flush(_LAST)
        self._viewers.wait_until_closed()

    @property
    def is_alive(self) -> bool:
        return bool(self._viewers.alive())

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        return (absent_viewer(self._closed_because),) if self._forked else self._viewers.described()

    @property
    def url(self) -> str:
        return self._viewers.url()

    @property
    def windows(self) -> list[Any]:
        """The places and sizes of the viewer's windows, also after they were closed."""
        return [] if (viewer := self._viewers.main()) is None else viewer.windows

    def check(self) -> None:
        problem: AsyncplotError | None = self._viewers.problem() or self._lanes.rejected()
        # Closed, perhaps just now in a signal handler: then the end of the supervisor is no problem.
        problem = self._failure if self._closed_because else problem
        if problem is not None:
            raise problem

    @property
    def stats(self) -> Stats:
        if self._final is not None:
            return self._final
        viewer, now = self._viewers.main(), time.monotonic()
        lanes = self._lanes.living()
        counts = [lane.counts for lane in lanes]
        return summary(
            counts,
            [] if viewer is None else [viewer.counters(number) for number in range(len(self._lanes))],
            {} if viewer is None else viewer.full_draws,
            now=now,
            overhead=self.pacing.share(now, sum(count.called for count in counts)),
            seconds=[seconds for lane in lanes for seconds in list(lane.outbox.durations)],
        )

    @property
    def plotter(self) -> Any:
        return self._live_plotter.get(self._viewers, self._caught_up)

    def _caught_up(self, timeout: float | None) -> bool:
        """Wait until the primary viewer is ready and has drawn the last frame. False after ``timeout`` s."""
        deadline = deadline_of(timeout)
        return self.flush(timeout) and self.ready(deadline - time.monotonic())

    # --- the end -----------------------------------------------------------------------------------

    def close(self, *, patient: bool) -> None:
        if self._closed_because:
            return  # also if it has not been started: then there is no lock
        with self._lanes.lock:
            if self._closed_because:
                return
            self._closed_because = self._lanes.closed_because = "the server is closed"
            self._is_open = False
        opened.leave(self)
        answered = self._shows_the_last(patient=patient) or not self._viewers.alive()
        self._end_output(answered=answered)
        self._live_plotter.close()
        self._final = self.stats
        for lane in self._lanes.living():
            lane.close(self._closed_because)
        self._helper.close()
        self._control.closing = (
            Closing.DETACHED if self.persist else Closing.POLITELY if answered else Closing.AT_ONCE
        )
        self._look_for_notices()
        if self._options.viewer.save is not None and answered and not self.persist:
            # Writing the last picture may fail, too.
            self._viewers.wait_until_ended(SAVING_GRACE)
        self._failure = self._viewers.problem() or self._lanes.rejected()
        if (received := self._received()) is not None:
            received.freeze()
        self._viewers.close(self._closed_because, len(self._lanes))
        self._resources.release(persist=self.persist)

    def _shows_the_last(self, *, patient: bool) -> bool:
        """Wait for the last picture, as long as it can be expected. See `Patience`."""
        patience = self._viewers.patience(patient=patient, unhurried=self._options.viewer.save is not None)
        while not self.flush(_LOOK):
            sight = self._viewers.sight(len(self._lanes))
            if not self._viewers.alive() or not patience.lasts(time.monotonic(), sight):
                return False
        return True

    def __del__(self) -> None:
        """Nobody holds this run any more: its viewer draws the last frame and ends. The rest is closed later.

        A destructor runs in any thread and at any moment, for example in a signal handler. So it takes no
        lock, and waits for nothing. No frame waits at this time, because the helper's thread holds the lanes
        while a frame waits. (A Ctrl-C in these few microseconds is lost, as in every destructor.)
        """
        if self._is_open and self._process == os.getpid():  # not in a child that was forked without our hooks
            if not self.persist:
                self._control.closing = Closing.UNHELD
            opened.keep(self)

    def settle(self) -> bool:
        if self.persist:
            return False
        if not self._resources.supervisor.alive:
            # The supervisor has removed the directory. Another run may have a directory of that name by now.
            self._live_plotter.close()
            self._let_go("the server is closed")
            return True
        if self._viewers.alive():
            return False
        self.close(patient=False)
        return True
