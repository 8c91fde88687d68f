"""Two lanes, a lazy argument, a value that comes back, and a change from outside."""

import numpy as np

import asyncplot


class Signal:
    """A signal and its spectrum."""

    def __init__(self):
        from matplotlib import pyplot as plt

        self.figure, (self.top, self.bottom) = plt.subplots(2)
        (self.signal,) = self.top.plot([], [])
        (self.spectrum,) = self.bottom.semilogy([], [])

    def update(self, samples):
        """Show the signal; what this returns is the value of the pending result."""
        self.signal.set_data(range(len(samples)), samples)
        self.top.relim()
        self.top.autoscale_view()
        return {"peak": float(abs(samples).max())}

    def update_spectrum(self, power):
        """Show the spectrum."""
        self.spectrum.set_data(range(len(power)), power)
        self.bottom.relim()
        self.bottom.autoscale_view()


random = np.random.default_rng(0)
with asyncplot.Server(Signal) as plot:
    spectrum = plot.lane("update_spectrum")  # a lane of its own: it and `update` never supersede each other
    for _ in range(2_000):
        samples = random.normal(size=4096).cumsum()
        pending = plot.update(samples)
        # The transform is computed only for the few frames that are taken.
        spectrum(asyncplot.lazy(lambda samples=samples: abs(np.fft.rfft(samples))[1:] ** 2))
    plot.flush()
    if pending.state == "drawn":  # not if plotting is off, or the window was closed
        print("peak of the last signal:", pending.value["peak"])
    plot.plotter.top.set_title("done")  # the live object in the viewer
    print(plot.stats)
    plot.wait()
