"""The superfluid obeys its equation."""

from __future__ import annotations

import numpy as np
import pytest

from asyncplot.demos.superfluid import CHEMICAL_POTENTIAL, Superfluid, vortices, winding


def test_without_damping_and_stirring_norm_and_energy_are_kept() -> None:
    """The splitting is unitary, and its error in the energy is that of the second order."""
    fluid = Superfluid(points=64, stirring=0.0, damping=0.0)
    particles, energy = fluid.density.sum(), sum(fluid.energies())
    for _ in range(300):
        fluid.step()
    assert fluid.density.sum() == pytest.approx(particles, rel=1e-4)
    assert sum(fluid.energies()) == pytest.approx(energy, rel=1e-3)


def test_damping_only_takes_away() -> None:
    """Left alone, the cloud goes down in the energy less mu for each particle, all the time."""
    fluid = Superfluid(points=64, stirring=0.0, damping=0.05)
    values = []
    for _ in range(8):
        values.append((sum(fluid.energies()) - CHEMICAL_POTENTIAL) * fluid.density.sum())
        for _ in range(50):
            fluid.step()
    assert np.all(np.diff(values) < 0.0)


def test_a_path_around_vortices_counts_them() -> None:
    """The phase winds around any path as often as the vortices within say, and by nothing in between."""
    fluid = Superfluid(points=128, stirring=0.0)
    for _ in range(100):
        fluid.step()
    number = winding(fluid.psi)
    for top, left, size in ((34, 30, 20), (50, 40, 30), (64, 64, 16), (40, 62, 25)):
        square = fluid.psi[top : top + size + 1, left : left + size + 1]
        path = np.concatenate([square[0, :-1], square[:-1, -1], square[-1, :0:-1], square[:0:-1, 0]])
        around = np.angle(np.roll(path, -1) * path.conj()).sum() / (2.0 * np.pi)
        assert around == pytest.approx(number[top : top + size, left : left + size].sum(), abs=1e-4)


def test_vortices_move_and_keep_their_number() -> None:
    """A vortex is a knot in the phase: it moves, and alone it can neither come nor go."""
    fluid = Superfluid(points=128, pairs=1, stirring=0.0, damping=0.0)
    before = vortices(fluid.psi, fluid.length / 2)
    for _ in range(500):
        fluid.step()
    after = vortices(fluid.psi, fluid.length / 2)
    assert sorted(before[:, 2]) == sorted(after[:, 2]) == [-1.0, 1.0]
    by_winding = [places[places[:, 2].argsort()] for places in (before, after)]
    assert np.abs(by_winding[0] - by_winding[1]).max() > 0.2  # trap lengths in one unit of time


def test_the_history_is_a_view_that_keeps_the_newest() -> None:
    """Passing the history costs no copy, and it stays in order when its array is full."""
    fluid = Superfluid(points=16, pairs=0, stirring=0.0)
    fluid.energies = lambda: (1.0, 2.0, 3.0)  # type: ignore[method-assign]
    for _ in range(25_000):
        fluid.time += fluid.time_step
        if fluid.steps % 10 == 0:
            fluid._note()
        fluid.steps += 1
    history = fluid.history
    assert history.base is not None
    assert history.shape == (1000, 4)
    assert np.all(np.diff(history[:, 0]) > 0)
    assert history[-1, 0] == pytest.approx(fluid.time, abs=11 * fluid.time_step)
