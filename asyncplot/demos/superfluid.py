r"""A stirred superfluid in two dimensions: the damped Gross-Pitaevskii equation, solved by split-step FFT. Pure.

.. math:: i \partial_t \psi = (1 - i \gamma) [-\nabla^2/2 + V + |\psi|^2 - \mu] \psi

in units of the trap (length, energy and time of the harmonic oscillator are 1). There are vortices from the beginning, and
a laser beam that circles in the cloud makes more. A vortex is a point where the density vanishes and around which the phase
winds by exactly plus or minus 2 pi. Vortices of opposite winding meet and annihilate; friction lets the others drift
outwards. The field is updated in place, 0.5 MB at 256 x 256.

The method is the second-order (Strang) splitting of Bao, Jaksch and Markowich, J. Comput. Phys. 187
(2003) 318; the damping is that of Tsubota, Kasamatsu and Ueda, Phys. Rev. A 65 (2002) 023603.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .rows import NewestRows

Field = npt.NDArray[np.complex64]
Real = npt.NDArray[np.float32]

#: Sets the size of the cloud (radius ``sqrt(2 mu)``) and of a vortex core (``1 / sqrt(2 mu)``).
CHEMICAL_POTENTIAL = 24.0

#: Side of the square that is computed.
LENGTH = 16.6

#: The friction with the thermal cloud, until the user turns the knob.
DAMPING = 0.01

#: There are so many steps between two entries of the energies' history, and so many entries are kept.
_EVERY, _KEPT = 10, 1000


class Superfluid:
    """The computation. It does not know of the plot.

    Parameters
    ----------
    points : int
        Grid points along each side.
    pairs : int
        How many vortices of each sense of rotation there are at the beginning.
    stirring : float
        Height of the laser beam's potential, in chemical potentials; 0 for no beam.
    damping : float
        The friction with the thermal cloud, dimensionless.
    time_step : float
        In units of the inverse trap frequency.
    seed : int
        For the positions of the vortices at the beginning.

    Attributes
    ----------
    psi : ndarray of complex64, shape (points, points)
        The field, updated in place.
    time : float
        In units of the inverse trap frequency.
    """

    def __init__(
        self,
        points: int = 256,
        pairs: int = 4,
        stirring: float = 0.9,
        damping: float = DAMPING,
        time_step: float = 0.002,
        seed: int = 3,
    ) -> None:
        self.length, self.radius = LENGTH, float(np.sqrt(2.0 * CHEMICAL_POTENTIAL))
        self.time, self.steps, self.time_step = 0.0, 0, time_step
        self._stirring, self._damping, self._tightness = stirring, damping, 1.0
        spacing = self.length / points
        self._axis = ((np.arange(points) - points / 2) * spacing).astype(np.float32)
        wave = 2.0 * np.pi * np.fft.fftfreq(points, spacing)
        self._trap = 0.5 * np.add.outer(self._axis**2, self._axis**2)
        self._kinetic = (0.5 * np.add.outer(wave**2, wave**2)).astype(np.float32)
        self._kinetic_factor = self._propagator()
        self._potential_factor = np.empty((points, points), np.complex64)
        self._history = NewestRows(_KEPT, 4)
        self.psi: Field = np.sqrt(np.maximum(CHEMICAL_POTENTIAL - self._trap, 0.0)).astype(np.complex64)
        self._relax(60)
        self.imprint(np.random.default_rng(seed), pairs)
        self._relax(10)  # removes the sound that the imprinting made

    def step(self) -> None:
        """Advance by one time step, in place."""
        self._potential_half_step()
        self.psi[...] = np.fft.fft2(self.psi)
        self.psi *= self._kinetic_factor
        self.psi[...] = np.fft.ifft2(self.psi)
        self._potential_half_step()
        self.time += self.time_step
        if self.steps % _EVERY == 0:
            self._note()
        self.steps += 1

    def steer(self, tightness: float, damping: float) -> None:
        """Change the strength of the trap (1: the usual one, 0: no trap) and the friction, from the next step on."""
        self._tightness = tightness
        if damping != self._damping:
            self._damping = damping
            self._kinetic_factor = self._propagator()

    def energies(self) -> tuple[float, float, float]:
        """The kinetic, trap and interaction energy per particle, in units of the trap's quantum."""
        density = self.density
        momenta = density_of(np.fft.fft2(self.psi)) / self.psi.size
        number = float(density.sum())
        return (
            float((momenta * self._kinetic).sum()) / number,
            self._tightness * float((density * self._trap).sum()) / number,
            0.5 * float((density**2).sum()) / number,
        )

    @property
    def density(self) -> Real:
        """The density, in units in which the interaction constant is 1."""
        return density_of(self.psi)

    @property
    def history(self) -> npt.NDArray[np.float64]:
        """Time and the three energies, one row for each entry, oldest first; shape (entries, 4). A view."""
        return self._history.newest

    def imprint(self, random: np.random.Generator, pairs: int) -> None:
        """Wind the phase around random points, equally often in both directions."""
        for winding in (1, -1) * pairs:
            distance, angle = 0.7 * self.radius * np.sqrt(random.random()), 2.0 * np.pi * random.random()
            from_x = self._axis[None, :] - distance * np.cos(angle)
            from_y = self._axis[:, None] - distance * np.sin(angle)
            core = 2.0 * CHEMICAL_POTENTIAL * (from_x**2 + from_y**2)
            self.psi *= np.sqrt(core / (core + 2.0)) * np.exp(1j * winding * np.arctan2(from_y, from_x))

    def _relax(self, steps: int, tau: float = 0.005) -> None:
        """Steps in imaginary time: the cloud comes to rest."""
        kinetic = np.exp(-tau * self._kinetic)
        for _ in range(steps):
            self.psi *= np.exp(-tau * (self._trap + self.density - CHEMICAL_POTENTIAL))
            self.psi[...] = np.fft.ifft2(np.fft.fft2(self.psi) * kinetic)

    def _propagator(self) -> Field:
        """The factor by which a time step multiplies each momentum."""
        exponent = (-1j - self._damping) * self.time_step * self._kinetic
        factor: Field = np.exp(exponent).astype(np.complex64)
        return factor

    def _potential_half_step(self) -> None:
        """Half a time step of trap, laser beam and interaction, in place."""
        angle, distance = 0.65 * self.time, 0.5 * self.radius
        along_x = np.exp(-((self._axis - distance * np.cos(angle)) ** 2) / 0.25)
        along_y = np.exp(-((self._axis - distance * np.sin(angle)) ** 2) / 0.25)
        energy = self.density
        energy += np.float32(self._tightness) * self._trap
        energy += np.multiply.outer(np.float32(self._stirring * CHEMICAL_POTENTIAL) * along_y, along_x)
        energy -= np.float32(CHEMICAL_POTENTIAL)
        energy *= np.float32(-0.5 * self.time_step)
        # Cosine and sine in single precision take a third of the time of the complex exponential.
        np.cos(energy, out=self._potential_factor.real)
        np.sin(energy, out=self._potential_factor.imag)
        energy *= np.float32(self._damping)
        self.psi *= self._potential_factor
        self.psi *= np.exp(energy, out=energy)

    def _note(self) -> None:
        """Add an entry to the history."""
        self._history.append(self.time, *self.energies())


def density_of(psi: npt.NDArray[np.complexfloating]) -> Real:
    """The density of a field."""
    density: Real = np.square(psi.real, dtype=np.float32, casting="same_kind")
    density += np.square(psi.imag, dtype=np.float32, casting="same_kind")
    return density


def winding(psi: Field) -> npt.NDArray[np.int64]:
    """The winding number of the phase around each cell of the grid: nearly always -1, 0 or 1."""
    along_x = np.angle(np.roll(psi, -1, 1) * psi.conj())
    along_y = np.angle(np.roll(psi, -1, 0) * psi.conj())
    around = along_x + np.roll(along_y, -1, 1) - np.roll(along_x, -1, 0) - along_y
    number: npt.NDArray[np.int64] = np.rint(around / (2.0 * np.pi)).astype(np.int64)
    return number


def vortices(psi: Field, half_width: float, threshold: float = 0.2) -> npt.NDArray[np.float64]:
    """The vortices inside the cloud, one row each: x, y and winding number; shape (vortices, 3).

    A point is inside if the density, averaged over the size of a core, exceeds ``threshold`` of its maximum.
    """
    spacing = 2.0 * half_width / len(psi)
    wave = np.exp(-((np.fft.fftfreq(len(psi)) * 2.0 * np.pi * 0.4 / spacing) ** 2) / 2.0)
    smooth = np.fft.ifft2(np.fft.fft2(density_of(psi)) * np.multiply.outer(wave, wave)).real
    number = winding(psi)
    rows, columns = np.nonzero(number * (smooth > threshold * smooth.max()))
    x, y = ((index + 0.5) * spacing - half_width for index in (columns, rows))
    return np.stack([x, y, number[rows, columns]], 1)
