"""The demo ``vortices``: a stirred superfluid, its density, its phase with the vortices, and its energies.

`Superfluid` computes in the user's process; `SuperfluidPlotter` draws in the viewer, on the GUI thread; `Demo` brings them
together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .superfluid import CHEMICAL_POTENTIAL, DAMPING, LENGTH, Field, Superfluid, density_of, vortices


class SuperfluidPlotter:
    """Density, phase with the vortices, and energies. It does not know of the computation."""

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
        # The layout is made only once. Made in each draw, it would double the time of drawing.
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        self.controls = Controls(trap=(0.0, 2.0, 1.0), dissipation=(0.0, 0.1, DAMPING), readouts=["vortices"])

    def update(self, psi: Field, time: float, history: Any) -> None:
        """Show the field (complex, square) with its vortices, and the history of the energies."""
        density = density_of(psi)
        self._density.set_data(density)
        self._phase.set_data(np.angle(psi))
        # Where there is no fluid, the phase has no meaning.
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
        """Change the limits of the energies only when the data leave them, so that the ticks stay still."""
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
        """Take the values of the knobs."""
        self.fluid.steer(_number(received.get("trap"), 1.0), _number(received.get("dissipation"), DAMPING))

    def arguments(self) -> tuple[Any, ...]:
        """The arguments of ``update``: references, no copies. The vortices are found in the viewer."""
        return self.fluid.psi, self.fluid.time, self.fluid.history

    def summary(self) -> str:
        """One line about the state of the computation."""
        return f"t = {self.fluid.time:.2f}, {len(vortices(self.fluid.psi, self.fluid.length / 2))} vortices"


def _number(value: Any, default: float) -> float:
    """The value, if it is a number that a knob can send; else the default."""
    return float(value) if isinstance(value, (int, float)) and 0.0 <= value <= 10.0 else default


def _picture(axis: Any, title: str, colours: str, limits: tuple[float, float]) -> Any:
    """An empty picture of the square that is computed. It has few ticks: drawing each takes 0.3 ms."""
    ticks = [-5, 0, 5]
    axis.set(title=title, xlabel="x / trap length", ylabel="y / trap length", xticks=ticks, yticks=ticks)
    extent = (-LENGTH / 2, LENGTH / 2, -LENGTH / 2, LENGTH / 2)
    blank = np.zeros((2, 2))
    return axis.imshow(blank, extent=extent, origin="lower", cmap=colours, vmin=limits[0], vmax=limits[1])
