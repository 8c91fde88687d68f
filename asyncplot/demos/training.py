"""The demo ``training``: a small network learns handwritten digits. Loss, accuracy, and the weights of its first layer.

The digits are the 1,797 real ones (8 x 8 pixels, 16 grey levels) that come with scikit-learn. The network has one hidden layer
and is trained by stochastic gradient descent with momentum, in numpy and in place. `Network` computes in the user's
process; `NetworkPlotter` draws in the viewer, on the GUI thread; `Demo` brings them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import MissingDependency
from .rows import NewestRows

Matrix = npt.NDArray[np.float32]

#: There are so many steps between two entries of the history, and so many entries are kept.
_EVERY, _KEPT = 50, 1000


class Network:
    """The computation. It does not know of the plot.

    Parameters
    ----------
    images : ndarray, shape (samples, 64)
        Grey levels, 0..1.
    labels : ndarray of int, shape (samples,)
        The digits.
    hidden : int
        Neurons in the hidden layer.
    seed : int
        For the weights, the split and the batches. A fifth of the samples is kept for the test.

    Attributes
    ----------
    first : ndarray, shape (64, hidden)
        The weights of the first layer, updated in place.
    """

    def __init__(self, images: Matrix, labels: npt.NDArray[Any], hidden: int = 32, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        order = self._random.permutation(len(images))
        test = len(images) // 5
        self._test = images[order[:test]].astype(np.float32), labels[order[:test]]
        self._train = images[order[test:]].astype(np.float32), labels[order[test:]]
        self.first = self._weights(images.shape[1], hidden)
        self._second = self._weights(hidden, 10)
        self._biases = np.zeros(hidden, np.float32), np.zeros(10, np.float32)
        self._parameters = (self.first, self._second, *self._biases)
        self._momenta = [np.zeros_like(parameter) for parameter in self._parameters]
        self._history = NewestRows(_KEPT, 4)
        self._loss = np.log(10.0)
        self.steps = 0

    def step(self, batch: int = 32, rate: float = 0.02, momentum: float = 0.9) -> None:
        """One step of gradient descent, in place."""
        images, labels = self._train
        chosen = self._random.integers(0, len(images), batch)
        inputs, wanted = images[chosen], labels[chosen]
        active, probabilities = self._forward(inputs)
        loss = -np.log(probabilities[np.arange(batch), wanted] + 1e-9).mean()
        self._loss += 0.02 * (loss - self._loss)
        error = probabilities
        error[np.arange(batch), wanted] -= 1.0
        error /= batch
        back = (error @ self._second.T) * (active > 0.0)
        gradients = (inputs.T @ back, active.T @ error, back.sum(0), error.sum(0))
        for parameter, gradient, speed in zip(self._parameters, gradients, self._momenta, strict=True):
            np.multiply(speed, momentum, out=speed)
            np.subtract(speed, rate * gradient, out=speed)
            np.add(parameter, speed, out=parameter)
        if self.steps % _EVERY == 0:
            self._history.append(self.steps, float(self._loss), *self.accuracies())
        self.steps += 1

    def accuracies(self) -> tuple[float, float]:
        """The share of digits that are recognised: of those learnt from, and of those never seen."""
        return self._accuracy(*self._train), self._accuracy(*self._test)

    @property
    def history(self) -> npt.NDArray[np.float64]:
        """Step, loss, and the two accuracies, one row for each entry, oldest first; shape (entries, 4). A view."""
        return self._history.newest

    def _accuracy(self, images: Matrix, labels: npt.NDArray[Any]) -> float:
        return float((self._forward(images)[1].argmax(1) == labels).mean())

    def _forward(self, inputs: Matrix) -> tuple[Matrix, Matrix]:
        active = np.maximum(inputs @ self.first + self._biases[0], 0.0)
        scores = active @ self._second + self._biases[1]
        scores -= scores.max(1, keepdims=True)
        probabilities = np.exp(scores)
        probabilities /= probabilities.sum(1, keepdims=True)
        return active, probabilities

    def _weights(self, inputs: int, outputs: int) -> Matrix:
        """Random weights as in He et al. (2015): variance 2 / inputs."""
        return self._random.normal(0.0, np.sqrt(2.0 / inputs), (inputs, outputs)).astype(np.float32)


class NetworkPlotter:
    """Loss, accuracy and first-layer weights. It does not know of the computation."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        pyplot.style.use(["dark_background", {"legend.fontsize": "small", "legend.framealpha": 0.5}])
        self.figure, axes = pyplot.subplots(
            1, 3, figsize=(12.6, 4.0), width_ratios=(1, 1, 1.7), layout="constrained"
        )
        (self._loss,) = axes[0].plot([], [], color="#56b4e9")
        axes[0].set(title="loss", xlabel="step", ylabel="cross entropy / nat", yscale="log", ylim=(1e-4, 4))
        self._accuracies = [
            axes[1].plot([], [], color=colour, label=name)[0]
            for name, colour in (("learnt from", "#e69f00"), ("never seen", "#56b4e9"))
        ]
        axes[1].set(title="accuracy", xlabel="step", ylabel="share told right / %", ylim=(80, 100.5))
        axes[1].legend(loc="lower right")
        self._weights = axes[2].imshow(np.zeros((2, 2)), cmap="PuOr", vmin=-1.0, vmax=1.0)
        axes[2].set(title="first-layer weights, one square a neuron", xticks=[], yticks=[])
        bar = self.figure.colorbar(self._weights, ax=axes[2], shrink=0.6, label="weight")
        bar.set_ticks([-1, 0, 1])
        self._result = axes[1].text(0.97, 0.26, "", transform=axes[1].transAxes, ha="right")
        self._series = axes[:2]
        for axis in self._series:
            axis.grid(alpha=0.25)
            axis.locator_params(axis="x", nbins=4)
            axis.set_xlim(0, 1000)
        axes[1].locator_params(axis="y", nbins=5)
        # The layout is made only once. Made in each draw, it would double the time of drawing.
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")

    def update(self, history: Any, weights: Any) -> None:
        """Show the history (rows of step, loss, two accuracies) and the weights, shape (64, neurons)."""
        picture = tiled(weights)
        self._weights.set_data(picture)
        self._weights.set_extent((0, picture.shape[1], picture.shape[0], 0))
        if not len(history):
            return
        self._loss.set_data(history[:, 0], history[:, 1])
        for column, line in enumerate(self._accuracies, 2):
            line.set_data(history[:, 0], 100.0 * history[:, column])
        # The limits change only when the data leave them, so that the ticks stay still.
        start, end = history[0, 0], history[-1, 0]
        left, right = self._series[0].get_xlim()
        if end > right or start > left + 0.5 * (right - left):
            for axis in self._series:
                axis.set_xlim(start, end + 0.5 * (end - start) + 100)
        self._result.set_text(f"{history[-1, 3]:.1%} of digits\nnever seen")


class Demo:
    """What the runner needs: steps, and the arguments of ``update``.

    Raises
    ------
    MissingDependency
        If scikit-learn, which has the digits, is not installed.
    """

    plotter = NetworkPlotter

    def __init__(self) -> None:
        self.network = Network(*digits())
        self.step = self.network.step

    def steer(self, received: Mapping[str, Any]) -> None:
        """Does nothing: there are no knobs."""

    def arguments(self) -> tuple[Any, ...]:
        """The arguments of ``update``: references, no copies. A frame that is not taken costs nothing."""
        return self.network.history, self.network.first

    def summary(self) -> str:
        """One line about the state of the computation."""
        return f"step {self.network.steps:,}, {self.network.accuracies()[1]:.1%} of unseen digits told right"


def digits() -> tuple[Matrix, npt.NDArray[Any]]:
    """The images, grey levels 0..1, shape (1797, 64), and their labels. Raises MissingDependency."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingDependency(
            "the demo training needs the digits that scikit-learn ships: pip install asyncplot[demo]"
        ) from error
    images, labels = load_digits(return_X_y=True)
    return (images / 16.0).astype(np.float32), labels


def tiled(weights: Any, across: int = 8) -> npt.NDArray[Any]:
    """The weights of each neuron as a square of 8 x 8, side by side with a gap between them.

    >>> tiled(np.zeros((64, 32))).shape
    (35, 71)
    """
    down = -(-weights.shape[1] // across)
    picture = np.zeros((9 * down - 1, 9 * across - 1))
    for neuron in range(weights.shape[1]):
        row, column = 9 * (neuron // across), 9 * (neuron % across)
        picture[row : row + 8, column : column + 8] = weights[:, neuron].reshape(8, 8)
    return picture
