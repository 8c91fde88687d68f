"""Points, with a value as their colour."""

import numpy as np

import asyncplot
from asyncplot.plotters import Scatter

random = np.random.default_rng(1)
x, y = random.normal(size=(2, 3000))
with asyncplot.Server(Scatter("swirl", xlabel="x (m)", ylabel="y (m)", label="radius (m)")) as plot:
    for _ in range(150_000):
        radius = np.hypot(x, y)
        x, y = x - 0.00004 * y / (0.3 + radius), y + 0.00004 * x / (0.3 + radius)
        plot.update(x, y, c=radius)
    plot.wait()
