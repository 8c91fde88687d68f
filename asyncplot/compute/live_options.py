"""The options of a `Server`. They are checked when it is made, so a wrong value is an error at once. Pure."""

from __future__ import annotations

import dataclasses
import os
import threading

from .. import settings
from ..errors import ConfigurationError
from ..rundir import ViewerOptions


@dataclasses.dataclass(frozen=True)
class LiveOptions:
    """The options of a live session. Each is described at `Server`.

    Attributes
    ----------
    max_overhead, persist, respawn, strict, request_timeout
        As for `Server`.
    copies : bool
        Whether each call copies its frame (``copy="always"``).
    starts_viewer : bool
        Whether a viewer is started now.
    viewer : ViewerOptions
        The part of ``run.json`` that tells viewers how to show the run.

    Raises
    ------
    ConfigurationError
        If an option has a value that cannot work.
    """

    max_overhead: float
    copies: bool
    persist: bool
    respawn: bool
    strict: bool
    starts_viewer: bool
    request_timeout: float | None
    viewer: ViewerOptions

    def __post_init__(self) -> None:
        if not self.max_overhead > 0.0:
            raise ConfigurationError(
                f"max_overhead={self.max_overhead!r} must be above 0; 0.01 is 1 % of the wall time"
            )
        timeout = self.request_timeout
        if timeout is not None and not 0.0 < timeout <= threading.TIMEOUT_MAX:
            raise ConfigurationError(
                f"request_timeout={timeout!r} must be seconds above 0, or None to wait as long as a viewer lives"
            )


def viewer_options(
    backend: str | None, save: str | os.PathLike[str] | None, *, blit: bool, in_cell: bool
) -> ViewerOptions:
    """What the viewers of a run are told. ``in_cell``: a notebook shows the figures, if no backend was chosen.

    Raises
    ------
    ConfigurationError
        If an option has a value that cannot work.
    """
    chosen = settings.checked_backend(backend) or settings.backend()
    embedded = in_cell and chosen is None
    port = settings.page_port(in_cell=embedded)
    return ViewerOptions(
        backend="web" if embedded else chosen,
        save=template(save),
        blit=blit,
        port=port,
        browser=chosen == "web" and port is not None and settings.has_display(),
        embedded=embedded,
    )


def copies(copy: str) -> bool:
    """Whether each call copies its frame.

    Raises
    ------
    ConfigurationError
        If ``copy`` is neither "auto" nor "always".
    """
    if copy not in {"auto", "always"}:
        raise ConfigurationError(f"copy={copy!r}: use 'auto' or 'always'")
    return copy == "always"


def template(save: str | os.PathLike[str] | None) -> str | None:
    """The absolute form of ``save``; None if there is none.

    Raises
    ------
    ConfigurationError
        If ``save`` has a placeholder other than ``{frame}`` and ``{figure}``.
    """
    if save is None:
        return None
    path = str(settings.absolute(save))
    try:
        path.format(frame=1, figure=1)
    except (KeyError, IndexError, ValueError) as error:
        raise ConfigurationError(
            f"save={str(save)!r}: only {{frame}} and {{figure}} can be filled in"
        ) from error
    return path
