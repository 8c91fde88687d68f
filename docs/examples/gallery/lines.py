"""Two named curves over a common abscissa."""

import numpy as np

import asyncplot
from asyncplot.plotters import Lines

t = np.linspace(0.0, 10.0, 2000)
with asyncplot.Server(Lines("position", "momentum", xlabel="time (s)", ylabel="m, kg m/s")) as plot:
    for n in range(120_000):
        phase = t + 0.00005 * n
        plot.update(np.exp(-0.1 * t) * np.cos(5 * phase), -np.exp(-0.1 * t) * np.sin(5 * phase), x=t)
    plot.wait()
