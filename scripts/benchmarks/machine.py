"""The machine, the versions and the date of a measurement. Without them its figures mean nothing."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import asyncplot

_PACKAGES = ("numpy", "matplotlib", "rpyc", "PySide6-Essentials", "PyQt6", "pyqtgraph", "tornado")


def describe(backend: str) -> dict[str, str]:
    """Processor, system, versions, backend and date."""
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "cpu": _cpu(),
        "cores": f"{len(os.sched_getaffinity(0))} cores",
        "load": f"load {os.getloadavg()[0]:.1f} at the start",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "asyncplot": f"asyncplot {asyncplot.__version__}",
        **{name: f"{name} {found}" for name in _PACKAGES if (found := _version(name))},
        "backend": f"backend {backend}",
    }


def sentence(described: dict[str, str]) -> str:
    """The same, as one sentence."""
    return f"Measured on {described['date']}: " + ", ".join(list(described.values())[1:]) + "."


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
