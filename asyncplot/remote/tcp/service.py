"""Viewers for those who connect: a process each, whose stdin and stdout are the authenticated stream.

The listener runs on the thread that calls `Serving.run`; each viewer has a thread that waits for its end,
so that it is reaped, and copies its bytes where TLS means that it cannot have the socket itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Sequence

from .listener import Listener
from .secret import Secret
from .splice import splice
from .streams import shut

#: Told of what happens: "came", "refused" or "went", the peer's address, and a few words.
Tell = Callable[[str, str, str], None]


class Serving:
    """A listener and its viewers.

    Parameters
    ----------
    sockets : list of socket.socket
        Where to listen; see `listener.open_sockets`.
    secret : Secret
        What whoever connects must know.
    command : sequence of str
        What to start for each; its stderr is ours.
    tell : callable
        Is told what happens, on any thread.
    context : ssl.SSLContext, optional
        With it, TLS comes first.
    limit : int
        At most so many viewers at once.
    grace : float
        s for the viewers to end by themselves when all ends.
    """

    def __init__(
        self,
        sockets: list[socket.socket],
        secret: Secret,
        command: Sequence[str],
        tell: Tell,
        context: ssl.SSLContext | None = None,
        *,
        limit: int = 16,
        grace: float = 2.0,
    ) -> None:
        self._listener = Listener(sockets, secret, self._start, context)
        self._command = list(command)
        self._tell = tell
        self._limit = limit
        self._grace = grace
        self._viewers: list[_Viewer] = []

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens: address and port."""
        return self._listener.addresses

    def stop(self) -> None:
        """Let `run` return. From any thread, or a signal handler."""
        self._listener.stop()

    def run(self) -> None:
        """Serve until `stop`; then end the viewers: their stream first, and what is left after the grace."""
        try:
            self._listener.run()
        finally:
            for viewer in self._viewers:
                viewer.hang_up()
            for viewer in self._viewers:
                viewer.end(self._grace)

    def _start(self, stream: socket.socket, address: str) -> None:
        self._viewers = [viewer for viewer in self._viewers if viewer.is_alive()]
        if len(self._viewers) >= self._limit:
            stream.close()
            self._tell("refused", address, f"there are {self._limit} viewers already")
            return
        try:
            viewer = _Viewer(stream, address, self._command, self._tell)
        except OSError as error:
            stream.close()
            self._tell("refused", address, f"cannot start {self._command[0]} ({error.strerror or error})")
            return
        self._viewers.append(viewer)
        self._tell("came", address, f"viewer {viewer.pid}")
        viewer.start()


class _Viewer(threading.Thread):
    """One viewer process, its stream, and the thread that waits for its end."""

    def __init__(self, stream: socket.socket, address: str, command: list[str], tell: Tell) -> None:
        super().__init__(name=f"asyncplot viewer for {address}")
        self._stream = stream
        self._address = address
        self._tell = tell
        self._local: socket.socket | None = None  # our end, where TLS lies between
        if isinstance(stream, ssl.SSLSocket):
            self._local, theirs = socket.socketpair()
        else:
            theirs = stream
        try:
            # A session of its own: Ctrl-C is for us, and we end it by closing its stream.
            number = theirs.fileno()
            self._process = subprocess.Popen(command, stdin=number, stdout=number, start_new_session=True)
        except OSError:
            if self._local is not None:
                self._local.close()
            raise
        finally:
            if theirs is not stream:
                theirs.close()
        self.pid = self._process.pid

    def run(self) -> None:
        """Copy, where that is needed; reap; close the stream, which then tells the other host."""
        if self._local is not None:
            with self._local:
                source, target = os.dup(self._local.fileno()), os.dup(self._local.fileno())
                splice(self._stream, source, target, until="source")
        code = self._process.wait()
        shut(self._stream)
        self._stream.close()
        self._tell("went", self._address, f"viewer {self.pid}, exit code {code}")

    def hang_up(self) -> None:
        """End the stream: the viewer finds the end of its stdin."""
        shut(self._stream)

    def end(self, grace: float) -> None:
        """Wait, then kill it, and whatever it started in its session."""
        self.join(grace)
        if self.is_alive() and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self.join()
