"""The supervisor: the one process that `Server` starts. It starts the viewer (if asked to), watches and ends it.

Run as a script by its path, ``python -I -S supervisor.py DIRECTORY``, standard library only, so that it
is there in some 10 ms; single-threaded. ::

    compute side                     supervisor                            viewer (own process group)
      holds a pipe  -- its end -->   stdin          stdin pipe  -- its end -->  ends
      is_alive      <-- one byte --  stdout: "it is up"; then the end of the pipe
      stderr        <-- [name] --    bounded log   <-- stdout, stderr --
      check()       <-- end.json --  reaps it      <-- exit --

It inherits the run directory as an open descriptor, and works by that and not by the path: if the run was
undone meanwhile, another run may have a directory of the same path. The path is for the viewer's command
line only.

When its stdin ends, the run has ended, however: it ends the viewer, stopped or not (unless it persists),
removes the run directory and ends. (A run that nobody holds any more ends with its viewer.) It leads a
session of its own, so that a Ctrl-C in the terminal reaches neither it nor the viewer. Its files have mode
0600 by its own umask; the viewer has the user's.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys
import time

#: The line by which a viewer says that asyncplot's code runs; what stands before it is just output.
ANNOUNCEMENT = b"\x1easyncplot "

#: The log of a viewer keeps at most this many bytes, and errors quote this many from its end.
LOG_BYTES, TAIL_BYTES = 1 << 20, 4096

#: The descriptor of the run directory, and our umask.
RUN, UMASK = 3, 0o077

#: How often a viewer that crashed is started again at most, where that was asked for.
RESPAWNS = 5

#: Words of the control file, see asyncplot.rundir.format (which needs numpy's neighbours; we do not).
_CLOSING_AT, _NOTICES_AT = 2 * 8, 3 * 8
_CLOSING_AT_ONCE, _CLOSING_UNHELD = 2, 4


class Viewer:
    """One viewer process, its pipes, its folder and its log. The parts of its code stand around its number."""

    def __init__(self, number: int, command: list[str], code: list[str], prefix: str, umask: int) -> None:
        self.number = str(number)
        self.command = command
        self.tail = b""
        self.announced = False
        self.needs_relay = False
        self._prefix = f"[{prefix}] ".encode()
        self._folder = os.open(f"viewer-{number}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=RUN)
        self._log = os.open("log", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600, dir_fd=self._folder)
        self._logged = 0
        self._partial = {"out": b"", "err": b""}
        child_in, self.to = os.pipe()
        self.out, child_out = os.pipe()
        self.err, child_err = os.pipe()
        self.readable = {self.out, self.err}
        os.umask(umask)
        try:
            self.pid = os.posix_spawnp(
                command[0],
                [*command, self.number.join(code)],
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, child_in, 0),
                    (os.POSIX_SPAWN_DUP2, child_out, 1),
                    (os.POSIX_SPAWN_DUP2, child_err, 2),
                ],
                setpgroup=0,
            )
        except OSError as error:
            self.pid = 0
            self.end(None, f"could not be started: {error.strerror}")
        finally:
            os.umask(UMASK)
        for descriptor in (child_in, child_out):
            os.close(descriptor)
        self.errors = child_err  # a relay writes there, too

    def read(self, descriptor: int, *, show: bool) -> None:
        """Log what the viewer wrote, and pass it on."""
        data = os.read(descriptor, 1 << 16)
        if not data:
            self.readable.discard(descriptor)
        name = "out" if descriptor == self.out else "err"
        *lines, self._partial[name] = (self._partial[name] + data).split(b"\n")
        if not data and self._partial[name]:
            lines.append(self._partial[name])
            self._partial[name] = b""
        for line in lines:
            # A shell over there may have written something to the same line, without an end.
            line, announcement, record = line.partition(ANNOUNCEMENT)  # noqa: PLW2901
            if announcement and name == "out":
                self.announced = True
                self.needs_relay = not json.loads(record).get("maps", True)
                self.keep_errors(self.needs_relay)
                if not line:
                    continue
            self._keep(line + b"\n")
            if show and line.strip():
                show_on_stderr(self._prefix + line + b"\n")

    def keep_errors(self, wanted: bool) -> None:
        """Let go of the writing end of the viewer's stderr, unless a relay is to have it."""
        if not wanted and self.errors >= 0:
            os.close(self.errors)
            self.errors = -1

    def relay(self, command: list[str]) -> int:
        """Hand the viewer's stream over to a relay, and return its process id.

        The viewer waits for it: nothing has been written behind the announcement.
        """
        pid = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, self.out, 0),
                (os.POSIX_SPAWN_DUP2, self.to, 1),
                (os.POSIX_SPAWN_DUP2, self.errors, 2),
            ],
        )
        # From now on the stream ends with the relay.
        self.readable.discard(self.out)
        devnull = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        for descriptor in (self.out, self.to):
            os.dup2(devnull, descriptor, inheritable=False)
        os.close(devnull)
        self.keep_errors(False)
        return pid

    def _keep(self, line: bytes) -> None:
        self.tail = (self.tail + line)[-TAIL_BYTES:]
        self._logged += len(line)
        if self._logged > LOG_BYTES:
            os.ftruncate(self._log, 0)
            os.lseek(self._log, 0, os.SEEK_SET)
            line = b"(the log was full, and starts anew)\n" + line
            self._logged = len(line)
        try:
            os.write(self._log, line)
        except OSError:
            pass  # a full tmpfs: the log is not worth more than the watch

    def end(self, status: int | None, how: str, *, ordinary: bool = False) -> None:
        """Write ``end.json``: how the viewer ended."""
        record = {
            "command": self.command,
            "exit": status,
            "how": how,
            "ordinary": ordinary,
            "announced": self.announced,
            "tail": self.tail.decode(errors="replace"),
            "at": time.time(),
        }
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with open(os.open(".end.json", flags, 0o600, dir_fd=self._folder), "w") as file:
            json.dump(record, file)
        os.replace(".end.json", "end.json", src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def kill(self) -> None:
        """Kill the viewer with all that it started (``conda run``, ``ssh``), stopped or not."""
        if self.pid:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass

    def close(self) -> None:
        """Close the pipes, the log and the folder."""
        self.keep_errors(False)
        for descriptor in (self.to, self.out, self.err, self._log, self._folder):
            os.close(descriptor)


class Supervisor:
    """Watches the viewers of one run, one at a time, and the run itself."""

    def __init__(self) -> None:
        self.umask = os.umask(UMASK)
        with open(os.open("launch.json", os.O_RDONLY | os.O_CLOEXEC, dir_fd=RUN)) as file:
            self.launch = json.load(file)
        # Our lock, as asyncplot.rundir.liveness has it: nobody sweeps this directory while we live.
        os.mkdir("supervisor", 0o700, dir_fd=RUN)
        alive = os.open("supervisor/alive", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600, dir_fd=RUN)
        fcntl.lockf(alive, fcntl.LOCK_EX)
        self.respawns = RESPAWNS if self.launch["respawn"] else 0
        self.run_goes_on = True
        self.relay = 0
        self.relay_failed = False
        self.wake, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(self.wake, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited by the viewer
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self.control = os.open("control", os.O_RDWR | os.O_CLOEXEC, dir_fd=RUN)
        self.viewer: Viewer | None = self.start(1) if self.launch["viewer"] else None

    def start(self, number: int) -> Viewer | None:
        """Start viewer ``number``; None if that cannot be done."""
        launch = self.launch
        viewer = Viewer(number, launch["command"], launch["code"], launch["name"], self.umask)
        if viewer.pid:
            return viewer
        viewer.close()
        self.notify()
        return None

    def notify(self) -> None:
        """Count one more notice in the control file, where the compute side sees it for 0.1 us."""
        count = int.from_bytes(os.pread(self.control, 8, _NOTICES_AT), sys.byteorder) + 1
        os.pwrite(self.control, count.to_bytes(8, sys.byteorder), _NOTICES_AT)

    def closing(self) -> int:
        """How the run is ending, by the control file; 0 while it goes on."""
        return int.from_bytes(os.pread(self.control, 8, _CLOSING_AT), sys.byteorder)

    def watch(self) -> None:
        """Until the run has ended, and with it (or, if they persist, after it) its viewers."""
        while self.run_goes_on or self.viewer is not None:
            poll = select.poll()
            poll.register(self.wake, select.POLLIN)
            if self.run_goes_on:
                poll.register(0, select.POLLIN)
            for descriptor in self.viewer.readable if self.viewer is not None else ():
                poll.register(descriptor, select.POLLIN)
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self.wake in ready:
                os.read(self.wake, 4096)
            self.read(ready)
            if 0 in ready and not os.read(0, 1):
                self.run_goes_on = False
                if not self.launch["persist"]:
                    self.end_viewer()
            self.reap()

    def read(self, ready: set[int]) -> None:
        """Read the viewer's output where there is some."""
        if self.viewer is not None:
            for descriptor in ready & self.viewer.readable:
                self.viewer.read(descriptor, show=not self.launch["persist"])
            if self.viewer.needs_relay:
                self.viewer.needs_relay = False
                code = self.viewer.number.join(self.launch["relay"])
                self.relay = self.viewer.relay([sys.executable, "-c", code])

    def reap_relay(self) -> None:
        """Note the end of the relay; the viewer ends with its stream."""
        if self.relay:
            pid, status = os.waitpid(self.relay, os.WNOHANG)
            if pid:
                self.relay = 0
                self.relay_failed = os.waitstatus_to_exitcode(status) != 0

    def reap(self, *, ending: bool = False) -> bool:
        """Note the end of the viewer, if it has ended; start another if that was asked for."""
        viewer = self.viewer
        self.reap_relay()
        if viewer is None:
            return True
        pid, status = os.waitpid(viewer.pid, os.WNOHANG)
        if not pid:
            return False
        self.drain(viewer)
        viewer.kill()  # what it started and left behind
        code = os.waitstatus_to_exitcode(status)
        ordinary = ending or (code == 0 and viewer.announced and not self.relay_failed)
        how = f"exited with code {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"
        self.viewer = None
        if not ordinary and self.respawns and self.run_goes_on:
            self.respawns -= 1
            number = claim()
            viewer.end(code, how + ", and was started again")
            viewer.close()
            self.viewer = self.start(number)
        else:
            viewer.end(code, how, ordinary=ordinary)
            viewer.close()
            if self.closing() == _CLOSING_UNHELD:
                self.run_goes_on = (
                    False  # nobody holds the server any more, and the last frame has been drawn
                )
        self.notify()
        return True

    def drain(self, viewer: Viewer) -> None:
        """Read what the viewer wrote last."""
        for descriptor in sorted(viewer.readable):
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            # What it left running may hold the pipe open, so look before each read.
            while descriptor in viewer.readable and poll.poll(0):
                viewer.read(descriptor, show=not self.launch["persist"])

    def end_viewer(self) -> None:
        """Let the viewer end by itself for its grace, then kill it."""
        viewer = self.viewer
        if viewer is None:
            return
        os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), viewer.to, inheritable=False)
        grace = 0.0 if self.closing() == _CLOSING_AT_ONCE else self.launch["grace"]
        deadline = time.monotonic() + grace
        while not self.reap(ending=True):
            left = deadline - time.monotonic()
            if left <= 0:
                viewer.kill()
                os.waitid(os.P_PID, viewer.pid, os.WEXITED | os.WNOWAIT)
                continue
            poll = select.poll()
            for descriptor in (self.wake, *viewer.readable):
                poll.register(descriptor, select.POLLIN)
            ready = {descriptor for descriptor, _ in poll.poll(left * 1000)}
            if self.wake in ready:
                os.read(self.wake, 4096)
            self.read(ready)


def claim() -> int:
    """Make the folder of another viewer, with the log that tells that it is ours, and return its number."""
    number = 2
    while True:
        try:
            os.mkdir(f"viewer-{number}", 0o700, dir_fd=RUN)
        except FileExistsError:
            number += 1  # somebody has attached
            continue
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
        os.close(os.open(f"viewer-{number}/log", flags, 0o600, dir_fd=RUN))
        return number


def show_on_stderr(line: bytes) -> None:
    """Write to the computation's stderr if that takes it now: a terminal on hold must not hold us."""
    poll = select.poll()
    poll.register(2, select.POLLOUT)
    if any(event & select.POLLOUT for _, event in poll.poll(0)):
        try:
            os.write(2, line[: select.PIPE_BUF])
        except OSError:
            pass


def close_others() -> None:
    """Close what the computation's own code lets its children inherit: it may be somebody's end of a pipe."""
    for name in os.listdir("/dev/fd"):
        if int(name) > RUN:
            try:
                os.close(int(name))
            except OSError:
                pass  # the one by which they were listed


def main(directory: str) -> None:
    """Become the supervisor of the run in ``directory``: in a child, so that our parent can reap us at once."""
    if os.fork():
        os._exit(0)
    close_others()
    os.set_inheritable(RUN, False)
    try:
        supervisor = Supervisor()
    except FileNotFoundError:
        return  # the run was undone while we started
    os.write(1, b"\n")  # it is up
    if supervisor.launch["persist"]:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)
        os.close(devnull)
    # Only now, as the viewer is starting already: these imports take as long as all of the above.
    sys.path.append(os.path.dirname(supervisor.launch["package"]))
    import pathlib

    from asyncplot import rundir

    path = pathlib.Path(directory)
    rundir.sweep(path.parent, own=path)
    supervisor.watch()
    rundir.remove(path, RUN)


if __name__ == "__main__":
    main(sys.argv[1])
