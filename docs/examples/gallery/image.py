"""A complex field: its density, and its phase."""

import numpy as np

import asyncplot
from asyncplot.plotters import Image

x = np.linspace(-4.0, 4.0, 400)
z = x + 1j * x[:, np.newaxis]
field = Image("wave", extent=(-4.0, 4.0, -4.0, 4.0), xlabel="x (um)", ylabel="y (um)", label="1/um2")
with asyncplot.Server(field) as plot:
    for n in range(3000):
        turned = z * np.exp(0.004j * n)
        plot.update((turned - 1) * (turned + 1) * np.exp(-(abs(z) ** 2) / 4))
    plot.wait()
