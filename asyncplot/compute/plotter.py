"""The user's plotter on the compute side: it is sent to the viewers, and it may prepare the arguments of a frame.

`write_plotter` puts the plotter into the run directory, where each viewer loads it. By value (cloudpickle: a class of the
script, of a notebook cell, a closure) where the two Pythons have the same minor version. By name (plain pickle) where they
have not: code by value of another minor version crashes, or silently computes something wrong. Modules of the user's own
are found by their folders, which are sent along and appended to the viewer's ``sys.path``. A viewer of this very
installation of Python has all of our ``sys.path``, in its order.

`Preparation` is the plotter's ``prepare``. In: the arguments of a call that is taken, and what the viewers say of their
views. Out: the arguments that the viewer's ``update`` gets. It reduces 1 GB to what the plot shows. It runs in the thread
of the take, which may be the helper's. Its time is that of the frame, and counts into the budget.
"""

from __future__ import annotations

import inspect
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle

from ..errors import ConfigurationError, FrameError, ShippingError
from ..frames import shipment
from ..rundir import installation, write_file

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class Preparation:
    """A plotter's ``prepare``.

    Parameters
    ----------
    function : callable
        Gets the arguments of a call; returns those of the viewer's ``update``: a tuple of positional ones, or a
        dictionary of keywords.
    views : callable
        What the viewers say that they show: a list of plain data.
    """

    def __init__(self, function: Callable[..., Any], views: Callable[[], list[Any]]) -> None:
        self._function = function
        self._views = views if "views" in inspect.signature(function).parameters else None

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """Prepare one frame.

        Raises
        ------
        FrameError
            If the plotter's ``prepare`` raises, or returns something else.
        """
        try:
            if self._views is None:
                prepared = self._function(*args, **kwargs)
            else:
                prepared = self._function(*args, **kwargs, views=self._views())
        except Exception as error:
            raise FrameError(f"the plotter's prepare raised {type(error).__name__}: {error}") from error
        if isinstance(prepared, tuple):
            return prepared, {}
        if isinstance(prepared, dict):
            return (), prepared
        raise FrameError(
            f"the plotter's prepare returned a {type(prepared).__name__}; it returns what update gets: a tuple "
            "of its arguments, or a dictionary of its keywords"
        )


def preparation(plotter: Any, views: Callable[[], list[Any]]) -> Preparation | None:
    """The preparation of a plotter; None if it has none.

    Raises
    ------
    ConfigurationError
        If it is a plain method of a class: there is no instance on the compute side.
    """
    function = getattr(plotter, "prepare", None)
    if function is None:
        return None
    if inspect.isclass(plotter) and not isinstance(
        inspect.getattr_static(plotter, "prepare"), staticmethod | classmethod
    ):
        raise ConfigurationError(
            f"{plotter.__qualname__}.prepare runs on the compute side, where there is no instance: make it a "
            "@staticmethod"
        )
    if not callable(function):
        raise ConfigurationError(f"the plotter's prepare is a {type(function).__name__}, and not a function")
    return Preparation(function, views)


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
