"""Several plotters in one window."""

import numpy as np

import asyncplot
from asyncplot.plotters import Grid, Histogram, History, Image

x = np.linspace(0.0, 2.0 * np.pi, 600)
energy = History("energy", xlabel="step", ylabel="J")
grid = Grid(
    field=Image("field", label="V"), values=Histogram("V", xlabel="V", bins=40), energy=energy, columns=3
)
with asyncplot.Server(grid) as plot:
    for step in range(1000):
        field = (
            np.sin(x + 0.02 * step) * np.cos(x[:, np.newaxis] - 0.01 * step) * (1 + 0.3 * np.sin(0.03 * step))
        )
        energy.append(step, np.sum(field**2))
        plot.update(field=field, values=field, energy=energy)
    plot.wait()
