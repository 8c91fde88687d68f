r"""A stirred superfluid in two dimensions: the damped Gross-Pitaevskii equation by split-step FFT.

.. math:: i \partial_t \psi = (1 - i \gamma) [-\nabla^2/2 + V + |\psi|^2 - \mu] \psi

in units of the trap (length, energy and time of the harmonic oscillator are 1). Vortices are there at the
beginning, and a laser beam that circles in the cloud sheds more: points where the density vanishes and
the phase winds by exactly plus or minus 2 pi. Those of opposite winding meet and annihilate; friction lets
the others drift outwards. The field is updated in place, 0.5 MB at 256 x 256.

The method is the second-order (Strang) splitting of Bao, Jaksch and Markowich, J. Comput. Phys. 187
(2003) 318; the damping is that of Tsubota, Kasamatsu and Ueda, Phys. Rev. A 65 (2002) 023603.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.complex64]
Real = npt.NDArray[np.float32]

#: Sets the size of the cloud (radius ``sqrt(2 mu)``) and of a vortex core (``1 / sqrt(2 mu)``).
CHEMICAL_POTENTIAL = 24.0

#: Side of the square that is computed.
LENGTH = 16.6

#: The friction with the thermal cloud, unless the user turns the knob.
_DAMPING = 0.01

#: How many steps lie between two entries of the energies' history, and how many entries are kept.
_EVERY, _KEPT = 10, 1000


class Superfluid:
    """The computation; it knows nothing of plotting.

    Parameters
    ----------
    points : int
        Grid points along each side.
    pairs : int
        Vortices of each sense of rotation at the beginning.
    stirring : float
        Height of the laser beam's potential, in chemical potentials; 0 leaves the cloud alone.
    damping : float
        The friction with the thermal cloud, dimensionless.
    time_step : float
        In units of the inverse trap frequency.
    seed : int
        For the places of the vortices at the beginning.

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
        damping: float = _DAMPING,
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
        self._history = np.empty((2 * _KEPT, 4))
        self._entries = 0
        self.psi: Field = np.sqrt(np.maximum(CHEMICAL_POTENTIAL - self._trap, 0.0)).astype(np.complex64)
        self._relax(60)
        self.imprint(np.random.default_rng(seed), pairs)
        self._relax(10)  # takes away the sound that the imprinting made

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
        """Change the trap's strength (1 is the usual one, 0 sets the cloud free) and the friction, from the next step on."""
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
        """Time and the three energies, one row an entry, oldest first; shape (entries, 4). A view."""
        return self._history[max(0, self._entries - _KEPT) : self._entries]

    def imprint(self, random: np.random.Generator, pairs: int) -> None:
        """Wind the phase around random points, as often to the left as to the right."""
        for winding in (1, -1) * pairs:
            distance, angle = 0.7 * self.radius * np.sqrt(random.random()), 2.0 * np.pi * random.random()
            from_x = self._axis[None, :] - distance * np.cos(angle)
            from_y = self._axis[:, None] - distance * np.sin(angle)
            core = 2.0 * CHEMICAL_POTENTIAL * (from_x**2 + from_y**2)
            self.psi *= np.sqrt(core / (core + 2.0)) * np.exp(1j * winding * np.arctan2(from_y, from_x))

    def _relax(self, steps: int, tau: float = 0.005) -> None:
        """Steps in imaginary time, towards the cloud at rest."""
        kinetic = np.exp(-tau * self._kinetic)
        for _ in range(steps):
            self.psi *= np.exp(-tau * (self._trap + self.density - CHEMICAL_POTENTIAL))
            self.psi[...] = np.fft.ifft2(np.fft.fft2(self.psi) * kinetic)

    def _propagator(self) -> Field:
        """What a time step does to each momentum."""
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
        # In single precision cosine and sine take a third of the time of the complex exponential.
        np.cos(energy, out=self._potential_factor.real)
        np.sin(energy, out=self._potential_factor.imag)
        energy *= np.float32(self._damping)
        self.psi *= self._potential_factor
        self.psi *= np.exp(energy, out=energy)

    def _note(self) -> None:
        """Add an entry to the history; rows move only when the array is full, so that `history` is a view."""
        if self._entries == len(self._history):
            self._history[:_KEPT] = self._history[-_KEPT:]
            self._entries = _KEPT
        self._history[self._entries] = (self.time, *self.energies())
        self._entries += 1


class SuperfluidPlotter:
    """Density, phase with the vortices, and energies; it knows nothing of the computation."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        from ..plotters import Controls

        pyplot.style.use(["dark_background", {"legend.fontsize": "small", "legend.framealpha": 0.5}])
        self.figure, axes = pyplot.subplots(
            1, 3, figsize=(12.6, 4.0), width_ratios=(1, 1, 1.1), layout="constrained"
        )
        self._density = _picture(axes[0], "density", "inferno", (0.0, CHEMICAL_POTENTIAL))
        bar = self.figure.colorbar(self._density, ax=axes[0], shrink=0.85, label="g · density / ħω")
        bar.set_ticks([0, 8, 16, 24])
        self._phase = _picture(axes[1], "phase and vortices", "twilight", (-np.pi, np.pi))
        bar = self.figure.colorbar(self._phase, ax=axes[1], shrink=0.85, label="phase / rad")
        bar.set_ticks([-np.pi, 0.0, np.pi], labels=["-π", "0", "π"])
        self._vortices = {
            1: axes[1].plot([], [], "o", color="#56b4e9", ms=7, mfc="none", mew=1.8, label="+2π")[0],
            -1: axes[1].plot([], [], "s", color="#e69f00", ms=6, mfc="none", mew=1.8, label="-2π")[0],
        }
        axes[1].legend(loc="lower right", ncols=2, handletextpad=0.2, columnspacing=1.0)
        self._time, self._count = (axis.text(0.03, 0.93, "", transform=axis.transAxes) for axis in axes[:2])
        self._energy_axis = axes[2]
        colours = {"kinetic": "#56b4e9", "trap": "#e69f00", "interaction": "#009e73"}
        self._energies = [axes[2].plot([], [], color=colours[name], label=name)[0] for name in colours]
        axes[2].set(title="energy per particle", xlabel="ω · time", ylabel="energy / ħω", ylim=(0.0, 12.0))
        axes[2].legend(loc="upper right", ncols=3, handlelength=1.2, columnspacing=1.0)
        axes[2].grid(alpha=0.25)
        axes[2].set_xlim(0.0, 2.0)
        # The layout is made once: made at each draw, it would double the time that drawing takes.
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        self.controls = Controls(
            trap=(0.0, 2.0, 1.0), dissipation=(0.0, 0.1, _DAMPING), readouts=["vortices"]
        )

    def update(self, psi: Field, time: float, history: Any) -> None:
        """Show the field (complex, square) with its vortices, and the history of the energies."""
        density = density_of(psi)
        self._density.set_data(density)
        self._phase.set_data(np.angle(psi))
        # Where there is no fluid the phase means nothing.
        self._phase.set_alpha(np.clip(density / (0.08 * CHEMICAL_POTENTIAL), 0.0, 1.0))
        found = vortices(psi, LENGTH / 2)
        for number, marks in self._vortices.items():
            chosen = found[found[:, 2] == number]
            marks.set_data(chosen[:, 0], chosen[:, 1])
        self._time.set_text(f"t = {time:.1f} / ω")
        self._count.set_text(f"{len(found)} vortices")
        self.controls.show(vortices=len(found))
        for column, line in enumerate(self._energies, 1):
            line.set_data(history[:, 0], history[:, column])
        self._keep_in_view(history)

    def _keep_in_view(self, history: Any) -> None:
        """Move the limits of the energies only when they are left, so that the ticks stay still."""
        if not len(history):
            return
        highest = history[:, 1:].max()
        if highest > 0.85 * self._energy_axis.get_ylim()[1]:
            self._energy_axis.set_ylim(0.0, 1.5 * highest)
        start, end = history[0, 0], history[-1, 0]
        left, right = self._energy_axis.get_xlim()
        if end > right or start > left + 0.5 * (right - left):
            self._energy_axis.set_xlim(start, end + max(0.5 * (end - start), 2.0))


class Demo:
    """What the runner needs: steps, and the arguments of ``update``."""

    plotter = SuperfluidPlotter

    def __init__(self) -> None:
        self.fluid = Superfluid(pairs=9)
        self.step = self.fluid.step

    def steer(self, received: Mapping[str, Any]) -> None:
        """Follow the knobs."""
        self.fluid.steer(_number(received.get("trap"), 1.0), _number(received.get("dissipation"), _DAMPING))

    def arguments(self) -> tuple[Any, ...]:
        """The arguments of ``update`` now: references. The vortices are looked for in the viewer."""
        return self.fluid.psi, self.fluid.time, self.fluid.history

    def summary(self) -> str:
        """One line on how the computation stands."""
        return f"t = {self.fluid.time:.2f}, {len(vortices(self.fluid.psi, self.fluid.length / 2))} vortices"


def _number(value: Any, default: float) -> float:
    """What came, if it is a number that a knob could send."""
    return float(value) if isinstance(value, (int, float)) and 0.0 <= value <= 10.0 else default


def density_of(psi: npt.NDArray[np.complexfloating]) -> Real:
    """The density of a field."""
    density: Real = np.square(psi.real, dtype=np.float32, casting="same_kind")
    density += np.square(psi.imag, dtype=np.float32, casting="same_kind")
    return density


def winding(psi: Field) -> npt.NDArray[np.int64]:
    """The winding number of the phase around each cell of the grid: -1, 0 or 1, with few exceptions."""
    along_x = np.angle(np.roll(psi, -1, 1) * psi.conj())
    along_y = np.angle(np.roll(psi, -1, 0) * psi.conj())
    around = along_x + np.roll(along_y, -1, 1) - np.roll(along_x, -1, 0) - along_y
    number: npt.NDArray[np.int64] = np.rint(around / (2.0 * np.pi)).astype(np.int64)
    return number


def vortices(psi: Field, half_width: float, threshold: float = 0.2) -> npt.NDArray[np.float64]:
    """The vortices inside the cloud, one row each: x, y and winding number; shape (vortices, 3).

    Inside is where the density, averaged over the size of a core, exceeds ``threshold`` of its maximum.
    """
    spacing = 2.0 * half_width / len(psi)
    wave = np.exp(-((np.fft.fftfreq(len(psi)) * 2.0 * np.pi * 0.4 / spacing) ** 2) / 2.0)
    smooth = np.fft.ifft2(np.fft.fft2(density_of(psi)) * np.multiply.outer(wave, wave)).real
    number = winding(psi)
    rows, columns = np.nonzero(number * (smooth > threshold * smooth.max()))
    x, y = ((index + 0.5) * spacing - half_width for index in (columns, rows))
    return np.stack([x, y, number[rows, columns]], 1)


def _picture(axis: Any, title: str, colours: str, limits: tuple[float, float]) -> Any:
    """An empty picture of the square that is computed. Few ticks: each costs the drawing 0.3 ms."""
    ticks = [-5, 0, 5]
    axis.set(title=title, xlabel="x / trap length", ylabel="y / trap length", xticks=ticks, yticks=ticks)
    extent = (-LENGTH / 2, LENGTH / 2, -LENGTH / 2, LENGTH / 2)
    blank = np.zeros((2, 2))
    return axis.imshow(blank, extent=extent, origin="lower", cmap=colours, vmin=limits[0], vmax=limits[1])
