"""A signal that moves, drawn by pyqtgraph."""

import numpy as np

import asyncplot
from asyncplot.plotters.qt import Lines

t = np.linspace(0.0, 1.0, 10_000)
random = np.random.default_rng(1)
plotter = Lines("signal", "envelope", xlabel="t (s)", ylabel="V", title="an echo")
with asyncplot.Server(plotter, backend="qt") as plot:
    for n in range(20_000):
        envelope = np.exp(-(((t - 0.5) / 0.2) ** 2))
        signal = envelope * np.sin(60 * t - 0.05 * n) + 0.05 * random.normal(size=t.size)
        plot.update(signal, envelope, x=t)
    plot.wait()
