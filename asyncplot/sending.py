"""Values that a plotter sends back to the computation: `send`, from a slider, a click or a key.

In: a name and plain data, in the process that runs the plotter, on any of its threads. Out: the outlet that this process has
connected. A viewer's outlet writes a file; the outlet of an inline plotter fills its server's `received`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .errors import AsyncplotError, SendError

#: The longest name, characters.
NAME = 64


class Outlet(Protocol):
    """Where values go."""

    def send(self, name: str, value: Any) -> None:
        """Take the newest value of a name; the value is plain data."""
        ...


class Panel(Protocol):
    """Where knobs are shown that need no figure: on a page."""

    def add(self, knobs: Sequence[Mapping[str, Any]]) -> None:
        """Put knobs there. Each has ``name``, ``kind`` (slider, button, readout), ``low``, ``high``, ``value``, ``unit``."""
        ...

    def show(self, values: Mapping[str, Any]) -> None:
        """Show values of sliders or read-outs, by name."""
        ...


class _Connection:
    """What `send` is connected to: nothing, or one outlet, and perhaps a panel."""

    def __init__(self) -> None:
        self.outlet: Outlet | None = None
        self.panel: Panel | None = None


#: The connection of this process; `connect` and `disconnect` change it for the outlet's owner, a viewer or an inline server.
#: It belongs to the process, because `send` is a function: a plotter would have to hand an object on to each of its
#: callbacks. A context variable would be empty in each thread that the plotter starts. And a process runs the plotter of one
#: viewer, or of inline servers, of which one is called at a time.
_process = _Connection()


def connect(outlet: Outlet, panel: Panel | None = None) -> None:
    """Have the values of this process go to an outlet from now on; and its knobs stand on a panel, if there is one."""
    _process.outlet, _process.panel = outlet, panel


def disconnect(outlet: Outlet) -> None:
    """Have no more values go to an outlet. If another one was connected since, that one stays."""
    if _process.outlet is outlet:
        _process.outlet = _process.panel = None


def panel() -> Panel | None:
    """Where this process shows knobs that need no figure; None: nowhere, so they need one."""
    return _process.panel


def is_connected() -> bool:
    """Whether this process runs a plotter, whose values go somewhere."""
    return _process.outlet is not None


def send(name: str, value: Any) -> None:
    """Send a value to the computation, where ``plot.received`` has the newest one of each name.

    For plotters, in a viewer, on any thread. It calls nothing in the computation: that reads the value when it wants to.

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
        If the value is not plain, or too large. What was sent before stays.
    AsyncplotError
        If this process runs no plotter.
    """
    outlet = _process.outlet
    if outlet is None:
        raise AsyncplotError(
            f"send({name!r}, ...) is for plotters, and this process runs none; a computation calls update"
        )
    if not isinstance(name, str) or not 0 < len(name) <= NAME:
        raise SendError(f"send({name!r}, ...): a name is a str of 1 to {NAME} characters")
    outlet.send(name, plain(name, value))


def plain(name: str, value: Any) -> Any:
    """``value`` after a round trip through JSON. Raises SendError if JSON cannot have it."""
    try:
        return json.loads(json.dumps(value, default=_of_numpy))
    except (TypeError, ValueError, RecursionError) as error:
        raise SendError(
            f"send({name!r}, ...): {error}; send None, bool, int, float, str, and lists and dictionaries of these "
            "(of a complex number its real and imag)"
        ) from error


def _of_numpy(value: Any) -> Any:
    """Numpy's scalars and arrays as numbers and lists, without importing numpy."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__qualname__} is not plain data")
