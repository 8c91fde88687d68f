"""The run directory: all that a viewer needs to show a run. Files only; both sides use it.

`format` lists the files and says which process writes each of them.
"""

from .basedir import base_directory, base_path, check, is_ours
from .board import OUTCOMES, BoardReader, BoardWriter, LaneCounters, Outcome
from .liveness import hold, holder, is_held, is_of_this_process
from .making import make_file, make_folder, make_parents, remove, write_file
from .options import Command, Launch, ViewerOptions
from .records import read_json, write_json
from .run import RunDirectory, boot, default_name, installation, process_record, sweep, viewer_options
from .viewer_folder import SENT_BYTES, VIEW_BYTES, Viewer, ViewerFiles, claim, doing, how_it_ended, primary

__all__ = [
    "OUTCOMES",
    "SENT_BYTES",
    "VIEW_BYTES",
    "BoardReader",
    "BoardWriter",
    "Command",
    "LaneCounters",
    "Launch",
    "Outcome",
    "RunDirectory",
    "Viewer",
    "ViewerFiles",
    "ViewerOptions",
    "base_directory",
    "base_path",
    "boot",
    "check",
    "claim",
    "default_name",
    "doing",
    "hold",
    "holder",
    "how_it_ended",
    "installation",
    "is_held",
    "is_of_this_process",
    "is_ours",
    "make_file",
    "make_folder",
    "make_parents",
    "primary",
    "process_record",
    "read_json",
    "remove",
    "sweep",
    "viewer_options",
    "write_file",
    "write_json",
]
