"""A server that nobody holds any more ends with its last reference. Whatever refers to a part of it keeps it."""

from __future__ import annotations

import copy
import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import asyncplot
from asyncplot.compute import opened
from asyncplot.compute.pacing import DEBT
from conditions import wait_until
from contract_plotters import Blocking, Echo, Keep
from run_processes import run_computation, viewer_pids

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True)
def without_the_collector() -> Iterator[None]:
    """Without the garbage collector, only the last reference ends a server. Afterwards, what is left is closed."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    opened._close_all()
    assert not opened.everyone()


def started(plotter: Any = Echo, **options: Any) -> asyncplot.Server:
    """A server whose viewer is ready."""
    plot = asyncplot.Server(plotter, **{"backend": "offscreen", **options})
    assert plot.ready(20)
    return plot


def ends(directory: Path, within: float = 10.0) -> None:
    """Its viewer and supervisor end and its directory is removed, while this process goes on."""
    wait_until(lambda: not directory.exists(), within, what="the end of the run")
    assert not viewer_pids(directory)


def test_it_ends_with_its_last_reference(tmp_path: Path) -> None:
    """When a function that made a server returns, the last frame is shown, and the viewer ends by itself."""

    def compute() -> Path:
        plot = started(Keep)
        for number in range(100):
            plot.update(str(tmp_path / "shown"), number)
        assert plot.directory is not None
        return plot.directory

    directory = compute()
    ends(directory)
    assert b"K\x63" in (tmp_path / "shown").read_bytes()  # 99, by pickle's opcode for a small number
    before = len(opened.everyone())
    with asyncplot.Server(Echo, viewer=None, name="next") as plot:
        assert opened.everyone() == [plot._session]  # the next server has closed what was left of the first
    assert before == 1


def test_a_viewer_that_is_just_starting_shows_the_last_frame_first(tmp_path: Path) -> None:
    """If the function returns at once, the window still opens with its last frame, and the picture is saved."""
    picture = tmp_path / "last.png"

    class Axes:
        def update(self, value: int) -> None:
            from matplotlib import pyplot

            pyplot.figure(1, clear=True).add_subplot().plot([0, value])
            (tmp_path / "value").write_text(str(value))

    def compute() -> Path:
        plot = asyncplot.Server(Axes, backend="offscreen", save=picture)
        for number in range(1000):
            plot.update(number)
        assert plot.directory is not None
        return plot.directory

    ends(compute())
    assert (tmp_path / "value").read_text() == "999"
    assert picture.exists()


#: The parts of a server that somebody may hold, and how each is used when the server itself is gone.
HOLDERS: dict[str, tuple[Callable[[asyncplot.Server], Any], Callable[[Any], Any]]] = {
    "the server": (lambda plot: plot, lambda plot: plot.update(1)),
    "update": (lambda plot: plot.update, lambda update: update(1)),
    "a lane": (lambda plot: plot.lane("second"), lambda second: second(1)),
    "a pending result": (lambda plot: plot.update(1), lambda pending: pending.state),
    "received": (lambda plot: plot.received, lambda received: received.get("nothing")),
    "a method": (lambda plot: plot.lane, lambda lane: lane("third")(1)),
    "a thread": (lambda plot: threading.Thread(target=plot.update), lambda thread: thread.name),
    "a closure": (lambda plot: lambda: plot.update(1), lambda function: function()),
    "a copy": (copy.deepcopy, lambda plot: plot.update(1)),
    "a copied lane": (lambda plot: copy.deepcopy(plot.update), lambda update: update(1)),
    "a cycle": (lambda plot: _cycle([plot]), lambda cycle: cycle[0].update(1)),
}


def _cycle(held: list[Any]) -> list[Any]:
    held.append(held)
    return held


@pytest.mark.parametrize("what", HOLDERS)
def test_whatever_is_held_keeps_it(what: str) -> None:
    """A lane, a pending result, ``received``, a method, a thread: each alone keeps the run alive."""
    hold, use = HOLDERS[what]
    plot = asyncplot.Server(Echo, viewer=None)
    held = hold(plot)
    directory = plot.directory
    assert directory is not None
    del plot
    wait_until(lambda: not helpers(), what="the end of the helper, which holds it, too, after a call")
    for _ in range(2):
        use(held)
        wait_until(lambda: not helpers())
        assert not opened._unheld
        opened.settle()
        assert directory.exists()
    del held
    if what == "a cycle":
        gc.collect()
    wait_until(lambda: opened._unheld, what="the last reference")
    opened.settle()
    wait_until(lambda: not directory.exists())


def helpers() -> list[threading.Thread]:
    """Our threads."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("asyncplot")]


def test_in_one_expression() -> None:
    """A server without a name lives as long as the expression that uses it."""
    assert asyncplot.Server(Echo, backend="offscreen").update(7).value == 7
    asyncplot.Server(Echo, backend="offscreen").wait()


@pytest.mark.timeout(120)  # the longest debt of the budget, and a start
def test_a_waiting_frame_is_delivered(tmp_path: Path) -> None:
    """If a frame waits when the last reference goes, it is shown. The run ends after that."""
    plot = started(Keep, max_overhead=1e-3)
    directory, path = plot.directory, str(tmp_path / "shown")
    assert directory is not None
    for number in range(200):
        pending = plot.update(path, number)
    assert pending.state in {"waiting", "taken", "drawn"}
    del plot, pending
    ends(directory, DEBT + 10.0)  # a take that a busy machine makes 10 ms long uses up 10 s of budget
    assert b"K\xc7" in (tmp_path / "shown").read_bytes()  # 199


def test_a_persistent_one_stays_until_the_end() -> None:
    """A persistent server that nobody holds goes on until the process ends, or the user closes the window."""
    plot = started(persist=True)
    directory = plot.directory
    assert directory is not None
    del plot
    assert opened.everyone()
    with asyncplot.Server(Echo, viewer=None, name="next"):
        assert len(opened.everyone()) == 2
    (pid,) = viewer_pids(directory)
    opened._close_all()
    assert viewer_pids(directory) == [pid]
    os.kill(pid, signal.SIGKILL)
    ends(directory)


def test_a_hung_viewer_keeps_nobody_waiting(tmp_path: Path) -> None:
    """If the viewer does not draw, neither the last reference nor the next server waits. The end closes it."""
    plot = started(Blocking)
    directory = plot.directory
    assert directory is not None
    plot.update(tmp_path)
    wait_until((tmp_path / "entered").exists)
    start = time.monotonic()
    del plot
    with asyncplot.Server(Echo, viewer=None, name="next"):
        assert time.monotonic() - start < 5  # not 20 s, as for a viewer that is starting
        assert viewer_pids(directory)
    opened._close_all()
    assert not viewer_pids(directory)


@pytest.mark.parametrize("where", ["a signal handler", "another thread", "the collector", "an exception"])
def test_wherever_the_last_reference_goes(where: str, caplog: pytest.LogCaptureFixture) -> None:
    """In a signal handler, in another thread, by the collector, or with a traceback: it ends, and raises nothing."""
    holder: list[Any] = [asyncplot.Server(Echo, viewer=None)]
    directory = holder[0].directory

    def drop(*_: object) -> None:
        holder.clear()

    if where == "a signal handler":
        before = signal.signal(signal.SIGUSR1, drop)
        with holder[0]._session._lanes.lock:
            os.kill(os.getpid(), signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, before)
    elif where == "another thread":
        thread = threading.Thread(target=drop)
        thread.start()
        thread.join()
    elif where == "the collector":
        holder = _cycle(holder)
        del holder
        gc.collect()
    else:
        with pytest.raises(ZeroDivisionError):
            _fails(holder.pop())
    with caplog.at_level(logging.WARNING):
        assert len(opened._unheld) == 1
        opened.settle()
        wait_until(lambda: not directory.exists())
    assert not caplog.records


def _fails(plot: asyncplot.Server) -> None:
    plot.update(1 // 0)


#: A forked child drops its copy of the server. The parent goes on with its own.
FORKS = """
import gc, os, sys
import asyncplot
from contract_plotters import Echo
plot = asyncplot.Server(Echo, backend="offscreen")
assert plot.update(1).value == 1
pid = os.fork()
if not pid:
    del plot
    gc.collect()
    sys.exit(0)
os.waitpid(pid, 0)
assert plot.update(2).value == 2
def unheld():
    other = asyncplot.Server(Echo, backend="offscreen", name="other")
    other.update(3)
unheld()
pid = os.fork()
if not pid:
    asyncplot.Server(Echo, viewer=None, name="third").close()
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
assert plot.update(4).value == 4
"""


def test_in_a_forked_child(tmp_path: Path, runtime_dir: Path) -> None:
    """A child drops its copy of a server, or has one that nobody holds: nothing of the parent's ends."""
    ran = run_computation(tmp_path, FORKS)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not list(runtime_dir.iterdir())


def test_a_later_run_of_the_same_name_is_left_alone() -> None:
    """When the rest of a run is closed, a newer run of the same name keeps its directory and its record."""
    plot = started(name="again")
    directory = plot.directory
    assert directory is not None
    del plot
    ends(directory)
    with started(name="again") as plot:
        assert plot.directory == directory
        opened.settle()
        assert plot.update(1).value == 1
        assert [run.name for run in asyncplot.runs()] == ["again"]
