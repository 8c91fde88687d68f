"""A computation that its viewer can turn: a damped oscillator with two knobs and a kick."""

import numpy as np

import asyncplot
from asyncplot.plotters import Controls


class Trace:
    """The last values, and the knobs beside them."""

    def __init__(self):
        from matplotlib import pyplot as plt

        self.figure, self.axes = plt.subplots()
        (self.line,) = self.axes.plot([], [])
        self.axes.set(xlim=(0, 1000), ylim=(-2, 2))
        self.controls = Controls(
            stiffness=(0.1, 4.0, 1.0), friction=(0.0, 0.2, 0.02), buttons=["kick"], readouts=["energy"]
        )

    def update(self, values, energy):
        """Show the values and the energy."""
        self.line.set_data(range(len(values)), values)
        self.controls.show(energy=energy)


position, speed, kicked, values = 1.0, 0.0, 0.0, np.zeros(1000)
with asyncplot.Server(Trace) as plot:
    for _ in range(200_000):
        stiffness = plot.received.get("stiffness", 1.0)  # 0.1 us
        speed -= 0.01 * (stiffness * position + plot.received.get("friction", 0.02) * speed)
        if plot.received.get("kick", 0.0) != kicked:
            kicked = plot.received["kick"]
            speed += 1.0
        position += 0.01 * speed
        values[:-1] = values[1:]
        values[-1] = position
        plot.update(values, 0.5 * (speed**2 + stiffness * position**2))
