"""The run directory: all that a viewer needs to show a run. Files only; both sides use it.

::

    BASE/NAME/  run.json       who computes, where, since when, with which versions
                alive          locked by the compute side for as long as it lives
                control, mailbox-LANE-GENERATION        shared memory, see asyncplot.mailbox
                plotter        the pickled plotter
                launch.json    what the supervisor is to start
                supervisor/alive       locked by the supervisor
                viewer-N/      alive (locked by the viewer), state.json, board, failure.json, drawing.json,
                               control.sock, log; end.json (by the supervisor)
"""

from .base import base_directory, check, is_ours
from .board import OUTCOMES, BoardReader, BoardWriter, LaneCounters, Outcome
from .liveness import hold, is_held
from .records import read_json, write_json
from .run import RunDirectory, boot, process_record, sweep
from .viewers import SENT_BYTES, VIEW_BYTES, Viewer, ViewerFiles, claim, doing, how_it_ended

__all__ = [
    "OUTCOMES",
    "SENT_BYTES",
    "VIEW_BYTES",
    "BoardReader",
    "BoardWriter",
    "LaneCounters",
    "Outcome",
    "RunDirectory",
    "Viewer",
    "ViewerFiles",
    "base_directory",
    "boot",
    "check",
    "claim",
    "doing",
    "hold",
    "how_it_ended",
    "is_held",
    "is_ours",
    "process_record",
    "read_json",
    "sweep",
    "write_json",
]
