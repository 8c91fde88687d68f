"""The stand-in: `Server.plotter` if there is no live plotter. It accepts everything and does nothing.

In: the error that tells why there is no live plotter. Out: a stand-in, or that error with ``strict=True``.
Compute side, any thread.

Example: a script sets a title after its loop. It runs to its end with plotting off, on another MPI rank,
after the user closed the window, and after the viewer crashed. `Server.check` raises the error.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from ..errors import AsyncplotError
from ..log import logger

#: The attribute that holds the reason. Attributes of any other name belong to the plotter.
_WHY = "_asyncplot_why"


class StandIn:
    """Takes the place of the live plotter, and of everything that is reached through it.

    Each attribute, item, call and sum of a stand-in is a stand-in. It is false and empty, and equal to
    nothing else. As a float it is nan, as an integer 0. What is assigned to it is forgotten.

    Parameters
    ----------
    why : str
        Why there is no live plotter. The repr shows it.

    Examples
    --------
    >>> plotter = StandIn("there is no live plotter: plotting is switched off")
    >>> plotter.axes[0].set_title("done")
    <stand-in: there is no live plotter: plotting is switched off>
    >>> bool(plotter), list(plotter.lines), float(plotter.energy)
    (False, [], nan)
    """

    __slots__ = (_WHY,)

    def __init__(self, why: str) -> None:
        object.__setattr__(self, _WHY, why)

    def __repr__(self) -> str:
        return f"<stand-in: {object.__getattribute__(self, _WHY)}>"

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __reduce__(self) -> tuple[type[StandIn], tuple[str]]:
        return StandIn, (object.__getattribute__(self, _WHY),)

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__") and name.endswith("__"):
            # Python and numpy look for these names to find out what an object can do.
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __delattr__(self, name: str) -> None:
        pass

    def __dir__(self) -> list[str]:
        return []

    def __call__(self, *args: object, **kwargs: object) -> StandIn:
        return self

    def __getitem__(self, key: object) -> StandIn:
        return self

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __delitem__(self, key: object) -> None:
        pass

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __contains__(self, item: object) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __next__(self) -> Any:
        raise StopIteration

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __float__(self) -> float:
        return float("nan")

    def __complex__(self) -> complex:
        return complex("nan")

    def __int__(self) -> int:
        return 0

    def __index__(self) -> int:
        return 0


def _itself(self: StandIn, *_: object) -> StandIn:
    return self


def _no(self: StandIn, other: object) -> bool:  # noqa: ARG001 (the signature of a comparison)
    return False


for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "divmod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
):
    setattr(StandIn, f"__{_name}__", _itself)
    setattr(StandIn, f"__r{_name}__", _itself)
for _name in ("neg", "pos", "abs", "invert", "round", "trunc", "floor", "ceil"):
    setattr(StandIn, f"__{_name}__", _itself)
for _name in ("lt", "le", "gt", "ge"):
    setattr(StandIn, f"__{_name}__", _no)


class Absence:
    """Answers a request that no live plotter can answer: with a stand-in, or by raising the error.

    Parameters
    ----------
    name : str
        The run's name, for the log.
    strict : bool
        Whether to raise the error.
    level : int
        The level of the one line in the log.

    Attributes
    ----------
    name : str
        The run's name.
    """

    def __init__(self, name: str, *, strict: bool, level: int = logging.WARNING) -> None:
        self.name = name
        self._strict = strict
        self._level = level
        self._told = False

    def __call__(self, error: AsyncplotError) -> StandIn:
        """A stand-in whose repr shows the message of ``error``; with ``strict``, raises it. Any thread."""
        if self._strict:
            raise error
        if not self._told:
            self._told = True
            # As text: a handler that keeps its records would keep the error's frames, and what these hold.
            logger.log(self._level, "%s: requests to the live plotter do nothing: %s", self.name, str(error))
        return StandIn(str(error).partition("\n")[0])
