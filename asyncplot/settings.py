"""The ``ASYNCPLOT*`` variables of the environment, and the user's home. No other module asks for them.

A keyword of `asyncplot.Server` wins over its variable, and a variable wins over the default. They are read when a
`Server` is made and when a viewer starts, never at import. There may be no home: a container often has no ``HOME``, and a
user id without a passwd entry.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from .errors import ConfigurationError

VARIABLES: Mapping[str, str] = {
    "ASYNCPLOT": "`off` turns every Server into no-ops; `on` (the default) does not",
    "ASYNCPLOT_BACKEND": "backend of the viewers: qt, macosx, tk, gtk, wx, web or offscreen (default: what the plotting "
    "interpreter chose, else MPLBACKEND, else what loads)",
    "ASYNCPLOT_LOG": "level of the log on both sides: debug, info, warning or error",
    "ASYNCPLOT_RANKS": "`all` lets every rank of MPI, SLURM or torchrun show its plot (default: rank 0 only)",
    "ASYNCPLOT_RUNTIME_DIR": "where run directories are made (default: /dev/shm/asyncplot-UID, "
    "else the folder for temporary files)",
    "ASYNCPLOT_SECRET_FILE": "file with the secret that `asyncplot serve` and its callers share "
    "(default: asyncplot/secret in the user's folder for configuration)",
    "ASYNCPLOT_WEB_PORT": "port of 127.0.0.1 for the page of a web viewer, or `none` (default: any free one on a terminal, none in a "
    "batch job and for figures under a cell)",
    "ASYNCPLOT_THEME": "`light` (the default) or `dark`: how the ready-made plotters look with theme='auto'",
}

#: The names of the backends, in the order in which they are tried. The viewer has a module for each.
#: macOS's own comes after Qt, which can do more. "gtk" and "wx" come after those that most users have. A page needs no screen.
BACKENDS = ("qt", "macosx", "tk", "gtk", "wx", "web", "offscreen")

_OFF = {"off", "0", "false", "no"}
_ON = {"on", "1", "true", "yes", ""}

#: The rank of this process, as the launchers of MPI programs export it. The first one found counts. SLURM's comes
#: last: ``mpirun`` in a SLURM job starts its daemons by ``srun``, and each rank then inherits the number of its
#: daemon. Batch scripts, and steps of one task, have the number 0, so each task of an array is a run of its own.
_RANKS = ("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID")

#: torchrun exports these three together. Other programs export ``RANK`` alone for other purposes.
_TORCHRUN = ("RANK", "LOCAL_RANK", "TORCHELASTIC_RUN_ID")


def switched_on() -> bool:
    """Whether plotting is on, as ``ASYNCPLOT`` says.

    Raises
    ------
    ConfigurationError
        If its word means neither on nor off.
    """
    word = os.environ.get("ASYNCPLOT", "").strip().lower()
    if word in _OFF:
        return False
    if word in _ON:
        return True
    raise ConfigurationError(f"ASYNCPLOT={word!r} is neither on nor off; set it to 'off', or unset it")


def rank_shows() -> bool:
    """Whether this process may show a plot: rank 0 of a program of several processes, or no such program."""
    if os.environ.get("ASYNCPLOT_RANKS", "").strip().lower() == "all":
        return True
    # torchrun comes first: often srun or mpirun starts it once on each node, and their rank is that of the node.
    torchrun = _TORCHRUN[:1] if all(name in os.environ for name in _TORCHRUN) else ()
    for variable in (*torchrun, *_RANKS):
        if variable in os.environ:
            return os.environ[variable].strip() == "0"
    return True


def backend() -> str | None:
    """The backend that ``ASYNCPLOT_BACKEND`` asks for, or None. Raises ConfigurationError."""
    return checked_backend(os.environ.get("ASYNCPLOT_BACKEND", "").strip() or None)


def checked_backend(name: str | None) -> str | None:
    """``name``, if it is one of the backends, or None.

    Raises
    ------
    ConfigurationError
        If there is no such backend.
    """
    if name is None or name in BACKENDS:
        return name
    raise ConfigurationError(f"there is no backend {name!r}; use one of {', '.join(BACKENDS)}")


#: Variables that the schedulers of clusters set in a batch job.
_SCHEDULERS = (
    "SLURM_JOB_ID",
    "PBS_JOBID",
    "LSB_JOBID",
    "JOB_ID",
    "OAR_JOB_ID",
    "FLUX_JOB_ID",
    "HTCONDOR_JOBID",
)


def page_port(*, in_cell: bool = False) -> int | None:
    """The port on which the page of a web viewer listens: 0 for any free one, None for none.

    Only who sees the line with the URL can open a page. That takes a terminal, or a notebook. In a batch job the line would
    stand in a file, and so would the secret in it. ``in_cell``: a notebook shows the figures, so no page is needed.

    Raises
    ------
    ConfigurationError
        If ``ASYNCPLOT_WEB_PORT`` is no port.
    """
    word = os.environ.get("ASYNCPLOT_WEB_PORT", "").strip().lower()
    if word == "none":
        return None
    if word:
        if not (word.isascii() and word.isdecimal() and len(word) <= 5 and int(word) < 1 << 16):
            raise ConfigurationError(f"ASYNCPLOT_WEB_PORT={word!r}: use a number from 0 to 65535, or 'none'")
        return int(word)
    if any(variable in os.environ for variable in _SCHEDULERS):
        return None
    return 0 if not in_cell and (_on_a_terminal() or kernel_shell() is not None) else None


def _on_a_terminal() -> bool:
    """Whether stderr, which gets the line with the URL, is a terminal."""
    try:
        return os.isatty(2)
    except OSError:
        return False


def kernel_shell() -> Any:
    """IPython's shell, if this is the kernel of a notebook; else None. IPython is not imported here."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return shell if hasattr(shell, "kernel") else None


def has_display() -> bool:
    """Whether windows, and so a browser, can be opened here."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def log_level() -> str | None:
    """The upper-case level that ``ASYNCPLOT_LOG`` asks for, or None.

    Raises
    ------
    ConfigurationError
        If there is no such level.
    """
    word = os.environ.get("ASYNCPLOT_LOG", "").strip().upper()
    if word in {"", "DEBUG", "INFO", "WARNING", "ERROR"}:
        return word or None
    raise ConfigurationError(f"ASYNCPLOT_LOG={word!r}: use debug, info, warning or error")


def theme() -> str:
    """The theme that ``ASYNCPLOT_THEME`` asks for: light or dark.

    Raises
    ------
    ConfigurationError
        If there is no such theme.
    """
    word = os.environ.get("ASYNCPLOT_THEME", "light")
    if word not in {"light", "dark"}:
        raise ConfigurationError(f"ASYNCPLOT_THEME={word!r}: use 'light' or 'dark'")
    return word


def runtime_directory() -> str | None:
    """The folder that ``ASYNCPLOT_RUNTIME_DIR`` names, or None."""
    return os.environ.get("ASYNCPLOT_RUNTIME_DIR", "").strip() or None


def secret_file() -> str | None:
    """The file that ``ASYNCPLOT_SECRET_FILE`` names, or None."""
    return os.environ.get("ASYNCPLOT_SECRET_FILE", "").strip() or None


def absolute(path: str | os.PathLike[str]) -> Path:
    """The absolute form of a path that the user wrote. ``~`` is the home.

    Raises
    ------
    ConfigurationError
        If there is no home, or the current directory was removed, and the path needs it.
    """
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"{os.fspath(path)!r} needs the home or the current directory ({why}); write the whole path, from / on"
        ) from error


def own_folder(kind: Literal["state", "config"]) -> Path:
    """The folder of asyncplot among the user's files. It may not be there.

    Raises
    ------
    ConfigurationError
        If the user has no home, and no XDG variable names the folder; or if it cannot be asked for now.
    """
    try:
        import platformdirs  # here, because a viewer begins with the standard library alone

        find = platformdirs.user_state_path if kind == "state" else platformdirs.user_config_path
        return find("asyncplot", appauthor=False)
    except OSError as error:  # there is no descriptor left to read the files of platformdirs
        raise ConfigurationError(f"the folder for asyncplot's {kind} cannot be found: {error}") from error
    except RuntimeError as error:
        raise ConfigurationError(
            f"this user has no home, so there is no folder for asyncplot's {kind}; set HOME, or XDG_{kind.upper()}_HOME"
        ) from error
