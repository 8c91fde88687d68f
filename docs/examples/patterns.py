"""A computation with two figures and two sliders, for a page. One substance feeds on another one (Gray and Scott)."""

import numpy as np

import asyncplot
from asyncplot.plotters import Controls

N = 192  # points along each side


class Patterns:
    """Where the eater is, and a section through the middle."""

    def __init__(self):
        from matplotlib import pyplot as plt

        whole, axes = plt.subplots(num="pattern", layout="tight")
        self.image = axes.imshow(np.zeros((N, N)), "magma", vmin=0.0, vmax=0.4)
        whole.colorbar(self.image, label="eater")
        _, axes = plt.subplots(num="section", layout="tight")
        self.lines = [axes.plot(np.zeros(N), label=name)[0] for name in ("food", "eater")]
        axes.set(xlim=(0, N), ylim=(0.0, 1.0), xlabel="x", ylabel="concentration")
        axes.legend(loc="upper right")
        self.controls = Controls(feed=(0.02, 0.06, 0.037), kill=(0.05, 0.07, 0.06))

    def update(self, food, eater):
        """Show both."""
        self.image.set_data(eater)
        for line, field in zip(self.lines, (food, eater), strict=True):
            line.set_ydata(field[N // 2])


def spread(field):
    """What flows in from the four neighbours, less what flows out."""
    return sum(np.roll(field, step, axis) for axis in (0, 1) for step in (-1, 1)) - 4 * field


food = np.ones((N, N), np.float32)
eater = np.random.default_rng(0).random((N, N), np.float32) ** 40
with asyncplot.Server(Patterns) as plot:
    for _ in range(30_000):
        feed, kill = plot.received.get("feed", 0.037), plot.received.get("kill", 0.06)
        eaten = food * eater**2
        food += 0.16 * spread(food) - eaten + feed * (1 - food)
        eater += 0.08 * spread(eater) + eaten - (feed + kill) * eater
        plot.update(food, eater)
