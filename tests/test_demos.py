"""The demos compute what they say they compute, and the commands tell what they cost."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from asyncplot.demos import training, vortices


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m asyncplot`` as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "asyncplot", *words], capture_output=True, text=True, check=False, timeout=50
    )


def test_vortices_are_quantised() -> None:
    """Around each vortex the phase winds by exactly plus or minus 2 pi, and the density vanishes there."""
    fluid = vortices.Superfluid(points=128)
    found = vortices.vortices(fluid.psi, fluid.length / 2)
    assert len(found) == 8  # four pairs were imprinted
    assert sorted(found[:, 2]) == [-1, -1, -1, -1, 1, 1, 1, 1]
    for x, y, number in found:
        column, row = ((place + fluid.length / 2) / fluid.length * 128 for place in (x, y))
        angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        rows = np.rint(row + 2 * np.sin(angle)).astype(int)
        columns = np.rint(column + 2 * np.cos(angle)).astype(int)
        phase = np.angle(fluid.psi[rows, columns])
        steps = (np.diff(phase, append=phase[0]) + np.pi) % (2 * np.pi) - np.pi
        assert steps.sum() == pytest.approx(2 * np.pi * number, abs=1e-3)
        assert fluid.density[int(row), int(column)] < 0.35 * fluid.density.max()


def test_superfluid_without_stirring_and_damping_keeps_its_norm() -> None:
    """Without damping the number of particles is kept, to the precision of complex64."""
    fluid = vortices.Superfluid(points=64, damping=0.0)
    before = fluid.density.sum()
    for _ in range(200):
        fluid.step()
    assert fluid.density.sum() == pytest.approx(before, rel=1e-3)


def test_superfluid_is_updated_in_place() -> None:
    """The field keeps its memory, so that a waiting frame is a reference to what is computed."""
    fluid = vortices.Superfluid(points=64)
    address = fluid.psi.ctypes.data
    fluid.step()
    assert fluid.psi.ctypes.data == address
    assert fluid.psi.dtype == np.complex64


def test_network_learns() -> None:
    """After 1,500 steps more than nine of ten digits that the network has never seen are told right."""
    network = training.Network(*training.digits())
    for _ in range(1500):
        network.step()
    assert network.accuracies()[1] > 0.9
    assert network.history[-1, 1] < network.history[0, 1]


@pytest.mark.parametrize("name", ["vortices", "training"])
def test_demo_ends_with_its_cost(name: str) -> None:
    """`asyncplot demo` draws frames, and its table adds up."""
    done = command("demo", name, "--seconds", "3", "--backend", "offscreen", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["drawn"] > 0
    assert report["called"] == report["taken"] + report["superseded"] - (report["taken"] - report["drawn"])
    assert report["iterations"] > report["called"] > 1


def test_doctor_finds_what_works() -> None:
    """`asyncplot doctor` starts real viewers; without a display only offscreen works, and it says why."""
    done = command("doctor", "--json")
    assert done.returncode == 1, done.stderr  # no window can be shown
    report = json.loads(done.stdout)
    assert report["backends"]["offscreen"]["works"]
    for name in ("qt", "tk"):
        assert not report["backends"][name]["works"]
        assert "DISPLAY" in report["backends"][name]["reason"]


def test_doctor_on_a_display(display: str) -> None:
    """On a display the doctor draws a frame in a real Qt window and a real Tk window."""
    done = command("doctor", "--json")
    assert done.returncode == 0, done.stderr
    assert all(found["works"] for found in json.loads(done.stdout)["backends"].values()), done.stdout


def test_wrong_usage_is_told() -> None:
    """An unknown demo ends with exit code 2 and names the known ones."""
    done = command("demo", "nonsense")
    assert done.returncode == 2
    assert "vortices" in done.stderr
