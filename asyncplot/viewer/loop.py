"""The viewer's loop: a tick of the GUI's own loop reads the mailbox and hands frames to the plotter. GUI thread.

In: the newest frame of each lane. Out: calls of the plotter's methods, a redraw of what they changed, and on the board what
became of each frame.

Frames are paced by credit: the viewer asks for a frame when it could draw one, so nothing ever queues up. Under a flood of
frames this gives 82 draws a second, and the GUI waits at most 14 ms. Reading everything that comes gives 0.8 draws a
second, and the GUI waits 2.9 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import sending
from ..errors import AsyncplotError
from ..log import logger
from ..mailbox import Control
from ..rundir import BoardWriter, ViewerOptions, read_json
from ..rundir.format import Closing
from .backends import Backend
from .drawing import Figures, Views
from .failures import Failures
from .foot import Foot
from .geometry import Geometries
from .inbox import LaneInbox
from .inboxes import Lanes
from .outlet import Sender
from .pictures import Pictures
from .requests import Requests
from .root import Root
from .state import State
from .ticks import BUSY, COMING, TURN, Ticks
from .windows import OpenWindows


class Loop:
    """Shows one run.

    Parameters
    ----------
    run, folder : Path
        The run directory, and this viewer's folder in it.
    backend : Backend
        It has been started already.
    state : State
        What this viewer says of itself.
    options : ViewerOptions
        What it was told.
    """

    def __init__(
        self, run: Path, folder: Path, backend: Backend, state: State, options: ViewerOptions
    ) -> None:
        self._run = run
        self._folder = folder
        self._backend = backend
        self._state = state
        self._control = Control.open(run)
        self._board = BoardWriter(folder)
        self._lanes = Lanes(run, self._control, self._board)
        self._figures = Figures(backend, blit=options.blit)
        self._views = Views(backend.hooks)
        self._windows = OpenWindows(self._figures.count)
        self._geometries = Geometries(folder, backend, options.windows)
        self._foot = Foot(backend, self._figures)
        self._failures = Failures(folder, self._foot)
        self._pictures = Pictures(options.save, self._failures.note_picture)
        self._requests = Requests(folder, backend, self._carry_out_requests)
        self._sender = Sender(folder, self._control)
        self._ticks = Ticks(None)
        self._plotter: Any = None
        self._view: Callable[[], Any] | None = None
        self._working = False
        self._ended = False
        self._touched = False
        self._notes = 0
        self._draw_again = 0.0
        self._after_tick: Callable[[], None] = lambda: None

    def start(self, make: Callable[[], Any], ended: int, after_tick: Callable[[], None]) -> None:
        """Make the plotter, show its figures with the first frame if there is one, and begin to tick.

        ``after_tick`` is called after each tick.
        """
        self._after_tick = after_tick
        self._backend.add_reader(ended, self._run_has_ended)
        sending.connect(self._sender, self._backend.panel)
        self._pictures.rehearse()
        self._state.set(phase="making")
        with self._at_work("the plotter's constructor"), self._views.plotters_turn():
            self._plotter = make()
        if not any(callable(getattr(self._plotter, name, None)) for name in self._control.lanes):
            raise AsyncplotError(f"the plotter, a {type(self._plotter).__qualname__}, has no method update")
        # Only the plotter's `prepare` reads it.
        self._view = getattr(self._plotter, "view", None) if hasattr(self._plotter, "prepare") else None
        self._ticks = Ticks(getattr(self._plotter, "fps", None))
        self._touched = True
        self._state.set(phase="drawing")  # `close` waits longer for a viewer that starts
        self.tick()
        # After the first picture, because it imports rpyc.
        self._state.set(control=self._requests.listen(self._root()), phase="ready")

    def tick(self) -> None:
        """Draw what is new, and come again."""
        if self._ended:
            return
        delay = BUSY
        try:
            # A plotter may run the GUI's loop itself. It must not be called from within its own call.
            delay = BUSY if self._working else self._work()
            self._failures.passed("the viewer")
        except Exception:  # noqa: BLE001 (no fault of asyncplot may end the picture; it is shown once)
            self._failures.note("the viewer", 0)
        self._after_tick()
        if not self._ended:
            self._backend.call_later(delay, self.tick)

    def end(self, why: str) -> None:
        """Leave the GUI's loop."""
        if self._ended:
            return
        self._ended = True
        self._state.set(ended=why)
        self._backend.quit()

    def close(self) -> None:
        """Write the last picture and release everything, after the GUI's loop."""
        self._pictures.finish(self._figures)
        self._requests.close()
        self._lanes.close()
        self._board.close()
        self._control.close()

    # --- one tick --------------------------------------------------------------------------------------

    def _work(self) -> float:
        """One tick; returns how long to wait before the next one, s."""
        closing = self._control.closing
        if closing not in (0, Closing.DETACHED, Closing.UNHELD):
            self._run_has_ended()
            return 0.0
        started = time.monotonic()
        self._windows.begin_tick()
        self._working = True
        try:
            self._show_note()
            fresh = self._call_plotter()
            if fresh or self._touched:
                self._touched = False
                self._redraw(fresh, started)
            elif started >= self._draw_again:
                self._draw_stale(started)
        finally:
            self._working = False
        if self._windows.closed_by_user:
            self.end("the user closed its windows")
            logger.info("the windows were closed")
        if not self._views.dragging and self._backend.ready_for_picture():
            self._lanes.ask()
        self._tell()
        if closing == Closing.UNHELD and not fresh and self._has_shown_all():
            self.end("nobody holds the server any more")
        now = time.monotonic()
        if fresh:
            return self._ticks.after_frame(started, now)
        self._pictures.idle(self._figures, now)
        return self._ticks.without_frame(now)

    def _has_shown_all(self) -> bool:
        """Whether no frame is left to be shown: the last one was in the mailbox before the run said that it ends."""
        return not self._views.dragging and self._state.phase == "ready"

    def _show_note(self) -> None:
        """Show in the titles what the run says of itself, if that is new."""
        if self._control.notes != self._notes:
            self._notes = self._control.notes
            self._figures.note = str((read_json(self._run / "note.json") or {}).get("text", ""))

    def _call_plotter(self) -> list[LaneInbox]:
        """Call the plotter with the newest frame of each lane; returns the lanes that had one."""
        if self._views.dragging:  # frames wait, so that the drag is smooth
            return []
        fresh = self._lanes.fetch()
        if fresh:
            with self._views.plotters_turn():
                for lane in fresh:
                    lane.call(self._plotter, self._failures)
        return fresh

    def _redraw(self, fresh: list[LaneInbox], started: float) -> None:
        """Draw what the plotter has changed, and say what became of its frames."""
        error: str | None = None
        self._board.begin("drawing", max((lane.number for lane in fresh), default=0))
        try:
            self._figures.adopt(self._plotter)
            self._figures.show_and_draw(updated=bool(fresh))
            self._failures.passed("drawing")
        except BaseException:  # noqa: BLE001 (matplotlib and the user's artists raise what they like)
            error = self._failures.note("drawing", 0)
        finally:
            self._board.rest()
        # Before the frames count as drawn: whoever waits for them then finds the windows, and what the plotter sent.
        self._state.set(windows=self._windows.recount())
        self._sender.flush()
        self._figures.counts.publish(self._folder)
        seconds = time.monotonic() - started
        if fresh:
            self._foot.took(seconds)
        for lane in fresh:
            lane.settle(seconds, error, self._figures.counts.blitted)
            self._pictures.drawn(self._figures, lane.number)
        self._pictures.changed()

    def _draw_stale(self, now: float) -> None:
        """Draw what the plotter's event handlers and timers have changed since the last tick."""
        try:
            if not self._figures.draw_stale(now):
                return
        except BaseException:  # noqa: BLE001 (as in `_redraw`)
            self._failures.note("drawing", 0)
            self._draw_again = now + COMING  # something that cannot be drawn is not tried in each tick
            return
        self._windows.recount()
        self._ticks.busy(now)
        self._figures.counts.publish(self._folder)
        self._pictures.changed()

    def _tell(self) -> None:
        """Tell the computation and the user what is shown."""
        self._state.set(windows=self._windows.number, pages=self._backend.pages)
        self._say_what_is_shown()
        self._foot.show(time.monotonic())
        self._sender.flush()
        self._geometries.look(time.monotonic())

    def _say_what_is_shown(self) -> None:
        """Tell the computation which part of the data the plotter shows, if the plotter says so."""
        if self._view is None:
            return
        try:
            self._sender.set_view(sending.plain("view", self._view()))
        except Exception:  # noqa: BLE001 (the plotter's code raises what it likes)
            self._failures.note("view", 0)
            self._failures.passed("view")  # it is not called again, so the windows need not go on saying it
            self._view = None

    # --- from outside ----------------------------------------------------------------------------------

    def _root(self) -> Root:
        """What clients get. A request to end is answered before this viewer ends."""
        return Root(
            self._plotter, self._figures, lambda why: self._backend.call_later(TURN, lambda: self.end(why))
        )

    def _carry_out_requests(self) -> None:
        """Do what was asked from outside, and have the next tick redraw what that changed."""
        if self._working or self._ended:
            return
        with self._at_work("a request"), self._views.requests_turn():
            self._touched = self._requests.carry_out() or self._touched
        self._ticks.busy(time.monotonic())

    def _run_has_ended(self) -> None:
        """End, unless this viewer stays after its run."""
        if self._control.closing != Closing.DETACHED:
            self.end("the run has ended")

    @contextmanager
    def _at_work(self, what: str) -> Iterator[None]:
        """Around something that may take long: no tick works within it, and the board says what it is."""
        self._working = True
        self._board.begin(what)
        try:
            yield
        finally:
            self._board.rest()
            self._working = False
