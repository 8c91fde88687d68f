"""``asyncplot doctor``: which kinds of windows this machine can show; and, for the others, why not and what to do.

It starts one real viewer of each available kind, draws a frame there, and says how long that took.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from importlib import metadata
from typing import Any

from .. import Server, __version__, settings
from ..errors import AsyncplotError
from ..rundir import base_directory

_PACKAGES = (
    "numpy",
    "matplotlib",
    "rpyc",
    "cloudpickle",
    "platformdirs",
    "PySide6-Essentials",
    "PyQt6",
    "pyqtgraph",
    "ipython",
)
_SECONDS = 60.0

#: The backends without windows.
_NO_WINDOWS = {"web", "offscreen"}


class Probe:
    """The plotter of the test."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.figure, axes = pyplot.subplots()
        (self.line,) = axes.plot([0, 1], [0, 1])

    def update(self, values: list[float]) -> int:
        """Draw a line through the values, and return how many there are."""
        self.line.set_data(range(len(values)), values)
        return len(values)


HELP = "what this machine can show, with reasons and remedies"
DESCRIPTION = (
    "Start a viewer of each available kind, draw a frame there, and say what cannot be used, and why. Exit code 1 if "
    "no window can be shown."
)
EPILOG = "example: asyncplot doctor --json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    parser.add_argument("--json", action="store_true", help="print one JSON object, for machines")


def run(arguments: argparse.Namespace) -> int:
    """Test this machine and print what was found; 1 if no window can be shown."""
    report: dict[str, Any] = {
        "asyncplot": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "packages": {name: version(name) for name in _PACKAGES},
        "run_directories": directory(),
        "environment": {name: value(name) for name in settings.VARIABLES},
        "backends": {},
    }
    if not arguments.json:
        print_heading(report)
    for name in settings.BACKENDS:
        report["backends"][name] = examined(name)
        if not arguments.json:
            print_backend(name, report["backends"][name])
    if arguments.json:
        json.dump(report, sys.stdout, indent=2)
        print()
    shown = any(found["works"] for name, found in report["backends"].items() if name not in _NO_WINDOWS)
    return 0 if shown else 1


def examined(name: str) -> dict[str, Any]:
    """Whether a backend works here: what a real viewer of it says, or why there is none."""
    from ..viewer.backends import load

    why_not = load(name).unavailable()
    if why_not is not None:
        return {"works": False, "reason": why_not}
    start = time.monotonic()
    try:
        with Server(Probe, name="doctor", backend=name) as plot:
            pending = plot.update([3.0, 1.0, 2.0])
            pending.wait(_SECONDS)
            seconds = time.monotonic() - start
            if pending.value != 3:
                return {"works": False, "reason": f"the plotter returned {pending.value!r} instead of 3"}
            viewer = plot.viewers[0]
    except (AsyncplotError, TimeoutError) as error:
        return {"works": False, "reason": str(error)}
    return {
        "works": True,
        "reason": f"a viewer drew a frame {seconds:.2f} s after it was started",
        "matplotlib_backend": viewer.matplotlib_backend,
        "first_frame_seconds": round(seconds, 3),
    }


def version(package: str) -> str | None:
    """The installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def directory() -> str:
    """Where run directories go, or why nowhere."""
    try:
        return str(base_directory())
    except AsyncplotError as error:
        return f"nowhere: {error}"


def value(variable: str) -> str | None:
    """An environment variable, or None."""
    return os.environ.get(variable)


def print_heading(report: dict[str, Any]) -> None:
    """Print all but the backends."""
    print(f"asyncplot {report['asyncplot']}, Python {report['python']}")
    print(f"on {report['platform']}")
    for name, found in report["packages"].items():
        print(f"  {name:20} {found or '-'}")
    print(f"run directories: {report['run_directories']}")
    for name, found in report["environment"].items():
        if found is not None:
            print(f"  {name}={found}")
    print("backends:", flush=True)


def print_backend(name: str, found: dict[str, Any]) -> None:
    """Print one backend."""
    mark = "works" if found["works"] else "no"
    print(f"  {name:10} {mark:6} {found['reason']}", flush=True)
