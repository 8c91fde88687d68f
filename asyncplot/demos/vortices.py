r"""A stirred superfluid in two dimensions: the damped Gross-Pitaevskii equation by split-step FFT.

.. math:: i \partial_t \psi = (1 - i \gamma) [-\nabla^2/2 + V + g |\psi|^2 - \mu] \psi

in units of the trap (length, energy and time of the harmonic oscillator are 1). A laser spoon circles in
the cloud, faster than sound can follow, and sheds vortices: points where the density vanishes and the
phase winds by exactly plus or minus 2 pi. The field is updated in place, 0.5 MB at 256 x 256.

The method is the second-order (Strang) splitting of Bao, Jaksch and Markowich, J. Comput. Phys. 187
(2003) 318; the damping is that of Tsubota, Kasamatsu and Ueda, Phys. Rev. A 65 (2002) 023603.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.complex64]

#: How many steps lie between two entries of the energy's history, and how many entries are shown.
_EVERY, _SHOWN = 10, 600


class Superfluid:
    """The computation; it knows nothing of plotting.

    Parameters
    ----------
    points : int
        Grid points along each side.
    chemical_potential : float
        Sets the size of the cloud (radius ``sqrt(2 mu)``) and of a vortex core (``1 / sqrt(2 mu)``).
    damping : float
        The friction with the thermal cloud, dimensionless.
    time_step : float
        In units of the inverse trap frequency.
    seed : int
        For the vortices that are there at the beginning.

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
        chemical_potential: float = 16.0,
        damping: float = 0.004,
        time_step: float = 0.002,
        seed: int = 3,
    ) -> None:
        self.chemical_potential = chemical_potential
        self.radius = float(np.sqrt(2.0 * chemical_potential))
        self.length = 14.8
        self.time_step = time_step
        self.time = 0.0
        self.steps = 0
        self._damping = damping
        self._spacing = self.length / points
        axis = (np.arange(points) - points / 2) * self._spacing
        self.x, self.y = np.meshgrid(axis, axis)
        wave = 2.0 * np.pi * np.fft.fftfreq(points, self._spacing)
        self._wave_squared = wave[:, None] ** 2 + wave[None, :] ** 2
        self._trap = 0.5 * (self.x**2 + self.y**2)
        self._history = np.full((_SHOWN, 4), np.nan)
        self.psi = self._ground_state()
        self.imprint(np.random.default_rng(seed), pairs=4)
        self._kinetic_factor = self._factor(self._wave_squared / 2.0)

    def step(self) -> None:
        """Advance by one time step, in place."""
        self._potential_half_step()
        self.psi[...] = np.fft.ifft2(np.fft.fft2(self.psi) * self._kinetic_factor)
        self._potential_half_step()
        self.time += self.time_step
        if self.steps % _EVERY == 0:
            self._history[:-1] = self._history[1:]
            self._history[-1] = (self.time, *self.energies())
        self.steps += 1

    def energies(self) -> tuple[float, float, float]:
        """The kinetic, trap and interaction energy per particle, in units of the trap's quantum."""
        cell = self._spacing**2
        density = self.density
        number = float(density.sum()) * cell
        spectrum = np.abs(np.fft.fft2(self.psi)) ** 2
        kinetic = float((self._wave_squared / 2.0 * spectrum).sum()) * cell / self.psi.size
        trap = float((self._trap * density).sum()) * cell
        interaction = 0.5 * float((density**2).sum()) * cell
        return kinetic / number, trap / number, interaction / number

    @property
    def density(self) -> npt.NDArray[np.float32]:
        """The density, in units in which the interaction constant is 1."""
        density: npt.NDArray[np.float32] = self.psi.real**2 + self.psi.imag**2
        return density

    @property
    def history(self) -> npt.NDArray[np.float64]:
        """Time and the three energies, one row an entry, oldest first; shape (entries, 4)."""
        entries: npt.NDArray[np.float64] = self._history[~np.isnan(self._history[:, 0])]
        return entries

    def imprint(self, random: np.random.Generator, pairs: int) -> None:
        """Wind the phase around random points, as often to the left as to the right."""
        for winding in (1, -1) * pairs:
            distance, angle = 0.7 * self.radius * np.sqrt(random.random()), 2.0 * np.pi * random.random()
            from_x = self.x - distance * np.cos(angle)
            from_y = self.y - distance * np.sin(angle)
            core = np.hypot(from_x, from_y) * np.sqrt(2.0 * self.chemical_potential)
            phase = winding * np.arctan2(from_y, from_x)
            self.psi *= (core / np.sqrt(core**2 + 2.0) * np.exp(1j * phase)).astype(np.complex64)

    def _ground_state(self) -> Field:
        """The cloud at rest, by the Thomas-Fermi approximation and some steps in imaginary time."""
        self.psi = np.sqrt(np.maximum(self.chemical_potential - self._trap, 0.0)).astype(np.complex64)
        tau = 0.005
        kinetic = np.exp(-tau * self._wave_squared / 2.0)
        for _ in range(60):
            self.psi *= np.exp(-tau * (self._trap + self.density - self.chemical_potential))
            self.psi[...] = np.fft.ifft2(np.fft.fft2(self.psi) * kinetic)
        return self.psi

    def _potential_half_step(self) -> None:
        """Half a time step of trap, spoon and interaction."""
        angle = 1.1 * self.time
        distance = 0.55 * self.radius
        from_x = self.x - distance * np.cos(angle)
        from_y = self.y - distance * np.sin(angle)
        spoon = 1.2 * self.chemical_potential * np.exp(-(from_x**2 + from_y**2) / 0.18)
        energy = self._trap + spoon + self.density - self.chemical_potential
        self.psi *= self._factor(energy, 0.5)

    def _factor(self, energy: npt.NDArray[Any], part: float = 1.0) -> Field:
        """What multiplies the field in part of a time step, damping included."""
        exponent = (-1j - self._damping) / (1.0 + self._damping**2) * part * self.time_step
        factor: Field = np.exp(exponent * energy).astype(np.complex64)
        return factor


class SuperfluidPlotter:
    """Density, phase with the vortices, and energies; it knows nothing of the computation."""

    def __init__(self, half_width: float = 7.4, chemical_potential: float = 16.0) -> None:
        from matplotlib import pyplot

        self._half_width = half_width
        pyplot.style.use("dark_background")
        self.figure, axes = pyplot.subplots(1, 3, figsize=(12.6, 4.2), width_ratios=(1, 1, 1.05))
        extent = (-half_width, half_width, -half_width, half_width)
        empty = np.zeros((2, 2))
        self._density = axes[0].imshow(
            empty, extent=extent, origin="lower", cmap="inferno", vmin=0.0, vmax=chemical_potential
        )
        self._phase = axes[1].imshow(
            empty, extent=extent, origin="lower", cmap="twilight", vmin=-np.pi, vmax=np.pi
        )
        for axis, title in zip(axes[:2], ("density", "phase and vortices"), strict=True):
            axis.set(title=title, xlabel="x / trap length", ylabel="y / trap length")
        self.figure.colorbar(self._density, ax=axes[0], fraction=0.046, label="g |psi|² / trap quantum")
        phase_bar = self.figure.colorbar(self._phase, ax=axes[1], fraction=0.046, label="phase / rad")
        phase_bar.set_ticks([-np.pi, 0.0, np.pi], labels=["-π", "0", "π"])
        self._vortices = {
            1: axes[1].plot([], [], "o", color="#56b4e9", ms=7, mfc="none", mew=2, label="+2π")[0],
            -1: axes[1].plot([], [], "s", color="#e69f00", ms=6, mfc="none", mew=2, label="-2π")[0],
        }
        axes[1].legend(loc="upper right", fontsize="small")
        self._energy_axis = axes[2]
        names, colours = ("kinetic", "trap", "interaction"), ("#56b4e9", "#e69f00", "#009e73")
        self._energies = [
            self._energy_axis.plot([], [], color=colour, label=name)[0]
            for name, colour in zip(names, colours, strict=True)
        ]
        self._energy_axis.set(title="energy", xlabel="time x trap frequency", ylabel="energy / trap quantum")
        self._energy_axis.legend(loc="lower left", fontsize="small")
        self._energy_axis.grid(alpha=0.25)
        self._title = self.figure.suptitle("")
        self.figure.tight_layout()
        self._limits = (np.inf, -np.inf)

    def update(self, psi: Field, time: float, history: Any) -> None:
        """Show the field (complex, square) with its vortices, and the history of the energies."""
        density = psi.real**2 + psi.imag**2
        self._density.set_data(density)
        self._phase.set_data(np.angle(psi))
        # Where there is no fluid the phase means nothing.
        self._phase.set_alpha(np.clip(density / (0.08 * self._density.get_clim()[1]), 0.0, 1.0))
        found = vortices(psi, self._half_width)
        for number, marks in self._vortices.items():
            chosen = found[found[:, 2] == number]
            marks.set_data(chosen[:, 0], chosen[:, 1])
        for column, line in enumerate(self._energies, 1):
            line.set_data(history[:, 0], history[:, column])
        self._title.set_text(f"t = {time:.1f}   {len(found)} vortices")
        self._keep_in_view(history)

    def _keep_in_view(self, history: Any) -> None:
        """Move the limits of the energies only when they are left, so that the ticks stay still."""
        if not len(history):
            return
        low, high = self._limits
        if history[:, 1:].min() < low or history[:, 1:].max() > high:
            low, high = history[:, 1:].min(), history[:, 1:].max()
            spare = 0.25 * (high - low) + 1e-3
            self._limits = (max(low - spare, 0.0), high + spare)
            self._energy_axis.set_ylim(*self._limits)
        start, end = history[0, 0], history[-1, 0]
        left, right = self._energy_axis.get_xlim()
        if end > right or start > left + 0.5 * (right - left):
            self._energy_axis.set_xlim(start, end + max(0.5 * (end - start), 2.0))


class Demo:
    """What the runner needs: steps, and the arguments of ``update``."""

    plotter = SuperfluidPlotter

    def __init__(self) -> None:
        self.fluid = Superfluid()
        self.step = self.fluid.step

    def arguments(self, lazy: Any) -> tuple[Any, ...]:
        """The arguments of ``update`` now. The vortices are looked for in the viewer, where it costs nothing."""
        return self.fluid.psi, self.fluid.time, lazy(lambda: self.fluid.history)

    def summary(self) -> str:
        """One line on how the computation stands."""
        return f"t = {self.fluid.time:.2f}, {len(vortices(self.fluid.psi, self.fluid.length / 2))} vortices"


def winding(psi: Field) -> npt.NDArray[np.int64]:
    """The winding number of the phase around each cell of the grid: -1, 0 or 1, with few exceptions."""
    phase = np.angle(psi)
    along_x = _wrapped(np.roll(phase, -1, 1) - phase)
    along_y = _wrapped(np.roll(phase, -1, 0) - phase)
    around = along_x + np.roll(along_y, -1, 1) - np.roll(along_x, -1, 0) - along_y
    number: npt.NDArray[np.int64] = np.rint(around / (2.0 * np.pi)).astype(np.int64)
    return number


def vortices(psi: Field, half_width: float, threshold: float = 0.2) -> npt.NDArray[np.float64]:
    """The vortices inside the cloud, one row each: x, y and winding number; shape (vortices, 3).

    Inside is where the density, averaged over the size of a core, exceeds ``threshold`` of its maximum.
    """
    spacing = 2.0 * half_width / len(psi)
    density = np.abs(psi) ** 2
    wave = np.exp(-((np.fft.fftfreq(len(psi)) * 2.0 * np.pi * 0.4 / spacing) ** 2) / 2.0)
    smooth = np.fft.ifft2(np.fft.fft2(density) * wave[:, None] * wave[None, :]).real
    number = winding(psi)
    rows, columns = np.nonzero(number * (smooth > threshold * smooth.max()))
    x, y = ((index + 0.5) * spacing - half_width for index in (columns, rows))
    return np.stack([x, y, number[rows, columns]], 1)


def _wrapped(phase: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A phase difference, between -pi and pi."""
    wrapped: npt.NDArray[Any] = (phase + np.pi) % (2.0 * np.pi) - np.pi
    return wrapped
