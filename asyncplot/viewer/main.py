"""One viewer of one run, from its first record to its last: `main`. The main thread, which is the GUI's.

In: the run directory, this viewer's number, and a descriptor whose end is that of the run. Out: windows.
"""

from __future__ import annotations

import contextlib
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import AsyncplotError
from ..log import logger
from ..rundir import hold, make_folder, process_record, viewer_options, write_json
from .failures import shown


def main(run: Path, number: int, ended: int, after_tick: Callable[[], None] = lambda: None) -> None:
    """Show a run until its windows are closed, or it ends.

    Exits with code 1 if the viewer cannot start (the plotter's constructor raised, say); what happened is
    in ``state.json`` then.

    Parameters
    ----------
    run : Path
        The run directory.
    number : int
        The number of this viewer.
    ended : int
        A descriptor that can be read when the run has ended.
    after_tick : callable
        Called after each tick of the viewer's loop, which may have written to the run directory. GUI thread.
    """
    if has_ended(ended):
        return  # before anything is touched: another run may have this directory's path by now
    folder = run / f"viewer-{number}"
    with contextlib.suppress(FileExistsError):
        make_folder(folder)
    hold(folder)
    state = State(folder)
    try:
        show(run, folder, state, ended, after_tick)
    except Exception as error:  # noqa: BLE001 (the plotter's constructor raises what it likes)
        # Our own errors say what to do; where they were raised helps nobody.
        text = "" if isinstance(error, AsyncplotError) else shown(error)
        message = f"the viewer could not start: {type(error).__name__}: {error}"
        if isinstance(error, ModuleNotFoundError) and state.phase == "starting":
            message += f"; install asyncplot for this interpreter: {sys.executable} -m pip install asyncplot"
        sys.stderr.write(f"{text}{message}\n")
        fault = "plotter" if state.phase == "making" else "viewer"
        state.set(phase="ended", fault=fault, error=message, traceback=text)
        sys.exit(1)
    state.set(phase="ended")


def has_ended(descriptor: int) -> bool:
    """Whether a descriptor whose end tells that of the run has come to it."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def show(run: Path, folder: Path, state: State, ended: int, after_tick: Callable[[], None]) -> None:
    """Choose the backend, make the plotter, and run the GUI's loop."""
    from .loading import load_plotter, read_package, take_paths

    package = read_package(run / "plotter")
    take_paths(package)
    # Imported only here: by the paths of the computation, and matplotlib takes half a second, for which the
    # announcement must not wait.
    from .backends import choose, keep

    options = viewer_options(run, folder)
    backend, reason = choose(options.backend)
    keep(backend.matplotlib_backend)
    # After `choose`, as this imports matplotlib, which not every MPLBACKEND allows.
    from .loop import Viewer

    state.set(
        backend=backend.name,
        matplotlib_backend=backend.matplotlib_backend,
        reason=reason,
        versions={"asyncplot": __version__, **backend.versions()},
    )
    logger.info("viewer: %s, because %s", backend.name, reason)
    viewer = Viewer(run, folder, backend, state, options)
    viewer.start(lambda: load_plotter(package), ended, after_tick)
    backend.run()
    viewer.close()


class State:
    """What this viewer says of itself, ``state.json``. GUI thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"
        self._record: dict[str, Any] = {**process_record(), "phase": "starting", "windows": 0}
        self.set()

    @property
    def phase(self) -> str:
        """How far this viewer is: starting, making (its plotter), drawing (its first picture), ready, ended."""
        return str(self._record["phase"])

    def set(self, **changes: Any) -> None:
        """Change entries, and write the file if that changes it."""
        changed = {**self._record, **changes}
        if changes and changed == self._record:
            return
        self._record = changed
        try:
            write_json(self._path, changed)
        except OSError as error:  # a full tmpfs, or the run directory is gone
            logger.debug("cannot write %s: %s", self._path, error)
