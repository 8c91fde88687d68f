"""Where the code that the plotting interpreter is given begins: `main`. It returns when the viewer ends.

In: the run directory and this viewer's number. Whoever started us holds the other end of our stdin; its
end is ours. The original stdin and stdout become private before any code of the user's runs: a plotter
that prints writes to the log, and one that reads gets an end of file.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from .. import __version__, log
from ..errors import AsyncplotError
from ..log import logger
from ..rundir import hold, process_record, read_json, write_json
from .failures import shown

#: Begins the line by which we announce ourselves; the supervisor knows it, too.
ANNOUNCEMENT = "\x1easyncplot "


def main(directory: str, number: int) -> None:
    """Show the run in ``directory`` until its windows are closed, or it ends.

    Exits with code 1 if the viewer cannot start (the plotter's constructor raised, say); what happened is
    in ``state.json`` then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdin, stdout = private_streams()
    os.write(stdout, (ANNOUNCEMENT + json.dumps(process_record()) + "\n").encode())
    log.configure()
    run = Path(directory)
    folder = run / f"viewer-{number}"
    folder.mkdir(mode=0o700, exist_ok=True)
    hold(folder)
    state = State(folder)
    try:
        show(run, folder, state, stdin)
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


def show(run: Path, folder: Path, state: State, stdin: int) -> None:
    """Choose the backend, make the plotter, and run the GUI's loop."""
    # Imported only here: matplotlib takes half a second, and the announcement must not wait for it.
    from .backends import choose
    from .loop import Viewer
    from .plotter import load_plotter

    # Who joins a run later says itself what it wants.
    asked: dict[str, Any] = read_json(folder / "options.json") or (read_json(run / "run.json") or {}).get(
        "viewer", {}
    )
    kind, reason = choose(asked.get("backend"))
    backend = kind()
    backend.start()
    state.set(
        backend=backend.name,
        matplotlib_backend=backend.matplotlib_backend,
        reason=reason,
        versions={"asyncplot": __version__, **backend.versions()},
    )
    logger.info("viewer: %s, because %s", backend.name, reason)
    viewer = Viewer(run, folder, backend, state, asked.get("save"))
    viewer.start(lambda: load_plotter(run / "plotter"), stdin)
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


def private_streams() -> tuple[int, int]:
    """Keep stdin and stdout as descriptors of our own; 0 reads nothing then, and 1 writes to stderr."""
    sys.stdout.flush()
    stdin, stdout = os.dup(0), os.dup(1)
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    os.close(devnull)
    os.dup2(2, 1)
    return stdin, stdout
