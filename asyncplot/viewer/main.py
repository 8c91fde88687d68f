"""One viewer of one run, from its start to its end: `main`. Runs on the main thread, which is the GUI's.

In: the run directory, this viewer's number, and a descriptor that ends when the run ends. Out: windows.
"""

from __future__ import annotations

import contextlib
import select
import sys
from collections.abc import Callable
from pathlib import Path

from ..errors import AsyncplotError
from ..log import logger
from ..rundir import hold, make_folder, viewer_options
from .failures import shown, words
from .state import State


def main(run: Path, number: int, ended: int, after_tick: Callable[[], None] = lambda: None) -> None:
    """Show a run until its windows are closed, or the run ends.

    Exits with code 1 if the viewer cannot start (because the plotter's constructor raised, for example); ``state.json``
    then says what happened.

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
        return  # touch nothing: another run may have this directory's path by now
    folder = run / f"viewer-{number}"
    with contextlib.suppress(FileExistsError):
        make_folder(folder)
    hold(folder)
    state = State(folder)
    try:
        show(run, folder, state, ended, after_tick)
    except Exception as error:  # noqa: BLE001 (the plotter's constructor raises what it likes)
        # asyncplot's own errors say what to do, and a shortage says of what. Where they were raised would not help.
        short = isinstance(error, OSError | MemoryError) and state.phase == "starting"
        text = "" if short or isinstance(error, AsyncplotError) else shown(error)
        message = f"the viewer could not start: {type(error).__name__}: {words(error)}"
        if isinstance(error, ModuleNotFoundError) and state.phase == "starting":
            message += f"; install asyncplot for this interpreter: {sys.executable} -m pip install asyncplot"
        sys.stderr.write(f"{text}{message}\n")
        fault = "plotter" if state.phase == "making" else "viewer"
        state.set(phase="ended", fault=fault, error=message, traceback=text)
        sys.exit(1)
    state.set(phase="ended")


def has_ended(descriptor: int) -> bool:
    """Whether the descriptor has ended, and with it the run."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def show(run: Path, folder: Path, state: State, ended: int, after_tick: Callable[[], None]) -> None:
    """Choose the backend, make the plotter, and run the GUI's loop."""
    from .loading import load_plotter, read_package, take_paths

    package = read_package(run / "plotter")
    take_paths(package)
    # Imported only here: after the computation's paths were taken; and matplotlib takes half a second, for which the
    # announcement must not wait.
    from . import address
    from .backends import choose, keep

    options = viewer_options(run, folder)
    backend, reason = choose(options.backend, insist=options.insist)
    keep(backend)
    # After `choose`: this imports matplotlib, which fails with some values of MPLBACKEND.
    from .loop import Loop

    state.describe(backend, reason)
    logger.info("viewer: %s, because %s", backend.name, reason)
    loop = Loop(run, folder, backend, state, options)
    url = backend.attend(run, folder, options)
    state.set(url=url)
    if backend.name == "web" and not options.embedded:
        address.tell(run, folder, url, browser=options.browser)
    loop.start(lambda: load_plotter(package), ended, after_tick)
    backend.run()
    loop.close()
