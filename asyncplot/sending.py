"""Values that a plotter sends back to the computation: `send`, from a slider, a click or a key.

In: a name and plain data, in the process that runs the plotter, on any of its threads. Out: what that process
has put here as its outlet: a viewer writes a file, an inline plotter fills its server's `received`.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from .errors import AsyncplotError, SendError

#: The longest name, characters.
NAME = 64


class Outlet(Protocol):
    """Where values go."""

    def send(self, name: str, value: Any) -> None:
        """Take the newest value of a name; it is plain."""
        ...


class Here:
    """The outlet of this process.

    One for the whole process, and not a context variable: threads of the plotter's begin with an empty
    context, and a process is the viewer of one run at most.
    """

    outlet: Outlet | None = None


def send(name: str, value: Any) -> None:
    """Send a value to the computation, where ``plot.received`` has the newest one of each name.

    For plotters, in a viewer; any thread. Nothing is called over there: the computation looks when it likes.

    Parameters
    ----------
    name : str
        1 to 64 characters.
    value : plain data
        None, bool, int, float, str; lists, tuples (which arrive as lists) and dictionaries (whose keys arrive
        as str) of these; numpy scalars and small arrays (which arrive as numbers and lists). At most 64 kB with all
        other names of this viewer.

    Raises
    ------
    SendError
        If the value is not plain, or too large; what was sent before stays.
    AsyncplotError
        If this process runs no plotter.
    """
    if Here.outlet is None:
        raise AsyncplotError(
            f"send({name!r}, ...) is for plotters, and this process runs none; a computation calls update"
        )
    if not isinstance(name, str) or not 0 < len(name) <= NAME:
        raise SendError(f"send({name!r}, ...): a name is a str of 1 to {NAME} characters")
    Here.outlet.send(name, plain(name, value))


def plain(name: str, value: Any) -> Any:
    """``value`` as JSON has it; raises SendError if it cannot be told so."""
    try:
        return json.loads(json.dumps(value, default=_of_numpy))
    except (TypeError, ValueError, RecursionError) as error:
        raise SendError(
            f"send({name!r}, ...): {error}; send None, bool, int, float, str, and lists and dictionaries of these "
            "(of a complex number its real and imag)"
        ) from error


def _of_numpy(value: Any) -> Any:
    """Numpy's scalars and arrays as Python's; without importing numpy."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__qualname__} is not plain data")
