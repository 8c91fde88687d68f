"""The plotter, made ready to be sent: written into the run directory, loaded by each viewer.

Compute side. By value (cloudpickle: a class of the script, a notebook cell or a closure) where the two
Pythons have the same minor version, and by name (plain pickle) where they do not: by-value code of
another minor version crashes, or silently computes the wrong thing. Modules of the user's own are found
by their folders, which are sent along and appended to the viewer's ``sys.path``. A viewer of this very
installation of Python has all of our ``sys.path``, in its order.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import cloudpickle

from ..errors import ShippingError
from ..frames import shipment
from ..rundir import installation, write_file


def write_plotter(plotter: Any, path: Path) -> None:
    """Write the plotter (a class, a factory, or an instance) for the viewers to load.

    Raises
    ------
    ShippingError
        If it cannot be pickled.
    """
    try:
        by_value = shipment.loading("plotter", cloudpickle.dumps, plotter, protocol=5)
    except Exception as error:
        raise ShippingError(
            f"the plotter {_described(plotter)} cannot be sent to the viewer ({type(error).__name__}: {error}); "
            "it may use no open files, locks, or running objects of this process, nor the Server itself"
        ) from error
    by_name, why_not = _by_name(plotter)
    package = {
        "described": _described(plotter),
        "python": sys.version_info[:2],
        "installation": installation(),
        "path": [str(Path(entry).absolute()) for entry in sys.path if isinstance(entry, str)],
        "paths": own_paths(),
        "by_value": by_value,
        "by_name": by_name,
        "why_not_by_name": why_not,
    }
    # Protocol 4 and builtins only: any Python reads this much.
    write_file(path, pickle.dumps(package, protocol=4))


def own_paths() -> list[str]:
    """The entries of ``sys.path`` outside the interpreter's prefixes: where the user's own modules are.

    Shipping all of ``sys.path`` would put one Python's numpy into another.
    """
    prefixes = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    paths = []
    for entry in filter(lambda entry: isinstance(entry, str), sys.path):
        path = Path(entry or ".").resolve()
        if path.exists() and not any(path.is_relative_to(prefix) for prefix in prefixes):
            paths.append(str(path))
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if script is not None and (folder := str(Path(script).resolve().parent)) not in paths:
        paths.append(folder)
    return paths


def _by_name(plotter: Any) -> tuple[bytes | None, str]:
    """The plotter as a plain pickle, or None and why there is none."""
    try:
        data = shipment.loading("plotter", pickle.dumps, plotter, protocol=4)
    except Exception as error:  # noqa: BLE001 (an object's own __reduce__ raises what it likes)
        return None, f"{type(error).__name__}: {error}"
    if b"__main__" in data:
        return None, "it is defined in the script itself; move it into a module of its own"
    return data, ""


def _described(plotter: Any) -> str:
    name = getattr(plotter, "__qualname__", None) or f"instance of {type(plotter).__qualname__}"
    module = getattr(plotter, "__module__", None) or type(plotter).__module__
    return f"{module}.{name}"
