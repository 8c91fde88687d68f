"""A server, and what it hands out, can be copied, pickled, sent to a worker, or put into a checkpoint."""

from __future__ import annotations

import copy
import dataclasses
import functools
import io
import logging
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

import asyncplot
from asyncplot.compute import copying
from contract_plotters import Echo
from run_processes import run_computation
from test_c10_runs_to_its_end import outcomes

pytestmark = pytest.mark.contract

#: The states of a server, by its options.
STATES: dict[str, dict[str, Any]] = {
    "on": {"backend": "offscreen"},
    "copy always": {"backend": "offscreen", "copy": "always"},
    "no viewer": {"viewer": None},
    "off": {"enabled": False},
    "inline": {"inline": True},
    "closed": {"backend": "offscreen"},
}

PICKLES: list[Callable[[Any], bytes]] = [
    *(functools.partial(pickle.dumps, protocol=number) for number in range(2, 6)),
    *(functools.partial(cloudpickle.dumps, protocol=number) for number in range(2, 6)),
]


class Derived(asyncplot.Server):
    """A server with an attribute of the user's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.epoch = 7


@dataclasses.dataclass
class Trainer:
    """A user's object that holds a server and its lanes."""

    plot: asyncplot.Server
    update: Any
    weights: list[float]


@pytest.fixture(params=STATES)
def plot(request: pytest.FixtureRequest) -> Iterator[Derived]:
    """A server in each of the states."""
    with Derived(Echo, name="trained", **STATES[request.param]) as server:
        if request.param == "closed":
            server.close()
        yield server


def handed_out(plot: asyncplot.Server) -> dict[str, Any]:
    """What a server hands out, and its own methods, by name."""
    lane = plot.lane("second")
    return {
        "plot": plot,
        "update": plot.update,
        "lane": lane,
        "received": plot.received,
        "pending": plot.update(1),
        "flush": plot.flush,
    }


def test_a_copy_is_the_same(plot: Derived) -> None:
    """`copy` and `deepcopy` of a server, and of all that it hands out, give the same object; in a holder, too."""
    for name, thing in handed_out(plot).items():
        assert copy.copy(thing) == thing, name
        assert copy.deepcopy(thing) == thing, name
    assert copy.copy(plot) is copy.deepcopy(plot) is plot
    trainer = copy.deepcopy(Trainer(plot, plot.update, [1.0]))
    assert trainer.plot is plot
    assert trainer.update == plot.update
    assert dataclasses.asdict(trainer)["plot"] is plot
    called = plot.stats.called
    copy.deepcopy(functools.partial(plot.update, 2))()
    assert plot.stats.called == called + (plot.is_alive or bool(called))


def test_what_comes_out_of_a_pickle_is_off(plot: Derived) -> None:
    """With each protocol, in this process, too: it shows nothing, raises nothing, and can be pickled again."""
    things, holder = handed_out(plot), Trainer(plot, plot.update, [1.0])
    called = plot.stats.called
    for dumps in PICKLES:
        for name, thing in things.items():
            there = pickle.loads(dumps(thing))
            if name in {"update", "lane"}:
                for call in (there, pickle.loads(dumps(functools.partial(thing, 1))), copy.deepcopy(there)):
                    assert call(3).ready
        trainer = pickle.loads(dumps(pickle.loads(dumps(holder))))
        assert trainer.weights == [1.0]
        assert trainer.update(1).ready
        check_off(trainer.plot, plot.name)
        pickle.loads(dumps(plot.stats))
    assert plot.stats.called == called, "what came out of a pickle reached the viewer"


def check_off(plot: Derived, name: str) -> None:
    """An unpickled server keeps the attributes of its class, accepts every call, and shows nothing."""
    assert type(plot) is Derived
    assert (plot.epoch, plot.name, plot.is_alive, plot.flush()) == (7, name, False, False)
    assert plot.update(1).ready
    assert plot.lane("second")(1).ready
    plot.wait()
    plot.check()
    plot.close()


def test_every_public_name_of_what_came_out_of_a_pickle(plot: Derived) -> None:
    """A script that uses an unpickled server runs to its end: no public name raises."""
    assert set(outcomes(pickle.loads(pickle.dumps(plot))).values()) == {""}


def test_a_pickled_pending_result_is_final() -> None:
    """It keeps its state and its value or error. One that was under way is lost."""
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        drawn, waiting = plot.update({"a": 1}), plot.lane("second")
        assert plot.flush(20)
        there = pickle.loads(pickle.dumps(drawn))
        assert (there.state, there.value) == ("drawn", {"a": 1})
        under_way = [pickle.loads(pickle.dumps(waiting(number))) for number in range(20)]
        assert all(each.ready for each in under_way)
        lost = next(each for each in under_way if each.state == "lost")
        with pytest.raises(asyncplot.ViewerGone, match="when it was pickled"):
            lost.wait()


def test_received_is_pickled_with_its_values() -> None:
    """The values that plotters have sent back can be read after unpickling."""
    with asyncplot.Server(Echo, inline=True) as plot:
        asyncplot.send("trap", [1, 2])
        for there in (pickle.loads(pickle.dumps(plot.received)), pickle.loads(pickle.dumps(plot)).received):
            assert dict(there) == {"trap": [1, 2]}
            assert there.get("trap") == there["trap"]
            assert len(there) == 1
        asyncplot.send("trap", 3)
        assert plot.received["trap"] == 3
        assert there["trap"] == [1, 2]


def test_one_warning_says_what_to_do(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process logs it once, however often it unpickles; and not at all if plotting is switched off."""
    with asyncplot.Server(Echo, viewer=None) as plot:
        pickled = [pickle.dumps(each) for each in (plot, plot.update, plot.lane("second"), plot)]
        off = pickle.dumps(asyncplot.Server(Echo, enabled=False))
    with caplog.at_level(logging.WARNING, "asyncplot"):
        for environment, count in (("off", 0), ("", 1)):
            copying._warn.cache_clear()
            caplog.clear()
            monkeypatch.setenv("ASYNCPLOT", environment)
            for data in (*pickled, off):
                pickle.loads(data)
            messages = [record.message for record in caplog.records]
            assert len(messages) == count
            assert all(
                f"from process {os.getpid()}" in each and "make a new Server" in each for each in messages
            )


#: Sends a holder and a lane to workers of `concurrent.futures`, and of joblib, which uses cloudpickle.
WORKERS = """
import multiprocessing, os
from concurrent.futures import ProcessPoolExecutor
import asyncplot, joblib
from contract_plotters import Echo

class Trainer:
    def __init__(self, plot):
        self.plot, self.update = plot, plot.update

    def train(self, number):
        return os.getpid(), self.plot.is_alive, self.plot.update(number), self.update(number)

if __name__ == "__main__":
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        trainer = Trainer(plot)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            results = list(pool.map(trainer.train, range(2)))
        results += joblib.Parallel(2)(joblib.delayed(trainer.train)(number) for number in range(2))
        for pid, alive, *pending in results:
            assert pid != os.getpid() and not alive and all(each.ready for each in pending)
        assert plot.stats.called == 0
        assert plot.update(3).value == 3
    print("done")
"""


def test_in_worker_processes(tmp_path: Path) -> None:
    """Workers get a holder and a lane, go on without a plot, log that once each, and send their results back."""
    ran = run_computation(tmp_path, WORKERS)
    assert ran.stdout == "done\n", ran.stderr
    assert 2 <= ran.stderr.count("came by pickle from process") <= 3


def test_a_checkpoint_of_a_pickler_with_persistent_ids(plot: Derived) -> None:
    """As torch.save does it: protocol 2, and a pickler that stores some objects elsewhere."""

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return "weights" if type(obj) is list else None

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, pid: Any) -> Any:
            return [5.0]

    file = io.BytesIO()
    Pickler(file, 2).dump(Trainer(plot, plot.update, [1.0]))
    file.seek(0)
    assert Unpickler(file).load().weights == [5.0]


@pytest.mark.parametrize("state", ["no viewer", "off", "inline"])
def test_none_of_it_is_sent_to_the_viewer(state: str) -> None:
    """A plotter or an argument of update that holds any of it is refused. The error names the argument."""
    with (
        asyncplot.Server(Echo, name="trained", **STATES[state]) as plot,
        asyncplot.Server(Echo, viewer=None, name="other") as other,
    ):
        for number, (name, thing) in enumerate(handed_out(plot).items()):
            for held in (thing, {"deep": [thing]}, functools.partial(print, thing)):
                with pytest.raises(asyncplot.ShippingError, match="or the Server itself"):
                    asyncplot.Server(functools.partial(_Holder, held), viewer=None, name="third")
                lane = other.lane(f"{name}{number}{type(held)}")
                with pytest.raises(
                    asyncplot.FrameError, match=r"argument 1 of update, .* stays with the comp"
                ):
                    lane(1, held)
            with pytest.raises(asyncplot.ShippingError, match="or the Server itself"):
                asyncplot.Server(lambda each=thing: _Holder(each), viewer=None, name="third")
        with pytest.raises(asyncplot.FrameError, match=r"argument 'key' of update"):
            other.update(key=plot)
        other.update([2])


class _Holder(Echo):
    """A plotter that holds something."""

    def __init__(self, held: Any) -> None:
        self.held = held


def test_an_attached_run_is_not_pickled() -> None:
    """Copies of what `attach` returned are the same object. Pickling it raises, and tells what to do instead."""
    with asyncplot.Server(Echo, viewer=None, name="attached"), asyncplot.attach("attached") as run:
        assert copy.deepcopy(run) is copy.copy(run) is run
        for dumps in PICKLES:
            with pytest.raises(asyncplot.ShippingError, match=r"asyncplot\.attach"):
                dumps(run)
