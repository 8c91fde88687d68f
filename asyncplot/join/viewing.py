"""A viewer that joins a run of this host: the process of this terminal or program that starts and watches it.

In: a `Run`. Out: a viewer process like the one that `Server` starts, by the same command, with a folder
of its own in the run directory. It ends with the run, with the process that started it, and when its
windows are closed; its folder goes then.
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
from ..rundir import ViewerFiles, claim, is_held, read_json, write_json
from .listing import Run

#: How long a viewer may take to end by itself, s.
GRACE = 1.0

_PAUSE = 0.01


class JoinedViewer:
    """Starts a viewer, watches it, and ends it.

    Parameters
    ----------
    run : Run
        What it is to show; on this host.
    backend : str, optional
        Default: what the run's own viewer was told.
    errors : file, optional
        Where it writes to; default: our own stderr.

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

    def __init__(self, run: Run, *, backend: str | None = None, errors: IO[Any] | None = None) -> None:
        launch = read_json(run.directory / "launch.json")
        if launch is None:
            raise RunNotFound(f"the run {run.name!r} has just ended, or cannot be joined (no launch.json)")
        self._run = run
        self._persists = bool(launch["persist"])
        asked = (read_json(run.directory / "run.json") or {}).get("viewer", {})
        self.directory = claim(run.directory)
        write_json(
            self.directory / "options.json",
            {"backend": backend or asked.get("backend"), "blit": asked.get("blit", True)},
        )
        number = self.directory.name.rpartition("-")[2]
        command = [*launch["join"]["command"], number.join(launch["join"]["code"])]
        try:
            # A session of its own: a Ctrl-C in this terminal ends it by our hand, after its last picture.
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
            If it cannot start; with its own words.
        WaitTimeout
            If that takes too long.
        """
        files = ViewerFiles(self.directory)
        deadline = time.monotonic() + timeout
        while (state := files.state).get("phase") != "ready":
            if not self.alive:
                why = state.get("error") or f"its process ended with code {self._process.returncode}"
                raise ViewerGone(f"the viewer could not start: {why}")
            if time.monotonic() > deadline:
                raise WaitTimeout(f"the viewer did not come up within {timeout:g} s")
            time.sleep(_PAUSE)

    def watch(self, interval: float = 0.25) -> str:
        """Wait until the windows are closed or the run has ended; returns which, in words."""
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
            why = state.get("error") or f"its process ended with code {self._process.returncode}"
            raise ViewerGone(str(why))
        return str(state.get("ended") or "the viewer has ended")

    def close(self) -> None:
        """End it, stopped or not, and remove its folder."""
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


def run_lives(run: Run) -> bool:
    """Whether the computation of a run goes on."""
    return run.pid == os.getpid() or is_held(run.directory)
