"""A plotter that uses pyqtgraph: needs ``pip install asyncplot[qt,pyqtgraph]`` and a display."""

import numpy as np

import asyncplot


class Scope:
    """An oscilloscope."""

    def __init__(self):
        import pyqtgraph

        self.window = pyqtgraph.plot(title="scope")
        self.curve = self.window.plot()

    def update(self, samples):
        """Show the samples."""
        self.curve.setData(samples)


random = np.random.default_rng(0)
with asyncplot.Server(Scope, backend="qt") as plot:
    plot.ready()  # only because this run is so short
    for _ in range(50_000):
        plot.update(np.cumsum(random.normal(size=1000)))
    plot.flush()
