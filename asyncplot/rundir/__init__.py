"""The run directory: all that a viewer needs to show a run. Files only; both sides use it.

::

    BASE/.HEX/  a run directory that has no name yet: it is made there and then renamed
    BASE/NAME/  run.json       who computes, where, since when, with which versions
                owner.json     whose it is, from the beginning
                alive          locked by the compute side for as long as it lives
                control, mailbox-LANE-GENERATION        shared memory, see asyncplot.mailbox
                plotter        the pickled plotter
                launch.json    what the supervisor is to start
                supervisor/alive       locked by the supervisor
                viewer-N/      alive (locked by the viewer), state.json, board, failure.json, drawing.json, windows.json,
                               control.sock, log; end.json (by the supervisor)
"""

from .basedir import base_directory, base_path, check, is_ours
from .board import OUTCOMES, BoardReader, BoardWriter, LaneCounters, Outcome
from .liveness import hold, is_held
from .making import make_file, make_folder, make_parents, remove, write_file
from .records import read_json, write_json
from .run import RunDirectory, boot, default_name, installation, process_record, sweep
from .viewer_folder import SENT_BYTES, VIEW_BYTES, Viewer, ViewerFiles, claim, doing, how_it_ended

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
    "base_path",
    "boot",
    "check",
    "claim",
    "default_name",
    "doing",
    "hold",
    "how_it_ended",
    "installation",
    "is_held",
    "is_ours",
    "make_file",
    "make_folder",
    "make_parents",
    "process_record",
    "read_json",
    "remove",
    "sweep",
    "write_file",
    "write_json",
]
