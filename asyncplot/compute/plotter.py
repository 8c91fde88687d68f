"""The user's plotter on the compute side: it is sent to the viewers, and it may prepare the frames.

`write_plotter` writes the plotter into the run directory. Each viewer loads it from there. If the two Pythons
have the same minor version, the plotter goes by value: cloudpickle writes the code of a class of the script,
of a notebook cell, or of a closure. Otherwise it goes by name (plain pickle), because code of another minor
version crashes or silently computes something wrong. The folders of the user's own modules are sent along,
and appended to the viewer's ``sys.path``. A viewer of the same installation of Python gets all of our
``sys.path``, in the same order.

`Preparation` is the plotter's ``prepare``. It can reduce 1 GB to what the plot shows. In: the arguments of a
call that is taken, and the views that the viewers report. Out: the arguments for the viewer's ``update``. It
runs in the thread of the take, which may be the helper's. Its time belongs to the frame, so the budget
includes it.
"""

from __future__ import annotations

import inspect
import os
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
        Takes the arguments of a call. Returns those of the viewer's ``update``: a tuple of positional
        arguments, or a dictionary of keyword arguments.
    views : callable
        Returns the views that the viewers report: a list of plain data.
    """

    def __init__(self, function: Callable[..., Any], views: Callable[[], list[Any]]) -> None:
        self._function = function
        self._views = views if "views" in inspect.signature(function).parameters else None

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """Prepare one frame.

        Raises
        ------
        FrameError
            If the plotter's ``prepare`` raises, or returns neither a tuple nor a dictionary.
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
            f"the plotter's prepare returned a {type(prepared).__name__}; it must return the arguments of update: a "
            "tuple, or a dictionary of keyword arguments"
        )


def preparation(plotter: Any, views: Callable[[], list[Any]]) -> Preparation | None:
    """The preparation of a plotter; None if the plotter has no ``prepare``.

    Raises
    ------
    ConfigurationError
        If ``prepare`` is not callable, or is a plain method of a class: the compute side has no instance of
        it.
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
        raise ConfigurationError(f"the plotter's prepare must be a function, not a {type(function).__name__}")
    return Preparation(function, views)


def write_plotter(plotter: Any, path: Path) -> None:
    """Write the plotter (a class, a factory, or an instance) to ``path``, for the viewers to load.

    Raises
    ------
    ShippingError
        If the plotter cannot be pickled.
    """
    try:
        by_value = shipment.loading("plotter", cloudpickle.dumps, plotter, protocol=5)
    except Exception as error:
        raise ShippingError(
            f"the plotter {_described(plotter)} cannot be sent to the viewer ({type(error).__name__}: {error}); "
            "it must not use open files, locks or running objects of this process, or the Server itself"
        ) from error
    by_name, why_not = _by_name(plotter)
    package = {
        "described": _described(plotter),
        "python": sys.version_info[:2],
        "installation": installation(),
        "path": [str(entry.absolute()) for entry in _entries()],
        "paths": own_paths(),
        "by_value": by_value,
        "by_name": by_name,
        "why_not_by_name": why_not,
    }
    # Protocol 4, and builtins only: any Python can read it.
    write_file(path, pickle.dumps(package, protocol=4))


def own_paths() -> list[str]:
    """The entries of ``sys.path`` outside the interpreter's prefixes: the user's own modules are there.

    All of ``sys.path`` would put the numpy of one Python into another.
    """
    prefixes = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    paths = []
    for entry in _entries():
        path = entry.resolve()
        if path.exists() and not any(path.is_relative_to(prefix) for prefix in prefixes):
            paths.append(str(path))
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if script is not None and _can_be_found(Path(script)):
        folder = str(Path(script).resolve().parent)
        paths += [folder] if folder not in paths else []
    return paths


def _entries() -> list[Path]:
    """The entries of ``sys.path``, without those in a current directory that was removed."""
    paths = [Path(entry) for entry in sys.path if isinstance(entry, str)]
    return [path for path in paths if _can_be_found(path)]


def _can_be_found(path: Path) -> bool:
    """Whether a path is absolute, or there is a current directory."""
    try:
        return path.is_absolute() or bool(os.getcwd())
    except OSError:
        return False


def _by_name(plotter: Any) -> tuple[bytes | None, str]:
    """The plotter as a plain pickle; or None, and the reason."""
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
