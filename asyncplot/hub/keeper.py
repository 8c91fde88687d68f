"""Keeps a viewer that the hub has asked for, in a process of its own: when the hub ends, however it ends, the viewer ends, too.

In: the run, and stdin, which ends with the hub. Out: one announcement on stdout: the viewer's folder, in which its socket listens,
or why there is none. A viewer of a run of this host is a further process. For a run of another host this process is the viewer.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .. import log
from ..errors import AsyncplotError, ViewerGone
from ..join import JoinedViewer, Place, described
from ..launch.announcement import announce, private_streams
from ..launch.target import target
from ..rundir import ViewerFiles, ViewerOptions
from ..rundir.format import WEB_FILE, viewer_folder
from ..rundir.records import ViewerState

#: How long a viewer may take until it listens, s.
_STARTING = 60.0

_PAUSE = 0.02


def main(directory: str, place: tuple[str, ...], name: str) -> None:
    """Start a web viewer, say where it is, and end it when stdin ends.

    Parameters
    ----------
    directory : str
        The run directory, if the run is of this host.
    place : tuple of str
        The parts of a `Place`; empty: this host.
    name : str
        The run's name there.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in the hub's terminal: the hub ends us
    stdin, stdout = private_streams()
    log.configure()
    try:
        if place:
            _show_far(Place(*place), name, stdin, stdout)
        else:
            _keep(Path(directory), stdin, stdout)
    except AsyncplotError as error:
        announce(stdout, {"failed": str(error)})


def _keep(directory: Path, stdin: int, stdout: int) -> None:
    run = described(directory)
    if run is None or run.state == "dead":
        raise ViewerGone("the run has ended")
    with open(os.devnull, "wb") as nowhere:  # the page shows what fails
        viewer = JoinedViewer(run, backend="web", errors=nowhere)
    try:
        _at_end(stdin, viewer.close)
        _wait_until_it_listens(viewer.directory, lambda: viewer.alive)
        announce(stdout, {"folder": str(viewer.directory)})
        viewer.watch()
    finally:
        viewer.close()


def _show_far(place: Place, name: str, stdin: int, stdout: int) -> None:
    from ..remote.link import Link
    from ..viewer.main import main as show

    def say(folder: Path) -> None:
        try:
            _wait_until_it_listens(folder, lambda: not mirror.why)
            announce(stdout, {"folder": str(folder)})
        except AsyncplotError as error:
            announce(stdout, {"failed": str(error)})
            mirror.end(str(error))

    target(name)  # the other host says it, so it may be anything
    with Link(place, name, viewer=ViewerOptions(backend="web")) as mirror:
        assert mirror.directory is not None  # it has started
        _at_end(stdin, lambda: mirror.end("the hub has ended"))
        folder = mirror.directory / viewer_folder(1)
        threading.Thread(target=say, args=[folder], name="asyncplot-say", daemon=True).start()
        show(mirror.directory, 1, mirror.ended, mirror.wake)


def _at_end(stdin: int, end: Callable[[], None]) -> None:
    """Call when stdin has ended, on a thread."""

    def wait() -> None:
        while os.read(stdin, 64):
            pass
        end()

    threading.Thread(target=wait, name="asyncplot-hub-ended", daemon=True).start()


def _wait_until_it_listens(folder: Path, alive: Callable[[], bool]) -> None:
    """Return when the viewer's socket listens. Raises ViewerGone if that will not happen."""
    deadline = time.monotonic() + _STARTING
    files = ViewerFiles(folder)
    while not (folder / WEB_FILE).exists():
        state = files.state
        if not alive() or state.phase == "ended":
            raise ViewerGone(state.error or "the viewer has ended")
        if state.phase in {"making", "drawing", "ready"} and not (folder / WEB_FILE).exists():
            raise ViewerGone(_no_page(state))
        if time.monotonic() > deadline:
            raise ViewerGone(f"the viewer did not come up within {_STARTING:g} s")
        time.sleep(_PAUSE)


def _no_page(state: ViewerState) -> str:
    """Why a viewer that has started shows no page."""
    if state.backend == "web":
        return "the viewer cannot listen in its folder: the path may be too long; set ASYNCPLOT_RUNTIME_DIR"
    return f"the run's plotting interpreter cannot show a page ({state.reason})"
