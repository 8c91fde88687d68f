"""Loads the user's plotter from the run directory, and makes it. GUI thread.

In: the file ``plotter``. Out: the plotter. Uses the standard library only until the plotter is loaded: numpy, matplotlib and
cloudpickle may be on a path that the computation added by hand.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from ..errors import ShippingError
from ..rundir import installation


def read_package(path: Path) -> dict[str, Any]:
    """The plotter and the paths of the computation: plain data, with the plotter as bytes that are not yet unpickled."""
    package: dict[str, Any] = pickle.loads(path.read_bytes())
    return package


def take_paths(package: dict[str, Any]) -> None:
    """Take over the computation's ``sys.path``.

    In the same installation of Python its entries come first and in the same order, so that each module is the same one that
    the script imports. In another installation this interpreter's own packages come first: packages of one Python do not
    work in another.
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
    # An object with the method is the plotter itself. A class or another callable makes it.
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
