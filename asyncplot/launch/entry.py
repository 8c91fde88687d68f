"""Where the code that a plotting interpreter is given begins: `main`. It returns when the viewer ends.

In: the run directory and this viewer's number. Whoever started us holds the other end of our stdin; its
end is ours. The original stdin and stdout become private before any code of the user's runs: a plotter
that prints writes to the log, and one that reads gets an end of file.

Where the run directory can be mapped (the same machine, also from within a container that sees it) the
viewer reads it. Where it cannot, a relay on our stdin and stdout brings the frames.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from .. import log
from ..rundir import boot, read_json
from .announcement import announce, private_streams


def main(directory: str | None, number: int) -> None:
    """Show the run in ``directory``, or the one whose relay speaks on stdin and stdout."""
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
    """Whether this is the directory of a run of this very kernel, and not one of another host with our home."""
    record = read_json(directory / "run.json")
    return record is not None and record.get("boot") == boot()


def mirrored(stdin: int, stdout: int) -> None:
    """Show the run whose relay speaks on this stream, until it ends."""
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
