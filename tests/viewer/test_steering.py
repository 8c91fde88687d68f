"""Knobs: a real mouse turns them in a real window, and the computation sees it."""

from __future__ import annotations

import re

import numpy as np

import asyncplot
import desktop
from asyncplot.plotters import Controls
from conditions import wait_until


class WithControls:
    """A plotter with knobs beside its own figure."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, self.axes = pyplot.subplots(num="picture")
        self.controls = Controls(
            trap=(0.0, 2.0, 1.0, "ω"), damping=(0.0, 0.1, 0.01), buttons=["kick"], readouts=["energy"]
        )

    def update(self, energy: float) -> str:
        """Show the read-out, and return what it says."""
        self.controls.show(energy=energy)
        return self.readout()

    def readout(self) -> str:
        """What the read-out says."""
        return str(self.controls._texts["energy"].get_text())

    def place(self, index: int) -> tuple[float, float]:
        """The middle of a widget on the screen."""
        axes = self.controls._widgets[index].ax
        x, y = axes.transAxes.transform((0.5, 0.5))
        canvas = self.controls.figure.canvas
        corner = canvas.mapToGlobal(canvas.rect().topLeft())
        return corner.x() + float(x), corner.y() + canvas.height() - float(y)


def drag(start: tuple[float, float], by: float) -> None:
    """Press the left button, move to the right, and let go."""
    x, y = start
    desktop.tool("xdotool", "mousemove", f"{x:.0f}", f"{y:.0f}", "mousedown", "1")
    for part in (0.25, 0.5, 0.75, 1.0):
        desktop.tool("xdotool", "mousemove", f"{x + part * by:.0f}", f"{y:.0f}")
    desktop.tool("xdotool", "mouseup", "1")


def test_a_slider_a_button_and_a_readout(display: str) -> None:
    """Dragging sends the value, each press another time, and a read-out shows what it is given."""
    with asyncplot.Server(WithControls, backend="qt", required=True) as plot:
        desktop.window("controls")
        assert not plot.received  # nothing is sent before somebody turns a knob
        assert plot.update(1.25).value == "1.25"
        drag(plot.plotter.place(0), by=50.0)
        # The press alone sends the middle, 1.0 but for rounding; the drag goes on from there.
        wait_until(lambda: 1.1 < plot.received.get("trap", 0.0) <= 2.0)
        assert "damping" not in plot.received
        for _ in range(2):
            before = plot.received.get("kick", 0.0)
            x, y = plot.plotter.place(2)
            desktop.tool("xdotool", "mousemove", f"{x:.0f}", f"{y:.0f}", "click", "1")
            wait_until(lambda before=before: plot.received.get("kick", 0.0) > before)


def test_each_viewer_may_turn_the_same_knob() -> None:
    """The value that was sent last counts, whichever viewer sent it."""
    with asyncplot.Server(WithControls, backend="offscreen", required=True) as plot:
        from asyncplot.join import JoinedViewer, find
        from asyncplot.remote.viewer_connection import ViewerConnection

        joined = JoinedViewer(find(plot.name), backend="offscreen")
        remote = ViewerConnection(10.0)
        try:
            joined.ready(30.0)
            other = remote.root(joined.directory).plotter
            plot.plotter.controls._widgets[0].set_val(0.5)
            wait_until(lambda: plot.received.get("trap") == 0.5)
            other.controls._widgets[0].set_val(1.5)
            wait_until(lambda: plot.received.get("trap") == 1.5)
            plot.plotter.controls._widgets[0].set_val(0.25)
            wait_until(lambda: plot.received.get("trap") == 0.25)
        finally:
            remote.close()
            joined.close()


def test_controls_as_a_plotter_of_their_own() -> None:
    """An instance is sent without its figure, and makes it over there; `update` sets the read-outs."""
    with asyncplot.Server(
        Controls(trap=(0, 2, 1), readouts=["n"]), backend="offscreen", required=True
    ) as plot:
        assert plot.update(n=3).value is None
        assert plot.plotter._texts["n"].get_text() == "3"
        plot.plotter._widgets[0].set_val(2)
        wait_until(lambda: plot.received.get("trap") == 2.0)


def test_a_readout_that_is_not_there_is_told() -> None:
    """The error names those that are."""
    with asyncplot.Server(Controls(readouts=["n"]), backend="offscreen", required=True) as plot:
        pending = plot.update(m=np.float64(1.0))
        wait_until(lambda: pending.ready)
        assert re.search("no read-out 'm'; there are: n", str(pending_error(pending)))


def pending_error(pending: asyncplot.PendingResult) -> Exception:
    """What a frame failed with."""
    try:
        pending.value  # noqa: B018
    except asyncplot.PlotterError as error:
        return error
    raise AssertionError("it did not fail")
