"""The commands that do not need a run: demo and doctor, as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m asyncplot`` as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "asyncplot", *words], capture_output=True, text=True, check=False, timeout=50
    )


@pytest.mark.parametrize("name", ["vortices", "training"])
def test_demo_ends_with_its_cost(name: str) -> None:
    """`asyncplot demo` draws frames, and the numbers in its table are consistent."""
    done = command("demo", name, "--seconds", "3", "--backend", "offscreen", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["drawn"] > 0
    assert report["called"] == report["taken"] + report["superseded"] - (report["taken"] - report["drawn"])
    assert report["iterations"] > report["called"] > 1


def test_doctor_finds_what_works() -> None:
    """`asyncplot doctor` starts real viewers. Without a display a page and offscreen work, and it tells why."""
    done = command("doctor", "--json")
    assert done.returncode == 1, done.stderr  # no window can be shown
    report = json.loads(done.stdout)
    assert report["backends"]["offscreen"]["works"]
    assert report["backends"]["web"]["works"]
    for name in ("qt", "tk"):
        assert not report["backends"][name]["works"]
        assert "DISPLAY" in report["backends"][name]["reason"]


def test_doctor_on_a_display(display: str) -> None:
    """On a display the doctor draws a frame in a real Qt window, in a real Tk window and on a page."""
    done = command("doctor", "--json")
    assert done.returncode == 0, done.stderr
    backends = json.loads(done.stdout)["backends"]
    assert all(backends[name]["works"] for name in ("qt", "tk", "web", "offscreen")), done.stdout


def test_wrong_usage_is_told() -> None:
    """An unknown demo ends with exit code 2 and names the known ones."""
    done = command("demo", "nonsense")
    assert done.returncode == 2
    assert "vortices" in done.stderr
