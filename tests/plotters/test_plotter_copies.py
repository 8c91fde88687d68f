"""Ready-made plotters that are copied, pickled, or put into a checkpoint; and what is sent to a viewer."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import matplotlib
import numpy as np
import pytest

from asyncplot.compute.plotter import write_plotter
from asyncplot.plotters import Controls, Grid, Histogram, History, Image, Lines, Scatter

#: How an object is copied: by the module copy, by each protocol of pickle, and by cloudpickle.
COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "cloudpickle": lambda each: pickle.loads(cloudpickle.dumps(each)),
    **{
        f"pickle {number}": lambda each, n=number: pickle.loads(pickle.dumps(each, n))
        for number in (2, 3, 4, 5)
    },
}
each_copy = pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)

#: Each plotter with the arguments of a frame.
PLOTTERS: dict[str, tuple[Callable[[], Any], tuple[Any, ...], dict[str, Any]]] = {
    "Lines": (lambda: Lines("a"), ([1.0, 2.0],), {}),
    "Scatter": (Scatter, ([1.0, 2.0], [3.0, 4.0], [5.0, 6.0]), {}),
    "Histogram": (lambda: Histogram("a"), ([1.0, 2.0],), {}),
    "Image": (Image, (np.eye(3),), {}),
    "Grid": (lambda: Grid(a=Lines("a"), b=Image()), (), {"a": [1.0, 2.0], "b": np.eye(3)}),
    "Controls": (lambda: Controls(trap=(0.0, 2.0, 1.0), readouts=["energy"]), (), {"energy": 1.0}),
}


@pytest.fixture(autouse=True)
def drawn_in_memory() -> Any:
    """Figures of this process have no windows, and are closed."""
    with matplotlib.rc_context():
        matplotlib.use("agg")
        yield
        from matplotlib import pyplot

        pyplot.close("all")


def history(steps: int = 3) -> History:
    """One with some steps."""
    made = History("loss", "error", capacity=100)
    for step in range(steps):
        made.append(step, 10.0 + step, None if step % 2 else 0.5)
    return made


def series(of: Any) -> list[tuple[list[float], list[float]]]:
    """All that a history holds."""
    return [(list(at), list(values)) for at, values in of.curves().values()]


@each_copy
def test_a_history_keeps_its_series(copied: Callable[[Any], Any]) -> None:
    """A copy has the whole series, and each of the two goes on by itself."""
    ours = history()
    theirs = copied(ours)
    assert series(theirs) == series(ours)
    theirs.append(3, 13.0)
    ours.append(3, 23.0)
    assert series(theirs)[0] == ([0, 1, 2, 3], [10, 11, 12, 13])
    assert series(ours)[0] == ([0, 1, 2, 3], [10, 11, 12, 23])


@each_copy
def test_a_history_within_others_keeps_its_series(copied: Callable[[Any], Any]) -> None:
    """So does one in a grid, and one in an object of the user's: that is a checkpoint."""
    ours = history()
    assert series(copied(Grid(a=ours)).plotters["a"]) == series(ours)
    assert series(copied({"history": ours})["history"]) == series(ours)


def test_a_copy_between_value_and_step_is_whole() -> None:
    """A copy that another thread makes in the middle of an `append` has a step for each value."""
    ours = history()
    ours._series[0][1].append(99.0)  # as `append` does first
    theirs = copy.deepcopy(ours)
    theirs.append(3, 13.0)
    assert series(theirs)[0] == ([0, 1, 2, 3], [10, 11, 12, 13])


def test_a_history_is_sent_without_its_series(tmp_path: Path) -> None:
    """The viewer gets the plotter as a description, alone or within others: its data come with the frames."""
    for name, plotter in {
        "alone": history(10),
        "grid": Grid(a=history(10)),
        "held": {"history": history(10)},
    }.items():
        write_plotter(plotter, tmp_path / name)
        package = pickle.loads((tmp_path / name).read_bytes())
        for data in (package["by_value"], package["by_name"]):
            sent = pickle.loads(data)
            sent = sent.plotters["a"] if name == "grid" else sent["history"] if name == "held" else sent
            assert series(sent) == [([], []), ([], [])]


@each_copy
@pytest.mark.parametrize("kind", PLOTTERS)
def test_a_plotter_that_has_drawn_can_be_copied(kind: str, copied: Callable[[Any], Any]) -> None:
    """A copy is the description: the figure stays with the original, and the copy makes one of its own."""
    make, args, kwargs = PLOTTERS[kind]
    ours = make()
    ours.update(*args, **kwargs)
    theirs = copied(ours)
    assert theirs.figure is None
    if kind == "Grid" and copied is copy.copy:
        return  # it shares the plotters, which have their places
    theirs.update(*args, **kwargs)
    ours.update(*args, **kwargs)
    assert theirs.figure is not ours.figure or kind == "Controls"  # whose figure has a name


def test_a_pickler_of_the_users_own(tmp_path: Path) -> None:
    """A checkpoint by a pickler with persistent ids, as torch has it, keeps the series, too."""

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return "big" if isinstance(obj, np.ndarray) else None

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, pid: Any) -> Any:
            return np.zeros(3)

    file = io.BytesIO()
    Pickler(file, 2).dump({"weights": np.zeros(3), "history": history()})
    file.seek(0)
    assert series(Unpickler(file).load()["history"]) == series(history())
