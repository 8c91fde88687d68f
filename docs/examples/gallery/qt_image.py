"""A field that spreads, drawn by pyqtgraph."""

import numpy as np

import asyncplot
from asyncplot.plotters.qt import Image

x = np.linspace(-5.0, 5.0, 1000)
r = np.hypot(x, x[:, np.newaxis])
plotter = Image(
    "ripples", cmap="magma", extent=(-5.0, 5.0, -5.0, 5.0), xlabel="x (mm)", ylabel="y (mm)", label="um"
)
with asyncplot.Server(plotter, backend="qt") as plot:
    for n in range(500):
        plot.update(np.cos(8 * r - 0.1 * n) * np.exp(-0.4 * r))
    plot.wait()
