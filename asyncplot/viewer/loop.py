"""The viewer's loop: a tick of the GUI's own loop that reads the mailbox and hands frames to the plotter.

GUI thread only. In: the newest frame of each lane; out: calls of the plotter's methods, a redraw of what
they changed, and on the board what became of each frame. Pacing is by credit: a frame is asked for when
this viewer could draw it, so nothing ever queues up (82 draws a second and gaps of 14 ms under a flood,
where reading whatever comes gives 0.8 draws a second and gaps of 2.9 s).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import AsyncplotError
from ..log import logger
from ..mailbox import Control
from ..rundir import BoardWriter, ViewerOptions, read_json
from ..rundir.format import Closing
from ..sending import Here, plain
from .backends import Backend
from .drawing import Figures, Views
from .failures import Failures
from .foot import Foot
from .geometry import Geometries
from .inbox import LaneView
from .outlet import Sender
from .pictures import Pictures
from .requests import Requests
from .root import Root

#: Ticks while frames come, and when they do not, s; and how long after a frame they count as coming.
BUSY, IDLE, COMING = 0.008, 0.05, 1.0

#: Draws are never closer together than frames of a screen (unless the plotter asks for more, by ``fps``), and
#: the GUI gets its turn between them, s.
SCREEN, TURN = 0.016, 0.002

#: The highest rate that a plotter may ask for, frames a second.
FASTEST = 1000.0


class Viewer:
    """Shows one run.

    Parameters
    ----------
    run, folder : Path
        The run directory, and this viewer's folder in it.
    backend : Backend
        Started already.
    state : State
        What this viewer says of itself.
    options : ViewerOptions
        What it was told.
    """

    def __init__(self, run: Path, folder: Path, backend: Backend, state: Any, options: ViewerOptions) -> None:
        self._run = run
        self._folder = folder
        self._backend = backend
        self._state = state
        self._control = Control.open(run)
        self._board = BoardWriter(folder)
        self._lanes: list[LaneView] = []
        self._figures = Figures(backend, blit=options.blit)
        self._views = Views()
        self._geometries = Geometries(folder, backend, options.windows)
        self._foot = Foot(backend, self._figures)
        self._failures = Failures(folder, self._foot)
        self._pictures = Pictures(options.save, self._failures.note_picture)
        self._requests = Requests(folder, backend, self._look)
        self._plotter: Any = None
        self._screen = SCREEN
        self._view: Callable[[], Any] | None = None
        self._sender = Sender(folder, self._control)
        self._working = False
        self._ended = False
        self._touched = False
        self._had_windows = False
        self._notes = 0
        self._last_frame = 0.0
        self._draw_again = 0.0
        self._after_tick: Callable[[], None] = lambda: None

    def start(self, make: Callable[[], Any], ended: int, after_tick: Callable[[], None]) -> None:
        """Make the plotter, show its figures with the first frame if there is one, and begin to tick.

        ``after_tick`` is called after each tick.
        """
        self._after_tick = after_tick
        self._backend.add_reader(ended, self._run_has_ended)
        Here.outlet = self._sender
        self._pictures.rehearse()
        self._working = True
        self._state.set(phase="making")
        self._board.begin("the plotter's constructor")
        with self._views.plotters_turn():
            self._plotter = make()
        self._board.rest()
        if not any(callable(getattr(self._plotter, name, None)) for name in self._control.lanes):
            raise AsyncplotError(f"the plotter, a {type(self._plotter).__qualname__}, has no method update")
        # Only `prepare` reads it.
        self._view = getattr(self._plotter, "view", None) if hasattr(self._plotter, "prepare") else None
        self._screen = _interval(getattr(self._plotter, "fps", None))
        self._working = False
        self._touched = True
        self._state.set(phase="drawing")  # `close` waits longer for one that is starting
        self.tick()
        # After the first picture, as it imports rpyc.
        self._state.set(control=self._requests.listen(self._root()), phase="ready")

    def _root(self) -> Root:
        """What clients get; one that ends this viewer is answered first."""
        return Root(
            self._plotter, self._figures, lambda why: self._backend.call_later(TURN, lambda: self.end(why))
        )

    def tick(self) -> None:
        """Draw what is new, and come again."""
        if self._ended:
            return
        delay = BUSY
        try:
            # A plotter that runs the GUI's loop itself must not be called from within.
            delay = BUSY if self._working else self._work()
            self._failures.passed("the viewer")
        except Exception:  # noqa: BLE001 (nothing of ours may end the picture; it is shown once)
            self._failures.note("the viewer", 0)
        self._after_tick()
        if not self._ended:
            self._backend.call_later(delay, self.tick)

    def end(self, why: str) -> None:
        """Write the last picture, and leave the GUI's loop."""
        if self._ended:
            return
        self._ended = True
        self._state.set(ended=why)
        self._backend.quit()

    def close(self) -> None:
        """Let go of everything, after the GUI's loop."""
        self._pictures.finish(self._figures)
        self._requests.close()
        for lane in self._lanes:
            lane.close()
        self._board.close()
        self._control.close()

    def _work(self) -> float:
        """One tick; returns how long to wait before the next, s."""
        closing = self._control.closing
        if closing not in (0, Closing.DETACHED, Closing.UNHELD):
            self._run_has_ended()
            return 0.0
        started = time.monotonic()
        self._working = True
        if self._control.notes != self._notes:
            self._notes = self._control.notes
            self._figures.note = str((read_json(self._run / "note.json") or {}).get("text", ""))
        windows = self._figures.count()
        try:
            fresh = self._receive()
            if fresh or self._touched:
                self._touched = False
                self._redraw(fresh, started)
            elif started >= self._draw_again:
                self._draw_stale(started)
        finally:
            self._working = False
        self._look_at_windows(before=windows)
        for lane in self._lanes if not self._views.dragging else ():
            lane.ask()
        self._say_what_is_shown()
        self._foot.show(time.monotonic())
        self._sender.flush()
        now = time.monotonic()
        self._geometries.look(now)
        if (
            closing == Closing.UNHELD
            and not fresh
            and not self._views.dragging
            and self._state.phase == "ready"
        ):
            # Its last frame was in the mailbox before it said so, and has been drawn.
            self.end("nobody holds the server any more")
        if fresh:
            self._last_frame = now
            return max(self._screen - (now - started), min(TURN, self._screen))
        self._pictures.idle(self._figures, now)
        return min(BUSY, self._screen) if now - self._last_frame < COMING else IDLE

    def _receive(self) -> list[LaneView]:
        """Call the plotter with the newest frame of each lane; which lanes had one."""
        if self._views.dragging:  # frames wait, so that the drag is smooth
            return []
        fresh = [lane for lane in self._all_lanes() if lane.fetch()]
        if fresh:
            with self._views.plotters_turn():
                for lane in fresh:
                    lane.call(self._plotter, self._failures)
        return fresh

    def _redraw(self, fresh: list[LaneView], started: float) -> None:
        error: str | None = None
        self._board.begin("drawing", max((lane.number for lane in fresh), default=0))
        try:
            self._figures.adopt(self._plotter)
            self._figures.show_and_draw(updated=bool(fresh))
            self._failures.passed("drawing")
        except BaseException:  # noqa: BLE001 (matplotlib, and artists of the user's, raise what they like)
            error = self._failures.note("drawing", 0)
        finally:
            self._board.rest()
        # Before the frames count as drawn, so that who waits for them finds their windows, and what they sent.
        self._state.set(windows=self._figures.count())
        self._sender.flush()
        self._figures.drawing.publish(self._folder)
        seconds = time.monotonic() - started
        if fresh:
            self._foot.took(seconds)
        for lane in fresh:
            lane.settle(seconds, error, self._figures.drawing.blitted)
            self._pictures.drawn(self._figures, lane.number)
        self._pictures.changed()

    def _draw_stale(self, now: float) -> None:
        """Draw what event handlers and timers of the plotter's have changed since the last tick."""
        try:
            if not self._figures.draw_stale(now):
                return
        except BaseException:  # noqa: BLE001 (as in `_redraw`)
            self._failures.note("drawing", 0)
            self._draw_again = now + COMING  # what cannot be drawn is not tried in each tick
            return
        self._last_frame = now
        self._figures.drawing.publish(self._folder)
        self._pictures.changed()

    def _say_what_is_shown(self) -> None:
        """Tell the computation which part of the data the plotter shows, if it says so."""
        if self._view is None:
            return
        try:
            self._sender.look(plain("view", self._view()))
        except Exception:  # noqa: BLE001 (the plotter's code raises what it likes)
            self._failures.note("view", 0)
            self._failures.passed("view")  # it is not called again, so there is nothing to go on about
            self._view = None

    def _run_has_ended(self) -> None:
        """End, unless this viewer is to stay."""
        if self._control.closing != Closing.DETACHED:
            self.end("the run has ended")

    def _all_lanes(self) -> list[LaneView]:
        names = self._control.lanes if self._control.lane_count != len(self._lanes) else ()
        for index, name in list(enumerate(names))[len(self._lanes) :]:
            self._lanes.append(LaneView(self._run, self._control, index, name, self._board))
        return self._lanes

    def _look(self) -> None:
        """Carry out what was asked from outside, and have the next tick redraw what it changed."""
        if self._working or self._ended:
            return
        self._working = True
        self._board.begin("a request")
        try:
            with self._views.requests_turn():
                self._touched = self._requests.carry_out() or self._touched
        finally:
            self._working = False
            self._board.rest()
        self._last_frame = time.monotonic()

    def _look_at_windows(self, before: int) -> None:
        """End when the user has closed the last window; not when the plotter did."""
        windows = self._figures.count()
        if self._had_windows and not before:
            self.end("the user closed its windows")
            logger.info("the windows were closed")
        self._had_windows = windows > 0
        self._state.set(windows=windows)


def _interval(fps: Any) -> float:
    """How far apart draws are at least, s, for a plotter that asks for so many frames a second (None: does not).

    >>> _interval(None), _interval(250)
    (0.016, 0.004)
    """
    if fps is None:
        return SCREEN
    if not isinstance(fps, int | float) or not 0.0 < fps <= FASTEST:
        raise AsyncplotError(f"the plotter's fps is {fps!r}; it is a number above 0 and at most {FASTEST:g}")
    return 1.0 / fps
