"""`main`: what a plotting interpreter runs first. It returns when the viewer ends. Main thread of the viewer.

In: the run directory and this viewer's number. The process that started us holds the other end of our stdin; when
that ends, we end. The original stdin and stdout become private before any code of the user runs: a plotter
that prints writes to the log, and one that reads gets an end of file.

If the run directory can be mapped (on the same machine; also in a container that sees it), the viewer reads it.
If not, a relay on our stdin and stdout brings the frames.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from .. import log
from ..rundir import boot, read_json
from ..rundir.format import RUN_FILE
from .announcement import announce, private_streams


def main(directory: str | None, number: int) -> None:
    """Show the run in ``directory``. Without one, or if it is another host's, show what a relay brings."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdin, stdout = private_streams()
    maps = directory is not None and on_this_machine(Path(directory))
    announce(stdout, {"maps": maps})
    log.configure()
    if directory is not None and maps:
        from ..viewer.main import main as show

        show(Path(directory), number, stdin)
    else:
        mirrored(stdin, stdout)


def on_this_machine(directory: Path) -> bool:
    """Whether a run of this machine is in a directory. Hosts that share a home have the same paths."""
    record = read_json(directory / RUN_FILE)
    return record is not None and record.get("boot") == boot()


def mirrored(stdin: int, stdout: int) -> None:
    """Show the run that the relay on this stream brings, until it ends."""
    from ..remote.mirror import Mirror
    from ..rpc import Stream
    from ..viewer.main import main as show

    mirror = Mirror()
    mirror.connect(Stream(stdin, stdout), lost=lambda: mirror.end("the computation has gone"))
    try:
        if not mirror.wait_started() or mirror.directory is None:
            sys.exit(f"asyncplot: {mirror.why or 'the computation has gone'}")
        show(mirror.directory, 1, mirror.ended, mirror.wake)
    finally:
        mirror.close()
