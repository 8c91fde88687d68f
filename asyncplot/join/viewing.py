"""A viewer that a terminal or program starts for itself, to join a run of this host. Any thread of that process.

In: a `Run`. Out: a viewer process like the one that `Server` starts, by the same command, with a folder
of its own in the run directory. The viewer ends with the run, with the process that started it, and when its
windows are closed. Its folder is then removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from typing import IO, Any

from ..descriptors import above_standard
from ..errors import RunNotFound, ViewerGone, WaitTimeout
from ..launch.following import environment, unfollowed
from ..rundir import Launch, ViewerFiles, ViewerOptions, claim, read_json, viewer_options, write_json
from ..rundir.format import LAUNCH_FILE, OPTIONS_FILE
from .listing import Run, run_lives

#: How long a viewer may take to end by itself, s.
GRACE = 1.0

_PAUSE = 0.01


class JoinedViewer:
    """Starts a viewer, watches it, and ends it.

    Parameters
    ----------
    run : Run
        The run, which is on this host.
    backend : str, optional
        Default: the one that the run tells its viewers.
    port : int, optional
        The port of a web viewer's page; 0: any free one. Default: none, it listens on a Unix socket only.
    browser : bool
        Whether a web viewer opens its page in the user's browser.
    errors : file, optional
        Where the viewer's stderr goes; default: our own stderr.

    Attributes
    ----------
    directory : Path
        Its folder.

    Raises
    ------
    RunNotFound
        If the run has ended meanwhile.
    ViewerGone
        If no process can be started.
    """

    def __init__(
        self,
        run: Run,
        *,
        backend: str | None = None,
        port: int | None = None,
        browser: bool = False,
        errors: IO[Any] | None = None,
    ) -> None:
        launch = Launch.from_json(read_json(run.directory / LAUNCH_FILE))
        if launch is None:
            raise RunNotFound(f"the run {run.name!r} has just ended, or cannot be joined (no launch.json)")
        self._run = run
        self._persists = launch.persist
        told = viewer_options(run.directory)
        self.directory = claim(run.directory)
        # Neither `save` nor `windows`: these are for the viewer of the `Server`.
        options = ViewerOptions(backend or told.backend, blit=told.blit, port=port, browser=browser)
        write_json(self.directory / OPTIONS_FILE, options.to_json())
        command = launch.join.numbered(ViewerFiles(self.directory).number)
        try:
            # In a session of its own: after a Ctrl-C in this terminal we end it, and it writes its last picture.
            with above_standard():
                self._process = subprocess.Popen(
                    unfollowed(command),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    env=environment(),
                    start_new_session=True,
                )
        except OSError as error:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise ViewerGone(f"{command[0]} cannot be started ({error.strerror})") from error

    @property
    def alive(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def ready(self, timeout: float) -> None:
        """Wait until it shows the newest frame.

        Raises
        ------
        ViewerGone
            If it cannot start; the message is its own.
        WaitTimeout
            If that takes too long.
        """
        files = ViewerFiles(self.directory)
        deadline = time.monotonic() + timeout
        while (state := files.state).phase != "ready":
            if not self.alive:
                why = state.error or f"its process ended with code {self._process.returncode}"
                raise ViewerGone(f"the viewer could not start: {why}")
            if time.monotonic() > deadline:
                raise WaitTimeout(f"the viewer did not come up within {timeout:g} s")
            time.sleep(_PAUSE)

    def watch(self, interval: float = 0.25) -> str:
        """Wait until the windows are closed or the run has ended; says in words which of them."""
        while self.alive:
            if not self._persists and not run_lives(self._run):
                self.close()
                return f"the run {self._run.name} has ended"
            try:
                self._process.wait(interval)
            except subprocess.TimeoutExpired:
                continue
        state = ViewerFiles(self.directory).state
        if not run_lives(self._run):
            return f"the run {self._run.name} has ended"
        if self._process.returncode:
            raise ViewerGone(state.error or f"its process ended with code {self._process.returncode}")
        return state.ended or "the viewer has ended"

    def close(self) -> None:
        """End the viewer, stopped or not, and remove its folder."""
        assert self._process.stdin is not None  # a pipe was asked for
        self._process.stdin.close()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)  # what it started, too
        except (ProcessLookupError, PermissionError):
            pass
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
