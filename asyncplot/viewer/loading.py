"""The user's plotter, loaded from the run directory and made. Viewer, GUI thread.

Standard library only, until a plotter is loaded: numpy, matplotlib and cloudpickle may be on a path that the
computation set by hand.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from ..errors import ShippingError
from ..rundir import installation


def read_package(path: Path) -> dict[str, Any]:
    """What the computation sends of its plotter and its paths: plain data, in which the plotter is still packed."""
    package: dict[str, Any] = pickle.loads(path.read_bytes())
    return package


def take_paths(package: dict[str, Any]) -> None:
    """Look for modules where the computation does.

    In the same installation of Python in the same order, so that each module is the very one that the script
    has. Another one has packages of its own, which come first: those of one Python do not work in another.
    """
    if package["installation"] == installation():
        sys.path[:] = [*package["path"], *(entry for entry in sys.path if entry not in package["path"])]
    sys.path += [entry for entry in package["paths"] if entry not in sys.path]


def load_plotter(package: dict[str, Any]) -> Any:
    """Load the plotter, and make it if it is a class or a factory.

    Raises
    ------
    ShippingError
        If it cannot cross from the computation's Python to this one.
    Exception
        What the plotter's own constructor raised.
    """
    plotter = _by_value(package) if package["python"] == sys.version_info[:2] else _by_name(package)
    # A class or a factory is called; an instance is what has the method already.
    return plotter() if isinstance(plotter, type) or not hasattr(plotter, "update") else plotter


def _by_value(package: dict[str, Any]) -> Any:
    import cloudpickle

    return cloudpickle.loads(package["by_value"])


def _by_name(package: dict[str, Any]) -> Any:
    theirs, ours = ".".join(map(str, package["python"])), ".".join(map(str, sys.version_info[:2]))
    versions = f"the computation runs Python {theirs}, this plotting interpreter is Python {ours}"
    if package["by_name"] is None:
        raise ShippingError(
            f"the plotter {package['described']} cannot be sent: {versions}, so only a plotter that can be "
            f"imported by its name works, and this one cannot: {package['why_not_by_name']}"
        )
    try:
        return pickle.loads(package["by_name"])
    except (ImportError, AttributeError) as error:
        raise ShippingError(
            f"the plotter {package['described']} cannot be imported here ({error}); {versions}, "
            f"and its module is looked for in {', '.join(package['paths']) or 'no folder of its own'}"
        ) from error
