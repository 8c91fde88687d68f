"""How samples are distributed, of two kinds, in common bins."""

import numpy as np

import asyncplot
from asyncplot.plotters import Histogram

random = np.random.default_rng(1)
slow, fast = random.normal(0.0, 1.0, 100_000), random.normal(1.0, 0.5, 100_000)
with asyncplot.Server(Histogram("slow", "fast", xlabel="velocity (m/s)", bins=80)) as plot:
    for _ in range(2000):
        slow += 0.02 * (random.normal(0.0, 1.0, slow.size) - 0.1 * slow)
        fast += 0.004 * random.normal(0.0, 1.0, fast.size)
        plot.update(slow, fast)
    plot.wait()
