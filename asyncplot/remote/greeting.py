"""What the two ends of a relay tell each other first, and whether they can work together. Pure."""

from __future__ import annotations

import platform
import socket
import sys
from importlib import metadata
from typing import Any

from .. import __version__
from .compression import codecs


def greeting() -> dict[str, Any]:
    """What this end is: host, Python, and the versions that have to agree."""
    return {
        "host": socket.gethostname(),
        "interpreter": sys.executable,
        "python": platform.python_version(),
        "asyncplot": __version__,
        "rpyc": metadata.version("rpyc"),
        "numpy": metadata.version("numpy"),
        "codecs": codecs(),
    }


def incompatible(computation: dict[str, Any], viewer: dict[str, Any]) -> str | None:
    """Why these two cannot work together, and what to do; None if they can.

    asyncplot and rpyc must be the same, and numpy's major version: a pickle of one does not load in the
    other. A plotter crosses another minor version of Python by its name only, which its loading decides.

    Examples
    --------
    >>> here = {"host": "node7", "asyncplot": "1.0", "rpyc": "6.0.2", "numpy": "2.1.0"}
    >>> incompatible(here, {**here, "host": "laptop", "numpy": "2.4.0"})
    >>> print(incompatible(here, {**here, "host": "laptop", "numpy": "1.26.4"}))
    numpy differs: 2.1.0 on node7 (the computation), 1.26.4 on laptop (the viewer); install the same there
    """
    for package, digits in (("asyncplot", None), ("rpyc", None), ("numpy", 1)):
        theirs, ours = str(computation.get(package)), str(viewer.get(package))
        if theirs.split(".")[:digits] != ours.split(".")[:digits]:
            return (
                f"{package} differs: {theirs} on {computation.get('host')} (the computation), "
                f"{ours} on {viewer.get('host')} (the viewer); install the same there"
            )
    return None
