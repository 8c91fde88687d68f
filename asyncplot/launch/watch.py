"""The supervisor's loop: it watches the viewers of one run, one at a time, and the run itself.

Supervisor, its only thread; standard library only. In: the ends of pipes, SIGCHLD, and the control file. Out: the
viewer ends, is started again, or gets a relay; and the computation learns of that by a count in the control file.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys
import time

from ..rundir.format import (
    ALIVE_FILE,
    CONTROL_CLOSING,
    CONTROL_FILE,
    CONTROL_NOTICES,
    LAUNCH_FILE,
    LOG_FILE,
    SUPERVISOR_FOLDER,
    WORD,
    Closing,
    viewer_folder,
)
from ..rundir.options import Command, Launch
from .marked import reap_orphans
from .viewer_process import UMASK, ViewerProcess

#: How often a viewer that crashed is started again at most, where that was asked for.
RESPAWNS = 5

#: When nothing was written for so long, it is told how many lines were left out, ms.
_QUIET = 300.0


class Supervisor:
    """Watches one run.

    Parameters
    ----------
    run : int
        A descriptor of the run directory.

    Raises
    ------
    FileNotFoundError
        If the run was undone while this process started.
    """

    def __init__(self, run: int) -> None:
        self._run = run
        self._umask = os.umask(UMASK)
        with open(os.open(LAUNCH_FILE, os.O_RDONLY | os.O_CLOEXEC, dir_fd=run)) as file:
            launch = Launch.from_json(json.load(file))
        assert launch is not None  # the computation's asyncplot wrote it, which is this one
        self.launch = launch
        self._lock()
        self._respawns = RESPAWNS if launch.respawn else 0
        self._run_goes_on = True
        self._relay = 0
        self._relay_failed = False
        self._wake = _woken_by_children()
        self._control = os.open(CONTROL_FILE, os.O_RDWR | os.O_CLOEXEC, dir_fd=run)
        self._viewer = self._start(1) if launch.viewer else None

    def watch(self) -> None:
        """Return when the run has ended, and its viewers (at its end; or later, if they persist)."""
        while self._run_goes_on or self._viewer is not None:
            ready = self._wait(0 if self._run_goes_on else None)
            if 0 in ready and not os.read(0, 1):
                self._run_goes_on = False
                if not self.launch.persist:
                    self._end_viewer()
            self._reap()

    def _lock(self) -> None:
        """Lock our folder, as asyncplot.rundir.liveness does: nobody sweeps this directory while we live."""
        os.mkdir(SUPERVISOR_FOLDER, 0o700, dir_fd=self._run)
        path, flags = f"{SUPERVISOR_FOLDER}/{ALIVE_FILE}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        alive = os.open(path, flags, 0o600, dir_fd=self._run)  # open until this process ends
        fcntl.lockf(alive, fcntl.LOCK_EX)

    def _wait(self, stdin: int | None, timeout: float | None = None) -> set[int]:
        """Wait until something has happened, for ``timeout`` ms at most; read what the viewer wrote.

        Returns the descriptors that can be read.
        """
        poll = select.poll()
        readable = self._viewer.readable if self._viewer is not None else ()
        for descriptor in (self._wake, *readable, *([] if stdin is None else [stdin])):
            poll.register(descriptor, select.POLLIN)
        owing = self._viewer is not None and self._viewer.passing.owes
        ready = {descriptor for descriptor, _ in poll.poll(_QUIET if owing and timeout is None else timeout)}
        if self._wake in ready:
            os.read(self._wake, 4096)
        if self._viewer is not None:
            for descriptor in ready & self._viewer.readable:
                self._viewer.read(descriptor, show=self._shows)
            if owing and not ready:
                self._viewer.passing.settle()
            if self._viewer.needs_relay:
                command = Command([sys.executable, "-c"], self.launch.relay)
                self._relay = self._viewer.relay(command.numbered(self._viewer.number))
        return ready

    @property
    def _shows(self) -> bool:
        """Whether the viewer's lines are passed on. Those of viewers that persist are not: the terminal may be gone."""
        return not self.launch.persist

    # --- the control file ------------------------------------------------------------------------

    def _notify(self) -> None:
        """Count one more notice in the control file. The computation sees that there in 0.1 us."""
        count = self._word(CONTROL_NOTICES) + 1
        os.pwrite(self._control, count.to_bytes(WORD, sys.byteorder), CONTROL_NOTICES * WORD)

    def _word(self, index: int) -> int:
        return int.from_bytes(os.pread(self._control, WORD, index * WORD), sys.byteorder)

    # --- the viewer ------------------------------------------------------------------------------

    def _start(self, number: int) -> ViewerProcess | None:
        """Start viewer ``number``; None if that cannot be done."""
        try:
            viewer = ViewerProcess(self._run, number, self.launch.own, self.launch.name, self._umask)
        except OSError:
            self._notify()
            return None  # the run directory was removed, or no descriptor is left
        if viewer.pid:
            return viewer
        viewer.close()
        self._notify()
        return None

    def _reap(self, *, ending: bool = False) -> bool:
        """Note the end of the viewer, if it has ended, and start another if that was asked for.

        Says whether there was no viewer, or it has ended. With ``ending`` the end was wanted.
        """
        viewer = self._viewer
        self._reap_relay()
        if viewer is None:
            reap_orphans({self._relay})
            return True
        if os.waitid(os.P_PID, viewer.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            reap_orphans({self._relay, viewer.pid})
            return False
        viewer.kill()  # what it started and left behind; before it is reaped, as nobody else has its number until then
        _, status = os.waitpid(viewer.pid, 0)
        viewer.drain(show=self._shows)
        code = os.waitstatus_to_exitcode(status)
        how = f"exited with code {code}" if code >= 0 else f"was killed by {_name(-code)}"
        ordinary = ending or (code == 0 and viewer.announced and not self._relay_failed)
        self._viewer = None
        again = not ordinary and self._respawns > 0 and self._run_goes_on
        if again and (number := _claim(self._run)):
            self._respawns -= 1
            viewer.end(code, f"{how}, and was started again")
            self._viewer = self._start(number)
        else:
            viewer.end(code, how, ordinary=ordinary)
            if self._word(CONTROL_CLOSING) == Closing.UNHELD:
                self._run_goes_on = False  # the last frame has been drawn
        viewer.close()
        self._notify()
        return True

    def _reap_relay(self) -> None:
        """Note the end of the relay. The viewer ends with its stream."""
        if self._relay:
            pid, status = os.waitpid(self._relay, os.WNOHANG)
            if pid:
                self._relay = 0
                self._relay_failed = os.waitstatus_to_exitcode(status) != 0

    def _end_viewer(self) -> None:
        """Give the viewer its grace to end by itself, then kill it."""
        viewer = self._viewer
        if viewer is None:
            return
        viewer.end_input()
        at_once = self._word(CONTROL_CLOSING) == Closing.AT_ONCE
        deadline = time.monotonic() + (0.0 if at_once else self.launch.grace)
        while not self._reap(ending=True):
            left = deadline - time.monotonic()
            if left > 0:
                self._wait(None, left * 1000)
            else:
                viewer.kill()
                os.waitid(os.P_PID, viewer.pid, os.WEXITED | os.WNOWAIT)


def _woken_by_children() -> int:
    """A descriptor that can be read when a child has ended. Signals that are for the computation are ignored."""
    wake, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the viewer inherits this
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return wake


def _name(number: int) -> str:
    """The name of a signal; some have none.

    >>> _name(9), _name(40)
    ('SIGKILL', 'signal 40')
    """
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _claim(run: int) -> int:
    """Make the folder of another viewer, with the log that tells that it is the supervisor's; return its number.

    0 if that cannot be done: the run directory was removed, or its file system is full.
    """
    number = 2
    while True:
        try:
            os.mkdir(viewer_folder(number), 0o700, dir_fd=run)
            flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
            os.close(os.open(f"{viewer_folder(number)}/{LOG_FILE}", flags, 0o600, dir_fd=run))
        except FileExistsError:
            number += 1  # somebody has attached
            continue
        except OSError:
            return 0
        return number
