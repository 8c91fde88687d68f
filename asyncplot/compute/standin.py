"""What `Server.plotter` is where there is no live plotter: an object that takes everything and does nothing.

Compute side, any thread. A script that sets a title behind its loop runs to its end with plotting off, on another MPI
rank, after the user closed the window, and after the viewer crashed. What is really wrong, `Server.check` says.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from ..errors import AsyncplotError
from ..log import logger

#: Where the reason stands: attributes of any other name are the plotter's.
_WHY = "_asyncplot_why"


class StandIn:
    """Stands for the live plotter, and for whatever is reached through it.

    Each attribute, item, call and sum of it is a stand-in again. It is false and empty, and equal to nothing; as a
    number it is not a number, or 0 where an integer is asked for. What is set in it is forgotten.

    Parameters
    ----------
    why : str
        Why there is no live plotter; its repr says so.

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
            # Python and numpy ask for these to find out what an object can do.
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
    """What a request to the live plotter gives that nobody can answer: a stand-in, or the error.

    Parameters
    ----------
    name : str
        The run's name, for the log.
    strict : bool
        Whether the error is raised.
    level : int
        Of the one line in the log.

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
        """A stand-in whose repr says what ``error`` does; raises it if that was asked for. Any thread."""
        if self._strict:
            raise error
        if not self._told:
            self._told = True
            logger.log(
                self._level, "%s: what is asked of the live plotter does nothing: %s", self.name, error
            )
        return StandIn(str(error).partition("\n")[0])
