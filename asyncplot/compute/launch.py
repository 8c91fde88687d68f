"""Starting the supervisor, which starts the viewer. Compute side, the thread that makes the `Server`.

The user's process gets no thread, no signal handler and no zombie by this: the process started here
forks once, is reaped at once (some 12 ms), and its child is the supervisor. What ties it to us is a pipe
that we hold, never write to, and that ends with us, even by SIGKILL; another one, the other way, tells
that the supervisor is gone.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import IO

from .. import supervisor
from ..bootstrap import PACKAGE
from ..errors import ViewerError
from ..rundir import write_json
from .interpreter import Interpreter

#: How long viewers may take to end by themselves when the run ends, s; longer if a picture is written.
GRACE, SAVING_GRACE = 0.25, 1.5


class Supervisor:
    """The supervisor of a run.

    Parameters
    ----------
    directory : Path
        The run directory.
    interpreter : Interpreter
        The plotting interpreter.
    viewer : bool
        Whether a viewer is started now; others may attach in any case, by the same command.
    persist : bool
        Whether viewers stay when the run ends.
    respawn : bool
        Whether a viewer that crashed is started again.
    saving : bool
        Whether viewers write a picture when they end.

    Raises
    ------
    ViewerError
        If no process can be started.
    """

    def __init__(
        self,
        directory: Path,
        interpreter: Interpreter,
        *,
        viewer: bool,
        persist: bool,
        respawn: bool,
        saving: bool,
    ) -> None:
        self._to: int | None = None
        self._from: int | None = None
        if viewer:
            (directory / "viewer-1").mkdir(mode=0o700)
            (directory / "viewer-1" / "log").touch(0o600)
        launch = {
            **interpreter.commands(directory),
            "viewer": viewer,
            "persist": persist,
            "respawn": respawn,
            "grace": SAVING_GRACE if saving else GRACE,
            "package": str(PACKAGE),
            "name": directory.name,
        }
        write_json(directory / "launch.json", launch)
        arguments = [sys.executable or "python3", "-I", "-S", supervisor.__file__, str(directory)]
        try:
            process = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise ViewerError(f"cannot start the supervisor, {arguments[0]} ({error.strerror})") from error
        self._to, self._from = _kept(process.stdin), _kept(process.stdout)
        process.wait()

    @property
    def alive(self) -> bool:
        """Whether it lives. It ends when the run does, and when it is killed."""
        if self._from is None:
            return False
        poll = select.poll()
        poll.register(self._from, select.POLLIN)
        return not poll.poll(0)  # nothing is ever written: an event is its end

    def end(self, timeout: float) -> None:
        """Have it end the viewers (unless they persist) and itself; wait for that for ``timeout`` s."""
        if self._to is not None:
            os.close(self._to)
            self._to = None
        if self._from is not None:
            poll = select.poll()
            poll.register(self._from, select.POLLIN)
            poll.poll(timeout * 1000.0)
        self.abandon()

    def abandon(self) -> None:
        """Close the descriptors: in the child of a fork, which must not keep the run alive."""
        for descriptor in (self._to, self._from):
            if descriptor is not None:
                os.close(descriptor)
        self._to = self._from = None


def _kept(pipe: IO[bytes] | None) -> int:
    """The descriptor of a pipe, without the file object around it."""
    assert pipe is not None  # subprocess.PIPE was asked for
    descriptor = os.dup(pipe.fileno())
    pipe.close()
    return descriptor
