"""See a running computation live, with your own plotting code. By default it costs at most 1 % of the time.

`Server` starts a plotting interpreter, sends it your plotter class, and hands it the newest data by
asynchronous ``update`` calls that never wait.

Importing asyncplot starts nothing, and loads no GUI, no matplotlib and no rpyc. Each name below is loaded
when it is first used: the supervisor and ``asyncplot --help`` never need numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import plotters as plotters
    from .compute import PendingResult as PendingResult
    from .compute import Server as Server
    from .errors import AsyncplotError as AsyncplotError
    from .errors import ConfigurationError as ConfigurationError
    from .errors import FrameError as FrameError
    from .errors import MissingDependency as MissingDependency
    from .errors import PlotterError as PlotterError
    from .errors import RemoteError as RemoteError
    from .errors import RunDirectoryError as RunDirectoryError
    from .errors import RunNotFound as RunNotFound
    from .errors import SendError as SendError
    from .errors import ShippingError as ShippingError
    from .errors import Superseded as Superseded
    from .errors import ViewerError as ViewerError
    from .errors import ViewerGone as ViewerGone
    from .errors import WaitTimeout as WaitTimeout
    from .frames import lazy as lazy
    from .join import Attached as Attached
    from .join import Run as Run
    from .join import attach as attach
    from .join import runs as runs
    from .plotters.autoscale import autoscale as autoscale
    from .rundir import Viewer as Viewer
    from .sending import send as send
    from .stats import Stats as Stats

__version__ = "1.0.0.dev0"

_HOMES = {
    "Attached": "join",
    "AsyncplotError": "errors",
    "ConfigurationError": "errors",
    "FrameError": "errors",
    "MissingDependency": "errors",
    "PendingResult": "compute",
    "PlotterError": "errors",
    "RemoteError": "errors",
    "Run": "join",
    "RunDirectoryError": "errors",
    "RunNotFound": "errors",
    "SendError": "errors",
    "Server": "compute",
    "ShippingError": "errors",
    "Stats": "stats",
    "Superseded": "errors",
    "Viewer": "rundir",
    "ViewerError": "errors",
    "ViewerGone": "errors",
    "WaitTimeout": "errors",
    "attach": "join",
    "autoscale": "plotters.autoscale",
    "lazy": "frames",
    "plotters": "plotters",
    "runs": "join",
    "send": "sending",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 (each key is a str)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f".{_HOMES[name]}", __name__)
    value = home if name == _HOMES[name] else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
