"""Joining a run from another process of the same user: which runs there are, and how to attach, view and close.

Everything here works by the files of the run directory. The computation does nothing for it, and does not learn
who looks.
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
