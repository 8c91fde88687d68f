"""The computations that are measured: three loops. Each has a step, and the data that it hands over.

They use different parts of the machine: the interpreter, the cache, and the whole memory bus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Loop(NamedTuple):
    """One computation. ``step()`` is one iteration. ``data`` is what an iteration may show."""

    step: Callable[[], None]
    data: NDArray[np.generic]


def python() -> Loop:
    """About 100 us of pure Python per iteration; 1,000 floats per call."""
    data = np.zeros(1000)

    def step() -> None:
        total = 0.0
        for term in range(2400):
            total += term * 1e-3
        data[0] = total

    return Loop(step, data)


def fft() -> Loop:
    """A split step on 256x256, in place. A call hands over all of it: 0.5 MB of complex64."""
    random = np.random.default_rng(1)
    field = np.exp(1j * random.normal(size=(256, 256))).astype(np.complex64)
    kinetic = np.exp(-1e-3j * np.add.outer(np.arange(256) ** 2, np.arange(256) ** 2)).astype(np.complex64)

    def step() -> None:
        spectrum = np.fft.fft2(field)
        spectrum *= kinetic
        np.fft.ifft2(spectrum, out=field)

    return Loop(step, field)


def stencil() -> Loop:
    """Diffusion on 1000x1000, in place. A call hands over all of it: 8 MB."""
    field = np.random.default_rng(1).normal(size=(1000, 1000))
    change = np.empty((998, 998))

    def step() -> None:
        np.multiply(field[1:-1, 1:-1], -4.0, out=change)
        for neighbours in (field[2:, 1:-1], field[:-2, 1:-1], field[1:-1, 2:], field[1:-1, :-2]):
            np.add(change, neighbours, out=change)
        np.multiply(change, 0.1, out=change)
        field[1:-1, 1:-1] += change

    return Loop(step, field)


LOOPS: dict[str, Callable[[], Loop]] = {"python": python, "fft": fft, "stencil": stencil}
