"""C10: a script runs to its end. Every public name of `Server` is used in every state of a server.

Only these raise: `check`, the value of a lost frame, and with ``strict=True`` everything that is reached
through `plotter`.
"""

from __future__ import annotations

import json
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.join import close_viewers, runs
from conditions import wait_until

pytestmark = pytest.mark.contract


class Plotter:
    """A plotter with everything that a script may ask for."""

    def __init__(self) -> None:
        self.values = [1.0, 2.0]
        self.count = 3

    def update(self, values: Any) -> int:
        self.values = list(values)
        return len(self.values)

    def named(self, name: str) -> str:
        return name


def use_plotter(plotter: Any) -> None:
    """What scripts do with the live plotter."""
    plotter.note = "done"
    del plotter.note
    plotter.values[0] = 5.0
    assert isinstance(len(plotter.values), int)
    assert isinstance(f"{plotter.count} {plotter!r}", str)
    for value in plotter.values:
        float(value)
    np.asarray(plotter.values)
    (2.0 * plotter.count + 1).real  # noqa: B018
    bool(plotter.count > 2)
    range(plotter.count)
    plotter.named("loss")
    5.0 in plotter.values  # noqa: B015
    hash(plotter)
    dir(plotter)


#: Public name -> what a script may do with it.
USES: dict[str, Callable[[asyncplot.Server], Any]] = {
    "update": lambda plot: plot.update([1, 2, 3]).state,
    "lane": lambda plot: plot.lane("named")("loss").ready,
    "flush": lambda plot: plot.flush(5),
    "ready": lambda plot: plot.ready(5),
    "wait": lambda plot: plot.wait(),
    "name": lambda plot: plot.name + "",
    "directory": lambda plot: plot.directory / "viewer-1",
    "is_alive": lambda plot: plot.is_alive,
    "viewers": lambda plot: plot.viewers[0].phase,
    "url": lambda plot: plot.url,
    "stats": lambda plot: plot.stats.called + plot.stats.drawn,
    "received": lambda plot: plot.received.get("place"),
    "plotter": lambda plot: use_plotter(plot.plotter),
    "check": lambda plot: plot.check(),
    "close": lambda plot: plot.close(),
}


def closed_by_its_user(plot: asyncplot.Server) -> None:
    """Close the window as a click on it does."""
    assert plot.ready(20)
    (run,) = runs()
    close_viewers(run)
    wait_until(lambda: not plot.is_alive)


def crashed(plot: asyncplot.Server) -> None:
    """Kill the viewer."""
    assert plot.ready(20)
    os.kill(plot.viewers[0].pid, signal.SIGKILL)
    wait_until(lambda: not plot.is_alive)


#: State -> options of `Server`, environment variables, and what happens to the server.
STATES: dict[str, tuple[dict[str, Any], dict[str, str], Callable[[asyncplot.Server], Any]]] = {
    "on": ({}, {}, lambda plot: plot.ready(20)),
    "off": ({}, {"ASYNCPLOT": "off"}, lambda plot: None),
    "not enabled": ({"enabled": False}, {}, lambda plot: None),
    "rank 1": ({}, {"OMPI_COMM_WORLD_RANK": "1"}, lambda plot: None),
    "closed by its user": ({}, {}, closed_by_its_user),
    "crashed": ({}, {}, crashed),
    "could not start": ({"cmd": ["false"]}, {}, lambda plot: wait_until(lambda: not plot.is_alive)),
    "no place": ({}, {"ASYNCPLOT_RUNTIME_DIR": "/proc/no/such/place"}, lambda plot: None),
    "closed": ({}, {}, lambda plot: plot.close()),
    "inline": ({"inline": True, "backend": None}, {}, lambda plot: None),
}

#: States in which `check` raises, because something went wrong.
WRONG = {"crashed", "could not start", "no place"}

each_state = pytest.mark.parametrize("state", STATES)


@contextmanager
def server(state: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Iterator[asyncplot.Server]:
    """A server in this state."""
    given, environment, happens = STATES[state]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    plot = asyncplot.Server(Plotter, **{"backend": "offscreen", **given, **options})
    try:
        happens(plot)
        yield plot
    finally:
        plot.close()


def test_each_public_name_is_in_the_table() -> None:
    """For a new public name of `Server`, the table tells what a script does with it."""
    public = {name for name in dir(asyncplot.Server) if not name.startswith("_")}
    assert public | {"received"} == set(USES)


def outcomes(plot: asyncplot.Server) -> dict[str, str]:
    """The type that each use raises, or "". Each is tried twice, because the first may change the state."""
    said = {}
    for name, use in [*USES.items(), *USES.items()]:
        try:
            use(plot)
            said.setdefault(name, "")
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the answer)
            said[name] = type(error).__name__
            traceback.print_exc()
    return said


@each_state
def test_nothing_raises_that_does_not_raise_with_a_live_viewer(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each name works in each state. Only `check` raises what went wrong."""
    with server(state, monkeypatch) as plot:
        expected = dict.fromkeys(USES, "")
        if state in WRONG:
            expected["check"] = "ViewerGone"
        assert outcomes(plot) == expected


@pytest.mark.parametrize("state", sorted(set(STATES) - {"inline"}))  # an inline plotter has only one process
def test_a_forked_child_runs_to_its_end(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a forked child each name works and does nothing, in every state."""
    with server(state, monkeypatch) as plot:
        proxy = plot.plotter
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                said: dict[str, str] = outcomes(plot)
                use_plotter(proxy)
            except BaseException as error:  # noqa: BLE001 (nothing may leave the child)
                said = {"failed": repr(error)}
            os.write(write, json.dumps(said).encode())
            os._exit(0)
        os.close(write)
        os.waitpid(child, 0)
        with os.fdopen(read) as answer:
            said = json.loads(answer.read())
        assert {name: error for name, error in said.items() if error and name != "check"} == {}


@each_state
def test_a_frame_that_nobody_draws_says_so(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off, its value is None at once. With a closed or crashed viewer, it raises ViewerGone at once."""
    with server(state, monkeypatch) as plot:
        pending = plot.update([1, 2])
        if state in {"on", "inline"}:
            assert pending.value == 2
        elif state in {"off", "not enabled", "rank 1"}:
            pending.wait(0)
            assert (pending.state, pending.value, pending.error, pending.ready) == ("off", None, False, True)
        else:
            with pytest.raises(asyncplot.ViewerGone):
                pending.wait(5)
            with pytest.raises(asyncplot.ViewerGone):
                pending.value  # noqa: B018


@each_state
def test_strict_raises(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``strict=True``, a missing live plotter is an error."""
    with server(state, monkeypatch, strict=True) as plot:
        if state in {"on", "inline"}:
            assert plot.plotter.count == 3
        else:
            with pytest.raises(asyncplot.ViewerGone, match="no live plotter"):
                plot.plotter  # noqa: B018


@pytest.mark.parametrize("strict", [False, True])
def test_a_proxy_outlives_its_viewer(strict: bool, caplog: pytest.LogCaptureFixture) -> None:
    """A proxy of the live plotter does nothing after the viewer has gone, and the log tells it once."""
    with asyncplot.Server(Plotter, backend="offscreen", strict=strict) as plot:
        plotter, values = plot.plotter, plot.plotter.values
        assert len(values) == 2
        crashed(plot)
        if strict:
            with pytest.raises(asyncplot.ViewerGone):
                len(values)
        else:
            use_plotter(plotter)
            assert list(values) == []
            assert len(values) == 0
            assert "stand-in" in repr(values)
            assert not plotter.values
            told = [record for record in caplog.records if "live plotter do nothing" in record.message]
            assert len(told) == 1


def test_attach_raises_where_there_is_no_live_plotter(tmp_path: Path) -> None:
    """`attach` gives no stand-in: its caller asked for a live plotter."""
    with asyncplot.Server(Plotter, backend="offscreen", name="joined") as plot:
        assert plot.ready(20)
        with asyncplot.attach("joined") as run:
            assert run.plotter.count == 3
            plot.close()
            with pytest.raises(asyncplot.ViewerGone):
                run.plotter.count  # noqa: B018
