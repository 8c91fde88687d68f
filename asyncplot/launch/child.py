"""Starts the supervisor, which starts the viewer. Computation, the thread that makes the `Server`.

In: the run directory and the plotting interpreter. Out: ``launch.json``, and a `SupervisorProcess`, which says whether
the supervisor lives.

The user's process gets no thread, no signal handler and no zombie by this: the process that is started here
forks as the first thing it does, and is reaped. Its child is the supervisor. A pipe ties the supervisor to
us: we hold it and never write to it, and it ends with us, even by SIGKILL. Another pipe, in the other direction, brings
one byte when the supervisor is up, and ends with the supervisor.

Debuggers and tracers do not follow it, see asyncplot.launch.following.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import time
from functools import partial
from itertools import chain, starmap
from typing import Any

from ..descriptors import Descriptors, above_standard, is_open, noted
from ..errors import ViewerError
from ..rundir import RunDirectory, holder, make_folder, write_file, write_json
from ..rundir.format import LAUNCH_FILE, LOG_FILE, SUPERVISOR_FOLDER, viewer_folder
from . import supervisor
from .command import Interpreter
from .following import environment, unfollowed

#: How long viewers may take to end by themselves when the run ends, s; and if a picture is written.
GRACE, SAVING_GRACE = 0.25, 1.5

#: How long the process that we start may take to fork, and then the supervisor until it is up, s. Together they take
#: some 15 ms, and a hundred times as long on a machine that is as busy as can be.
FORKING, STARTING = 20.0, 20.0

_PAUSE = 0.0005


class SupervisorProcess:
    """The supervisor of a run, as the computation sees it. The process is there after `start`.

    Parameters
    ----------
    run : RunDirectory
        The run directory.
    interpreter : Interpreter
        The plotting interpreter.
    viewer : bool
        Whether a viewer is started now. Others may attach in any case, by the same command.
    persist : bool
        Whether viewers stay when the run ends.
    respawn : bool
        Whether a viewer that crashed is started again.
    grace : float
        How long viewers may take to end by themselves, s.

    Attributes
    ----------
    far : bool
        Whether the viewer is on another host, or in a container.
    """

    def __init__(
        self,
        run: RunDirectory,
        interpreter: Interpreter,
        *,
        viewer: bool,
        persist: bool,
        respawn: bool,
        grace: float,
    ) -> None:
        self._held = Descriptors()  # our descriptors
        self._forking: list[int] = []  # the process that forks, until it is reaped
        self._to = self._from = -1
        self._since = 0.0
        self._up = self._ended = False
        self._run = run
        self._interpreter = interpreter
        self._command: list[str] = []
        self._viewer, self._persist, self._respawn = viewer, persist, respawn
        self._grace = grace
        self.far = False

    def start(self) -> None:
        """Start it, and wait until it has forked. A method, so that a caller who is interrupted can call `end`.

        Raises
        ------
        ViewerError
            If there is no command for the viewer, or no process can be started.
        """
        run = self._run
        launch = self._interpreter.launch(run.path)._replace(
            name=run.name,
            viewer=self._viewer,
            persist=self._persist,
            respawn=self._respawn,
            grace=self._grace,
        )
        self.far = launch.own != launch.join
        self._command = [*self._interpreter.own_python(), "-I", "-S", _script(), str(run.path)]
        if self._viewer:
            folder = run.path / viewer_folder(1)
            make_folder(folder)
            write_file(folder / LOG_FILE, b"")
        write_json(run.path / LAUNCH_FILE, launch.to_json())
        self._spawn()

    def _spawn(self) -> None:
        """Start the process that forks, and wait until it has."""
        with above_standard():
            # All four are made and noted in one step of C code, so that no Ctrl-C comes between.
            self._held.extend(chain.from_iterable(starmap(os.pipe, ((), ()))))
            # Above RUN: a descriptor that is "copied" to its own number would not be inherited.
            inherited = noted(
                self._held, fcntl.fcntl, self._run.descriptor, fcntl.F_DUPFD_CLOEXEC, supervisor.RUN + 1
            )
        theirs, self._to, self._from, answers, _ = self._held
        self._since = time.monotonic()
        os.set_blocking(self._from, False)
        actions: list[Any] = [
            (os.POSIX_SPAWN_DUP2, theirs, 0),
            (os.POSIX_SPAWN_DUP2, answers, 1),
            (os.POSIX_SPAWN_DUP2, inherited, supervisor.RUN),
        ]
        # If stderr is closed, or a file of the program has its number, the supervisor has none.
        if not (is_open(2) and os.get_inheritable(2)):
            actions.append((os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0))
        spawn = partial(
            os.posix_spawnp,
            file_actions=actions,
            setsid=True,
            setsigmask=(),
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD),
        )
        words = unfollowed(self._command)
        try:
            noted(self._forking, spawn, words[0], words, environment())
        except OSError as error:
            raise ViewerError(f"cannot start the supervisor, {words[0]} ({error.strerror})") from error
        self._close(theirs, answers, inherited)
        code = self._reaped(FORKING)
        if code:
            how = "did not fork" if code is None else f"ended with code {code}"
            raise ViewerError(f"cannot start the supervisor: {' '.join(self._command)} {how}")

    def _reaped(self, timeout: float) -> int | None:
        """Wait for the process that forks, and return its exit code; None if it did not end and was killed."""
        deadline = time.monotonic() + timeout
        while self._forking:
            pid, status = _waited(self._forking[0])
            if pid:
                self._forking.clear()
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > deadline:
                os.kill(self._forking[0], signal.SIGKILL)
                os.waitpid(self._forking.pop(), 0)
                return None
            time.sleep(_PAUSE)
        return 0

    @property
    def alive(self) -> bool:
        """Whether it lives, or may still come up. It ends with the run, or when somebody kills it."""
        if self._ended or self._from not in self._held:
            return False
        try:
            said = os.read(self._from, 1)
        except BlockingIOError:
            return self._up or time.monotonic() < self._since + STARTING
        except OSError:  # another thread has just closed it
            return False
        self._up = self._up or bool(said)
        self._ended = not said
        return bool(said)

    @property
    def is_up(self) -> bool:
        """Whether it has started its viewer."""
        return self.alive and self._up

    @property
    def pid(self) -> int:
        """Its process id, as the kernel knows who holds its lock; 0 if it is not known."""
        return holder(self._run.path / SUPERVISOR_FOLDER)

    @property
    def problem(self) -> str:
        """What is wrong with it, in words; empty while all is well."""
        if self.alive:
            return ""
        command = " ".join(self._command)
        if self._up or self._ended:
            return f"the supervisor of the viewer was killed, or crashed; its command: {command}"
        return f"the supervisor of the viewer did not come up within {STARTING:g} s; its command: {command}"

    def end(self, timeout: float) -> bool:
        """Have it end the viewers (unless they persist) and itself, and wait for that; says whether it has ended.

        It may be only half started, after an interrupt.

        Parameters
        ----------
        timeout : float
            How long to wait, s.
        """
        self._close(*[descriptor for descriptor in self._held if descriptor != self._from])
        if self._forking:
            self._reaped(timeout)
        deadline = time.monotonic() + timeout
        poll = select.poll()
        if self._from in self._held:
            poll.register(self._from, select.POLLIN)
        while (alive := self.alive) and (left := deadline - time.monotonic()) > 0:
            poll.poll(left * 1000.0)
        self.abandon()
        return not alive

    def abandon(self) -> None:
        """Close the descriptors: in the child of a fork, which must not keep the run alive."""
        self._close(*self._held)

    def _close(self, *descriptors: int) -> None:
        for descriptor in descriptors:
            self._held.remove(descriptor)
            os.close(descriptor)


def _waited(pid: int) -> tuple[int, int]:
    """Reap a child if it has ended."""
    try:
        return os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:  # the program ignores SIGCHLD, or waits for any child
        return pid, 0


def _script() -> str:
    """The file of the supervisor's code."""
    path = supervisor.__file__
    if not os.path.exists(path):
        raise ViewerError(
            f"{path} is not a file, as in an application that was frozen; have asyncplot's files kept as files "
            "(PyInstaller: --collect-all asyncplot)"
        )
    return path
