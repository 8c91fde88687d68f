"""What lanes, the helper thread and a fork need of a live session; the base class of `LiveSession`.

In: requests of lanes to look at their frame later, the fork hooks of `opened`, and news from the supervisor.
Out: a helper thread that runs only while it is needed. Any thread.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque

from ... import settings
from ...log import logger
from ...mailbox import Control
from ...stats import Stats
from ..helper import Helper
from ..lanes import Lanes
from ..live_options import LiveOptions
from ..live_plotter import LivePlotter
from ..pacing import Pacing
from ..pending import Fate, off
from ..received import Received
from ..viewers import Viewers
from .contract import Session
from .resources import Resources


class LaneHost(Session):
    """A session that has lanes in shared memory (see `asyncplot.compute.host.Host`).

    Attributes
    ----------
    pacing : Pacing
        The budget, which all lanes share.
    """

    pacing: Pacing
    _closed_because: str
    _control: Control
    _final: Stats | None
    _forked = False
    #: Whether `close` has something to do.
    _is_open = False
    _lanes: Lanes
    _live_plotter: LivePlotter
    _notices = 0
    _received: weakref.ref[Received]
    _resources: Resources
    _viewers: Viewers
    _options: LiveOptions

    def __init__(self) -> None:
        this = weakref.ref(self)  # the helper's thread must not hold the session while it sleeps
        self._helper = Helper(
            lambda: [] if (session := this()) is None else session._lanes.living(),
            lambda: None if (session := this()) is None else session._look_for_notices(),
        )

    @property
    def calls(self) -> int:
        """Calls so far, all lanes together."""
        return sum([lane.called for lane in self._lanes.living()])

    @property
    def helping(self) -> bool:
        """Whether the helper thread runs."""
        return self._helper.running

    def start_helper(self) -> bool:
        """Have the helper thread run. False if no thread can be started.

        It is charged for its CPU time. On a busy machine a start may take 60 ms, because this thread waits for a
        processor meanwhile. If that were charged, the last frame of a burst would wait 6 s for the budget to pay it.
        """
        start = time.thread_time()
        started = self._helper.start()
        self.pacing.charge(time.thread_time() - start, 0)
        return started

    @property
    def news(self) -> bool:
        """Whether the supervisor has written a notice that nobody has read yet; 0.2 us."""
        return self._control.notices != self._notices

    def put_off_helper(self, now: float, until: float) -> None:
        """Have the helper look at ``until``, when the first lane is quiet. If there is news, it looks now."""
        if self.news:
            self._helper.look_now()
        else:
            self._helper.put_off(now, until)

    def fate(self, lane: int, name: str, number: int) -> Fate | None:
        """The final state of frame ``number`` of a lane; None if it has none yet."""
        if self._forked:
            return off()
        return self._viewers.fate(lane, name, number)

    def show_in_cell(self) -> None:
        """Show the figures under the cell of a notebook, if they are to be shown there."""
        shell = settings.kernel_shell()
        if self._options.viewer.embedded and shell is not None:
            # Imported only here: it needs tornado, which a kernel has loaded.
            from ...notebook.cell_view import CellView

            self.output = CellView(shell, self.name, self.directory, self._options.max_overhead)
            self.output.show()
            self.output.start()

    def drop_output(self) -> None:
        """The cell is executed again: its output is gone, so no last picture is shown there."""
        output, self.output = self.output, None
        if output is not None:
            output.drop()

    def _end_output(self, *, answered: bool) -> None:
        """The viewer is about to end: the notebook keeps its last picture, and if the viewer answers, an exact one."""
        if self.output is not None:
            (self.output.close if answered else self.output.drop)()

    def before_fork(self) -> None:
        """Deliver the waiting frames and end our threads. They start again when they are needed."""
        for lane in self._lanes.living():
            lane.deliver(1.0)
        self._helper.hold_off()
        for lane in self._lanes.living():
            lane.rest()  # the next call looks itself, and starts another thread if it needs one
        self._live_plotter.pause()
        if self.output is not None:
            self.output.stop()

    def after_fork_in_parent(self) -> None:
        """Deliver the frames that calls on other threads have left meanwhile."""
        self._helper.resume()
        if self.output is not None and self._is_open:
            self.output.start()

    def after_fork_in_child(self) -> None:
        """Close descriptors and maps. Calls in the child do nothing; the first one logs a warning."""
        self._forked = True
        self.output = None
        why = "this is a forked child; make a new Server here, or call update in the parent process"
        warnings = deque([why])
        for lane in self._lanes.living():
            lane.abandon(warnings)
        self._lanes.lock = threading.RLock()
        self._helper.abandon()
        self._live_plotter.abandon()
        self._let_go(why)

    def _let_go(self, why: str) -> None:
        """Close descriptors and maps, and change nothing else. No thread of ours runs."""
        self._closed_because = self._lanes.closed_because = why
        self._is_open = False
        self._final = Stats()
        self._helper.abandon()
        if (received := self._received()) is not None:
            received.freeze(look=False)
        self._viewers.abandon(why)
        self._resources.abandon()

    def _look_for_notices(self) -> None:
        """Log each notice of the supervisor once. Helper thread; 0.1 us if there is no news."""
        if not self.news:
            return
        self._notices = self._control.notices
        for problem in self._viewers.endings():
            logger.error("%s goes on without a plot: %s", self.name, problem)
