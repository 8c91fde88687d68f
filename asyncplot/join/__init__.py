"""Runs that can be joined, from any process of the same user: which there are, and the way into one.

Everything here works by the files of the run directory; the computation does nothing for it, and never
learns who looks.
"""

from ..remote.reach import Place
from .attaching import Attached, attach
from .closing import clean, close_viewers
from .listing import Run, described, find, runs
from .viewing import JoinedViewer

__all__ = [
    "Attached",
    "JoinedViewer",
    "Place",
    "Run",
    "attach",
    "clean",
    "close_viewers",
    "described",
    "find",
    "runs",
]
