"""One viewer as the supervisor sees it: a process, its pipes, and its folder with the log of what it wrote.

Supervisor, its only thread; standard library only. In: what the viewer writes to its stdout and stderr. Out: its
log (bounded), the same lines on the computation's stderr, and ``end.json`` when it has ended.

A viewer on another host, or in a container, may be unable to map the run directory. It says so in the line by
which it announces itself. Its stdin and stdout are then handed over to a relay.
"""

from __future__ import annotations

import errno
import json
import os
import select
import signal
import time
from typing import Any

from ..rundir.format import ANNOUNCEMENT, END_FILE, LOG_FILE, UNLOGGED, viewer_folder
from ..rundir.options import Command
from .marked import kill_marked
from .output import Lines, Passing, visible

#: The log of a viewer keeps at most this many bytes, and errors quote this many from its end.
LOG_BYTES, TAIL_BYTES = 1 << 20, 4096

#: The umask of the supervisor: only the user may read its files.
UMASK = 0o077

#: How much is read from a pipe at once, bytes.
_CHUNK = 1 << 16

#: How many times it is read when the viewer has ended. A pipe holds 64 kB, in up to 16 pages; 1 MB where it was enlarged.
_LAST_READS = 256


class ViewerProcess:
    """Starts a viewer, reads what it writes, and kills it.

    Parameters
    ----------
    run : int
        A descriptor of the run directory, which holds the viewer's folder.
    number : int
        The viewer's number.
    command : Command
        What to start.
    name : str
        The run's name: it stands before each line that is passed on.
    umask : int
        The user's umask, for the viewer.

    Attributes
    ----------
    pid : int
        Its process id, which is that of its process group; 0 if it could not be started.
    to, out, err : int
        Our ends of its stdin, stdout and stderr.
    readable : set of int
        Those of the last two that have not come to their end.
    announced : bool
        Whether asyncplot's code runs in it.
    needs_relay : bool
        Whether it waits for a relay.
    passing : Passing
        Passes lines on to the computation's stderr.
    """

    def __init__(self, run: int, number: int, command: Command, name: str, umask: int) -> None:
        self.number = number
        self.announced = self.needs_relay = False
        self._command = command
        words = command.numbered(number)
        self._code = words[-1].encode(errors="surrogateescape")
        self.passing = Passing(name)
        self._folder = os.open(viewer_folder(number), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=run)
        self._log = BoundedLog(self._folder)
        self._lines = {"out": Lines(), "err": Lines()}
        child_in, self.to = os.pipe()
        self.out, child_out = os.pipe()
        self.err, self._errors = os.pipe()  # a relay writes to the viewer's stderr, too
        self.readable = {self.out, self.err}
        os.umask(umask)
        try:
            self.pid = _spawn(words, child_in, child_out, self._errors, own_group=True)
        except OSError as error:
            self.pid = 0
            self.end(None, f"could not be started: {error.strerror}")
        finally:
            os.umask(UMASK)
        os.close(child_in)
        os.close(child_out)

    def read(self, descriptor: int, *, show: bool) -> None:
        """Log what the viewer wrote; with ``show`` pass it on to the computation's stderr, too."""
        data = os.read(descriptor, _CHUNK)
        name = "out" if descriptor == self.out else "err"
        if data:
            self._pass(*self._lines[name].feed(data), name=name, show=show)
        else:
            self.readable.discard(descriptor)
            self._pass(self._lines[name].end(), b"", name=name, show=show)

    def _pass(self, lines: list[bytes], overwritten: bytes, *, name: str, show: bool) -> None:
        """Log lines, with their control characters made visible; with ``show`` pass them on."""
        if name == "out" and not self.announced:
            lines = [text for line in lines for text in self._without_announcement(line)]
        # What stands before the mark may be text that ended no line.
        texts, bar = [visible(line.replace(UNLOGGED, b"")) for line in lines], visible(overwritten)
        written = [
            text if UNLOGGED not in line else visible(line.partition(UNLOGGED)[0])
            for text, line in zip(texts, lines, strict=True)
            if not line.startswith(UNLOGGED)
        ]
        written += [bar] if bar else []
        if written:
            self._log.write(b"\n".join([*written, b""]))
        if show:
            now = time.monotonic()
            for text in filter(bytes.strip, texts):
                self.passing.line(text, now)
            if bar.strip():
                self.passing.overwritten(bar, now)

    def _without_announcement(self, line: bytes) -> list[bytes]:
        """The line; if asyncplot's code announces itself in it, what stood before: a far shell may have written text."""
        text, found, said = line.partition(ANNOUNCEMENT)
        record = _record(said) if found else None
        if record is None:
            return [line]
        self.announced = True
        self.needs_relay = not record.get("maps", True)
        if not self.needs_relay:
            self._let_go_of_errors()
        return [text] if text else []

    def drain(self, *, show: bool) -> None:
        """Read what the viewer wrote last."""
        for descriptor in sorted(self.readable):
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            # What the viewer left behind may hold the pipe open, so look before each read; or write to it for ever.
            for _ in range(_LAST_READS):
                if descriptor in self.readable and poll.poll(0):
                    self.read(descriptor, show=show)
        for name, lines in self._lines.items():
            self._pass(lines.end(), b"", name=name, show=show)
        if show:
            self.passing.settle()

    def relay(self, words: list[str]) -> int:
        """Hand the viewer's stdin and stdout over to a relay, and return the relay's process id.

        The viewer waits for the relay: it has written nothing after the announcement.
        """
        self.needs_relay = False
        pid = _spawn(words, self.out, self.to, self._errors, own_group=False)
        self.readable.discard(self.out)
        self.end_input()  # from now on the viewer's stream ends with the relay
        devnull = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        os.dup2(devnull, self.out, inheritable=False)
        os.close(devnull)
        self._let_go_of_errors()
        return pid

    def end_input(self) -> None:
        """End the viewer's stdin, so that it ends by itself."""
        devnull = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(devnull, self.to, inheritable=False)
        os.close(devnull)

    def end(self, status: int | None, how: str, *, ordinary: bool = False) -> None:
        """Write ``end.json``: how the viewer ended."""
        record = {
            "command": self._command.words,
            "exit": status,
            "how": how,
            "ordinary": ordinary,
            "announced": self.announced,
            "tail": self._log.tail.decode(errors="replace"),
            "at": time.time(),
        }
        try:
            self._put(END_FILE, json.dumps(record).encode())
        except OSError:  # a full tmpfs: the room of the log is for this; an empty file needs none, and says that it has ended
            self._log.clear()
            for content in (json.dumps({**record, "tail": ""}).encode(), b""):
                try:
                    self._put(END_FILE, content)
                    return
                except OSError:
                    continue  # or the folder was removed, and the run with it

    def _put(self, name: str, content: bytes) -> None:
        """Write a file of the viewer's folder, which is there whole or not at all. Raises OSError."""
        temporary = f".{name}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with open(os.open(temporary, flags, 0o600, dir_fd=self._folder), "wb", buffering=0) as file:
            if file.write(content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.replace(temporary, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def kill(self) -> None:
        """Kill the viewer with all that it started (``conda run``, ``ssh``), stopped or not, wherever it went."""
        if self.pid:
            kill_marked(self._code)
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass

    def close(self) -> None:
        """Close the pipes, the log and the folder."""
        self._let_go_of_errors()
        self._log.close()
        for descriptor in (self.to, self.out, self.err, self._folder):
            os.close(descriptor)

    def _let_go_of_errors(self) -> None:
        """Close the writing end of the viewer's stderr, which is kept until it is known whether a relay needs it."""
        if self._errors >= 0:
            os.close(self._errors)
            self._errors = -1


class BoundedLog:
    """The file ``log`` in a viewer's folder. It begins anew when it is full.

    Attributes
    ----------
    tail : bytes
        The end of what was written.
    """

    def __init__(self, folder: int) -> None:
        self.tail = b""
        self._file = os.open(LOG_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600, dir_fd=folder)
        self._written = 0

    def write(self, lines: bytes) -> None:
        """Append lines: those of one reading."""
        self.tail = (self.tail + lines)[-TAIL_BYTES:]
        if self._written + len(lines) > LOG_BYTES:
            self.clear()
            lines = b"(the log was full, and starts anew)\n" + lines[-LOG_BYTES // 2 :]
        self._written += len(lines)
        try:
            os.write(self._file, lines)
        except OSError:
            pass  # a full tmpfs: watching the viewer matters more than its log

    def clear(self) -> None:
        """Give back the room that it takes."""
        self._written = 0
        try:
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
        except OSError:
            pass  # it is no file of the usual kind: then it takes none

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _record(text: bytes) -> dict[str, Any] | None:
    """The record in an announcement; None if there is none, as a program may write anything to its stdout."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _spawn(words: list[str], stdin: int, stdout: int, stderr: int, *, own_group: bool) -> int:
    """Start a process with these streams, and return its process id. Raises OSError."""
    streams = [(os.POSIX_SPAWN_DUP2, stream, number) for number, stream in enumerate((stdin, stdout, stderr))]
    if own_group:
        return os.posix_spawnp(words[0], words, os.environ, file_actions=streams, setpgroup=0)
    return os.posix_spawnp(words[0], words, os.environ, file_actions=streams)
