"""A travelling wave, seen live: the example at the head of the documentation."""
# ruff: noqa: E401, E702, I001 (the shortest program that is still read at a glance)
# fmt: off

import numpy as np, asyncplot

class Wave:                                   # any class of yours; it lives in the plotting process
    def __init__(self):
        from matplotlib import pyplot as plt
        self.fig, self.ax = plt.subplots()
        self.line, = self.ax.plot([], [])
    def update(self, x, y):                   # asynchronous; the newest call wins
        self.line.set_data(x, y)
        self.ax.relim(); self.ax.autoscale_view()

x = np.linspace(0, 2*np.pi, 1000)
with asyncplot.Server(Wave) as plot:          # starts the plotting interpreter and goes on at once
    for n in range(300_000):
        plot.update(x, np.sin(x - 1e-3*n))    # never blocks, never raises because of the plot
    plot.plotter.ax.set_title("done")         # the remote object itself, after the last frame
    plot.wait()                               # until the user closes the window
