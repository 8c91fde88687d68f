"""Scalars against the step: each one is kept, whatever is shown."""

import numpy as np

import asyncplot
from asyncplot.plotters import History

noise = np.random.default_rng(1)
history = History("training", "validation", xlabel="step", ylabel="loss", logy=True)
with asyncplot.Server(history) as plot:
    for step in range(2_000_000):
        loss = np.exp(-step / 400_000) + 0.05
        history.append(step, loss * noise.lognormal(0.0, 0.2), 1.3 * loss if step % 5000 == 0 else None)
        plot.update(history)
    plot.wait()
