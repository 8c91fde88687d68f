"""The options of a `Server`, checked when it is made: what cannot work is an error at once. Pure."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from ..errors import ConfigurationError


def check(max_overhead: float, copy: str, request_timeout: float | None) -> None:
    """Check options, each as `Server` describes it.

    Raises
    ------
    ConfigurationError
        If one has a value that cannot work.
    """
    if not max_overhead > 0.0:
        raise ConfigurationError(
            f"max_overhead={max_overhead!r} must be above 0; 0.01 is 1 % of the wall time"
        )
    if copy not in {"auto", "always"}:
        raise ConfigurationError(f"copy={copy!r}: use 'auto' or 'always'")
    if request_timeout is not None and not 0.0 < request_timeout <= threading.TIMEOUT_MAX:
        raise ConfigurationError(
            f"request_timeout={request_timeout!r}: seconds above 0, or None to wait as long as a viewer lives"
        )


def template(save: str | os.PathLike[str] | None) -> str | None:
    """The absolute form of ``save``.

    Raises
    ------
    ConfigurationError
        If something else than ``{frame}`` and ``{figure}`` is to be filled in.
    """
    if save is None:
        return None
    path = str(Path(save).expanduser().absolute())
    try:
        path.format(frame=1, figure=1)
    except (KeyError, IndexError, ValueError) as error:
        raise ConfigurationError(
            f"save={str(save)!r}: only {{frame}} and {{figure}} can be filled in"
        ) from error
    return path
