"""V6: the live plotter can be inspected and steered from the computation."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import asyncplot
from asyncplot import RemoteError, ViewerGone, WaitTimeout
from asyncplot.rpc import ClientConnection, Pump, connect
from conditions import wait_until
from viewer_plotters import Live

pytestmark = pytest.mark.contract


@pytest.fixture
def plot() -> Iterator[asyncplot.Server]:
    """A server whose viewer is up, and which raises where it does not answer."""
    with asyncplot.Server(Live, backend="offscreen", strict=True) as server:
        assert server.ready(20)
        yield server


@pytest.fixture
def hurried(plot: asyncplot.Server) -> Iterator[ClientConnection]:
    """A connection of its own to the viewer, with a short time-out."""
    pump = Pump("test")
    connection = connect(plot.directory / "viewer-1", pump, 0.3)
    yield connection
    connection.close()
    pump.close()


def test_attributes_items_and_calls(plot: asyncplot.Server) -> None:
    """Reading, writing and deleting attributes and items, and calls with keywords, work as on the object."""
    plotter = plot.plotter
    assert (plotter.number, plotter.name) == (1, "live")
    plotter.number += 5
    assert plotter.number == 6
    plotter.fresh = "new"
    assert plotter.fresh == "new"
    del plotter.fresh
    assert not hasattr(plotter, "fresh")
    assert plotter.table["a"] == 1
    plotter.table["c"] = 3
    assert sorted(plotter.table) == ["a", "b", "c"]
    assert len(plotter.table["b"]) == 3
    assert plotter.table["b"][-1] == 30
    assert 20 in plotter.table["b"]
    assert plotter.double(4, offset=0.5) == 8.5
    assert "grid" in dir(plotter)
    assert "Live" in repr(plotter)


def test_hasattr_and_getattr_with_a_default(plot: asyncplot.Server) -> None:
    """What is not there is an AttributeError, as everywhere."""
    plotter = plot.plotter
    assert hasattr(plotter, "grid")
    assert not hasattr(plotter, "no_such_thing")
    assert getattr(plotter, "no_such_thing", 5) == 5
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = plotter.no_such_thing


@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "u1", "c16", "?", "U3", "M8[s]", ">i4"])
def test_arrays_come_over(plot: asyncplot.Server, kind: str) -> None:
    """`numpy.asarray` fetches an array of any plain type, equal and writable."""
    plotter = plot.plotter
    sent = np.arange(6).astype("i8" if kind == "M8[s]" else "u1").astype(kind).reshape(2, 3)
    plotter.grid = sent
    fetched = np.asarray(plotter.grid)
    assert type(fetched) is np.ndarray
    assert fetched.dtype == sent.dtype
    np.testing.assert_array_equal(fetched, sent)
    fetched[:] = fetched[0, 0]


def test_views_and_scalars_come_over(plot: asyncplot.Server) -> None:
    """Views, 0-d and empty arrays, numpy scalars and another dtype arrive as asked."""
    plotter = plot.plotter
    np.testing.assert_array_equal(np.asarray(plotter.grid.T[::2]), np.arange(12.0).reshape(3, 4).T[::2])
    assert np.asarray(plotter.grid, dtype=int).dtype == int
    assert np.asarray(plotter.grid[:0]).shape == (0, 4)
    assert plotter.grid[1, 2] == 6.0
    assert type(plotter.grid.sum()) is float
    assert np.array(plotter.grid, copy=True).sum() == 66.0
    assert float(np.mean(np.asarray(plotter.grid))) == 5.5


def test_arrays_and_containers_are_passed_by_value(plot: asyncplot.Server) -> None:
    """Arrays, lists, dicts and functions arrive as such, so that plotting code can use them."""
    plotter = plot.plotter
    arrived = plotter.take(np.arange(3), [1, [2]], {"a": np.ones(2)}, (1, [2]), {1}, np.float64(2), len)
    assert arrived == (
        "numpy.ndarray, builtins.list, builtins.dict, builtins.tuple, builtins.set, numpy.float64, "
        "builtins.builtin_function_or_method"
    )
    assert plotter.total(np.ones((1000, 1000))) == 1e6
    factor = 3.0
    plotter.callback = lambda value: value * factor
    assert plotter.callback(2.0) == 6.0


def test_its_own_proxies_go_back_as_objects(plot: asyncplot.Server) -> None:
    """A proxy passed to the viewer arrives as the object it stands for."""
    plotter = plot.plotter
    assert plotter.total(plotter.grid) == 66.0
    assert plotter.take(plotter) == "viewer_plotters.Live"
    plotter.table["self"] = plotter
    assert plotter.table["self"].number == 1


def test_what_cannot_be_passed_is_named(plot: asyncplot.Server) -> None:
    """An argument that does not pickle raises here, and the connection goes on."""
    plotter = plot.plotter
    with pytest.raises(RemoteError, match="lock"):
        plotter.take(threading.Lock())
    assert plotter.number == 1


def test_a_remote_exception_shows_the_remote_traceback(plot: asyncplot.Server) -> None:
    """It has the type that it had over there, and its text names the line over there."""
    with pytest.raises(LookupError, match="there is nothing here") as caught:
        plot.plotter.fail()
    assert "viewer_plotters.py" in str(caught.value)
    assert "in fail" in str(caught.value)
    assert plot.plotter.number == 1


def test_it_is_the_plotter_after_the_last_frame(plot: asyncplot.Server) -> None:
    """Frames that were handed over before are drawn before a request."""
    for number in range(1, 6):
        pending = plot.update(number)
        assert plot.plotter.frames >= number
        assert pending.ready


def test_another_method_is_a_lane(plot: asyncplot.Server) -> None:
    """Any method of the plotter can be called as `update` is, and does not supersede it."""
    double = plot.lane("double")
    first, second = plot.update("frame"), double(21)
    assert plot.flush(10)
    assert (first.value, second.value) == ("frame", 42)
    missing = plot.lane("no_such_method")()
    with pytest.raises(asyncplot.PlotterError, match="no_such_method"):
        _ = missing.value
    assert double(1, offset=0.5).value == 2.5


def test_a_stopped_viewer_is_a_time_out(plot: asyncplot.Server, hurried: ClientConnection) -> None:
    """A request to a stopped viewer raises TimeoutError; when it goes on, the next one is answered."""
    plotter = hurried.root.plotter
    viewer = psutil.Process(plotter.process())
    viewer.suspend()
    try:
        with pytest.raises(WaitTimeout, match="stopped"):
            _ = plotter.number
        with pytest.raises(TimeoutError):
            plotter.number = 5
    finally:
        viewer.resume()
    # What was asked in vain is carried out all the same, in order.
    assert wait_until(lambda: answer(plotter)) == 5


def answer(plotter: Any) -> int:
    """The plotter's number; 0 if there is no answer in time (a busy machine)."""
    try:
        return int(plotter.number)
    except TimeoutError:
        return 0


def test_a_plotter_that_hangs_is_a_time_out(
    plot: asyncplot.Server, hurried: ClientConnection, tmp_path: Path
) -> None:
    """A request that does not return raises TimeoutError, and frames go on when it has returned."""
    plotter = hurried.root.plotter
    with pytest.raises(TimeoutError):
        plotter.hang(str(tmp_path / "entered"), str(tmp_path / "go"))
    wait_until((tmp_path / "entered").exists)
    pending = plot.update("after")
    (tmp_path / "go").touch()
    assert pending.value == "after"


def test_ctrl_c_in_a_wait_does_no_harm(plot: asyncplot.Server, tmp_path: Path) -> None:
    """A KeyboardInterrupt ends the wait for an answer at once, and later requests get theirs."""
    plotter = plot.plotter
    entered, go = tmp_path / "entered", tmp_path / "go"

    def press() -> None:
        wait_until(entered.exists)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    for _ in range(3):
        presses = threading.Thread(target=press)
        presses.start()
        with pytest.raises(KeyboardInterrupt):
            plotter.hang(str(entered), str(go))
        presses.join()
        go.touch()
        assert plotter.double(4) == 8
        entered.unlink()
        go.unlink()


def test_ctrl_c_at_any_instant_does_no_harm(plot: asyncplot.Server) -> None:
    """Interrupts that hit requests at random instants leave a connection whose answers are right."""
    double = plot.plotter.double  # kept: Python itself swallows interrupts while an object is finalised
    ended = threading.Event()

    def press() -> None:
        while not ended.wait(0.003):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    presses = threading.Thread(target=press)
    interrupts, number = 0, 0
    deadline = time.monotonic() + 20
    try:
        presses.start()
        while interrupts < 100:
            assert time.monotonic() < deadline, interrupts
            try:
                number += 1
                assert double(number) == 2 * number
            except KeyboardInterrupt:
                interrupts += 1
    finally:
        for _ in range(3):
            try:
                ended.set()
                presses.join()
                break
            except KeyboardInterrupt:
                pass
    assert double(5) == 10
    assert plot.update("well").value == "well"


def test_a_fork_while_a_connection_is_open(plot: asyncplot.Server) -> None:
    """A forked child can use no proxy, and its end does not touch the parent's connection."""
    plotter = plot.plotter
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _ = plotter.number
        except asyncplot.AsyncplotError:
            code = 0
        finally:
            del plotter
            gc.collect()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert plotter.number == 1
    assert plot.plotter.double(2) == 4


def test_the_end_of_the_viewer_wakes_who_waits(plot: asyncplot.Server) -> None:
    """A viewer that ends in the middle of a request: ViewerGone long before the time-out."""
    plotter = plot.plotter
    before = time.monotonic()
    with pytest.raises(ViewerGone):
        plotter.end()
    assert time.monotonic() - before < 3
    with pytest.raises(ViewerGone):
        _ = plotter.number
    wait_until(lambda: not plot.is_alive)  # until the supervisor has said how it ended
    with pytest.raises(ViewerGone, match="exited with code 7"):
        _ = plot.plotter


def test_a_killed_viewer_wakes_who_waits(plot: asyncplot.Server, tmp_path: Path) -> None:
    """The same for SIGKILL, from another thread."""
    plotter = plot.plotter
    entered = tmp_path / "entered"
    ends: list[BaseException] = []

    def ask() -> None:
        try:
            plotter.hang(str(entered), str(tmp_path / "go"))
        except ViewerGone as error:
            ends.append(error)

    asks = threading.Thread(target=ask)
    asks.start()
    wait_until(entered.exists)
    os.kill(plot.viewers[0].pid, signal.SIGKILL)
    asks.join(3)
    assert ends


def test_thousands_of_proxies_may_go_at_once(plot: asyncplot.Server) -> None:
    """2,000 proxies that are deleted at once block nothing, though nobody reads answers meanwhile."""
    plotter = plot.plotter
    proxies = [plotter.sent_off[number] for number in range(2000)]
    assert proxies[-1].number == 1999
    viewer = psutil.Process(plot.viewers[0].pid)
    viewer.suspend()
    try:
        before = time.monotonic()
        proxies.clear()
        gc.collect()
        assert time.monotonic() - before < 3
    finally:
        viewer.resume()
    assert plotter.double(1) == 2
    assert plot.update("well").value == "well"


def test_many_threads_may_ask(plot: asyncplot.Server) -> None:
    """Threads that ask at once each get their own answers."""
    plotter = plot.plotter

    def ask(start: int) -> list[int]:
        return [plotter.double(number) for number in range(start, start + 50)]

    with ThreadPoolExecutor(8) as threads:
        for start, answers in zip(range(8), threads.map(ask, range(8)), strict=True):
            assert answers == [2 * number for number in range(start, start + 50)]


def test_requests_are_answered_while_frames_come(plot: asyncplot.Server) -> None:
    """A flood of frames from another thread does not keep a request waiting."""
    ended = threading.Event()

    def flood() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            plot.update(number)

    floods = threading.Thread(target=flood)
    floods.start()
    try:
        for number in range(20):
            assert plot.plotter.double(number) == 2 * number
    finally:
        ended.set()
        floods.join()


def test_a_request_is_answered_after_a_frame_that_runs_the_gui(
    plot: asyncplot.Server, hurried: ClientConnection, tmp_path: Path
) -> None:
    """One that came while the plotter ran the GUI's loop itself is carried out after the frame."""
    plotter = hurried.root.plotter
    hurried.timeout = 5.0
    pending = plot.lane("run_the_gui")(str(tmp_path / "entered"), 0.5)
    wait_until((tmp_path / "entered").exists)
    assert plotter.double(4) == 8
    assert pending.value == "ran"


@pytest.mark.parametrize("what", ["leave", "interrupt"])
@pytest.mark.parametrize("backend", ["qt", "tk", "offscreen"])
def test_a_request_that_exits_ends_nothing(display: str, backend: str, what: str) -> None:
    """`sys.exit` and its like in a request are an error of the request, on either side."""
    with asyncplot.Server(Live, backend=backend) as plot:
        with pytest.raises(RemoteError, match=r"SystemExit|KeyboardInterrupt"):
            getattr(plot.plotter, what)()
        assert plot.plotter.double(4) == 8
        assert plot.update("well").value == "well"


def test_proxies_within_containers_go_back_as_objects(plot: asyncplot.Server) -> None:
    """As in ``ax.legend(handles=[line])``: a list of proxies arrives as a list of their objects."""
    plotter = plot.plotter
    assert plotter.first_is_grid([plotter.grid])
    assert plotter.first_is_grid((plotter.grid,))
    assert plotter.first_is_grid({0: plotter.grid})


def test_numpy_computes_with_remote_arrays(plot: asyncplot.Server) -> None:
    """A remote array can be an operand here: numpy makes an array of it first."""
    grid = plot.plotter.grid
    here = np.arange(12.0).reshape(3, 4)
    for computed, expected in [
        (np.sin(grid), np.sin(here)),
        (here + grid, here + here),
        (np.stack([grid, here]), np.stack([here, here])),
        (np.mean(grid, axis=0), here.mean(axis=0)),
        (grid * 2.0, here * 2.0),
    ]:
        np.testing.assert_array_equal(np.asarray(computed), expected)


def test_remote_arrays_are_changed_in_place(plot: asyncplot.Server) -> None:
    """Assignments to items, and augmented ones, change the array over there."""
    plotter = plot.plotter
    plotter.grid[0, :] = [5.0, 6.0, 7.0, 8.0]
    plotter.grid += 1.0
    assert np.asarray(plotter.grid)[0].tolist() == [6.0, 7.0, 8.0, 9.0]


def test_a_proxy_cannot_be_pickled_or_copied(plot: asyncplot.Server) -> None:
    """That would unpickle here what the viewer sends."""
    table = plot.plotter.table
    for how in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(RemoteError, match="pickle"):
            how(table)
    assert plot.plotter.number == 1


def test_a_proxy_as_an_argument_of_update_is_refused(plot: asyncplot.Server) -> None:
    """`update` takes data and no proxies: the first call says so."""
    plotter = plot.plotter
    with pytest.raises(asyncplot.FrameError):
        plot.update(plotter.grid)


def test_without_a_viewer_there_is_no_plotter() -> None:
    """A closed, or switched-off, server says why there is none."""
    off = asyncplot.Server(Live, enabled=False, strict=True)
    with pytest.raises(ViewerGone, match="switched off"):
        _ = off.plotter
    plot = asyncplot.Server(Live, backend="offscreen", strict=True)
    plotter = plot.plotter
    plot.close()
    with pytest.raises(ViewerGone, match="closed"):
        _ = plot.plotter
    with pytest.raises(ViewerGone):
        _ = plotter.number
