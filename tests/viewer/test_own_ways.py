"""Plotters that were scripts: they choose a backend, and make figures without pyplot. The viewer shows them all the same."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from conditions import wait_until

WAYS = {
    "use": "matplotlib.use('Agg')",
    "use by force": "matplotlib.use('Agg', force=True)",
    "switch_backend": "pyplot.switch_backend('agg')",
    "rcParams": "matplotlib.rcParams['backend'] = 'agg'",
    "update": "matplotlib.rcParams.update(backend='agg')",
    "another toolkit": "matplotlib.use('tkagg')",
    "one that is not installed": "matplotlib.use('wxagg')",
}


class Choosing:
    """Runs some words of a script before it makes its figure."""

    def __init__(self, words: str) -> None:
        import matplotlib
        from matplotlib import pyplot

        exec(words, {"matplotlib": matplotlib, "pyplot": pyplot})
        self.figure = pyplot.figure()

    def update(self, words: str) -> str:
        """Run them again, between frames; says what canvas the figure has."""
        import matplotlib
        from matplotlib import pyplot

        exec(words, {"matplotlib": matplotlib, "pyplot": pyplot})
        return f"{type(self.figure.canvas).__name__} {type(pyplot.figure().canvas).__name__} {matplotlib.get_backend()}"


@pytest.mark.parametrize("way", WAYS)
def test_the_backend_stays(display: str, capfd: pytest.CaptureFixture[str], way: str) -> None:
    """Whatever a plotter does to choose a backend, its figures have windows; one line of the log tells."""
    with asyncplot.Server(functools.partial(Choosing, WAYS[way]), backend="qt") as plot:
        pending = plot.update(WAYS[way])
        pending.wait(20)
        assert pending.value == "FigureCanvasQTAgg FigureCanvasQTAgg qtagg"
        assert plot.flush(20)
        assert plot.viewers[0].windows == 2
    assert capfd.readouterr().err.count("ignored, this viewer") == 1


MODULE = """
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
def figure():
    return pyplot.figure()
"""


class Importing:
    """Imports a module that has ``matplotlib.use("Agg")`` at its top, as each batch script has."""

    def __init__(self, folder: str) -> None:
        import sys

        sys.path.append(folder)
        import batch_script  # type: ignore[import-not-found]

        self.figure = batch_script.figure()

    def update(self) -> str:
        """What canvas the figure has."""
        return type(self.figure.canvas).__name__


@pytest.mark.parametrize(("backend", "canvas"), [("tk", "FigureCanvasTkAgg"), ("qt", "FigureCanvasQTAgg")])
def test_a_module_that_chooses(display: str, tmp_path: Path, backend: str, canvas: str) -> None:
    """A module with ``matplotlib.use("Agg")`` that a plotter imports neither ends the viewer nor blinds it."""
    (tmp_path / "batch_script.py").write_text(MODULE)
    with asyncplot.Server(functools.partial(Importing, str(tmp_path)), backend=backend) as plot:
        assert plot.update().value == canvas
        plot.check()


class Loose:
    """Figures made without pyplot: one at once, one in a list with the first frame, one with a canvas of its own."""

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(3, 2))
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.own = Figure()
        FigureCanvasAgg(self.own)
        self.others: list[Any] = []

    def update(self, colour: str) -> None:
        """Show a colour."""
        from matplotlib.figure import Figure

        self.axes.set_facecolor(colour)
        if not self.others:
            self.others = [Figure()]

    def colour(self) -> list[int]:
        """What is seen in the middle of the canvas."""
        pixels = np.asarray(self.figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
        return [int(value) for value in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2, :3]]


@pytest.mark.parametrize("backend", ["offscreen", "qt", "tk"])
def test_figures_without_pyplot(display: str, backend: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A `Figure` that is an attribute of the plotter, or in a list of it, is shown; one line tells of the rest."""
    with asyncplot.Server(Loose, backend=backend) as plot:
        for colour in ("#102030", "#405060"):
            plot.update(colour)
            assert plot.flush(20)
            expected = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
            assert list(plot.plotter.colour()) == expected
        if backend != "offscreen":
            wait_until(lambda: plot.viewers[0].windows == 2)
    assert capfd.readouterr().err.count("has a canvas of its own (a FigureCanvasAgg)") == 1
