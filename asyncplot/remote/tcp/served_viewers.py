"""A viewer for each computation that connects: a process whose stdin and stdout are the authenticated stream.

The listener runs on the thread that calls `Serving.run`. Each viewer has a thread that waits for its end, to reap it.
With TLS a viewer cannot have the socket itself; then that thread also copies the bytes.
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

#: Is told what happens: "came", "refused" or "went", the peer's address, and a few words.
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
        What to start for each. Its stderr is that of this process.
    tell : callable
        Is told what happens, on any thread.
    context : ssl.SSLContext, optional
        With it, TLS is used.
    limit : int
        How many viewers there may be at once.
    grace : float
        How long the viewers may take to end by themselves after `stop`, s.
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
        self._viewers: list[_ViewerProcess] = []

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens: address and port."""
        return self._listener.addresses

    def stop(self) -> None:
        """Let `run` return. From any thread, or a signal handler."""
        self._listener.stop()

    def run(self) -> None:
        """Serve until `stop` is called; then end all streams, and after the grace the viewers that are left."""
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
            viewer = _ViewerProcess(stream, address, self._command, self._tell)
        except OSError as error:
            stream.close()
            self._tell("refused", address, f"cannot start {self._command[0]} ({error.strerror or error})")
            return
        self._viewers.append(viewer)
        self._tell("came", address, f"viewer {viewer.pid}")
        viewer.start()


class _ViewerProcess(threading.Thread):
    """The process of a viewer, its stream, and the thread that waits for its end."""

    def __init__(self, stream: socket.socket, address: str, command: list[str], tell: Tell) -> None:
        super().__init__(name=f"asyncplot viewer for {address}")
        self._stream = stream
        self._address = address
        self._tell = tell
        self._local: socket.socket | None = (
            None  # with TLS: our end of a pair, whose other end the viewer has
        )
        if isinstance(stream, ssl.SSLSocket):
            self._local, theirs = socket.socketpair()
        else:
            theirs = stream
        try:
            # In a session of its own, so that a Ctrl-C does not reach it: it ends when its stream is closed.
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
        """Copy bytes if needed, reap the process, and close the stream, by which the other host knows of the end."""
        if self._local is not None:
            with self._local:
                source, target = os.dup(self._local.fileno()), os.dup(self._local.fileno())
                splice(self._stream, source, target, until="source")
        code = self._process.wait()
        shut(self._stream)
        self._stream.close()
        self._tell("went", self._address, f"viewer {self.pid}, exit code {code}")

    def hang_up(self) -> None:
        """End the stream, and so the viewer's stdin."""
        shut(self._stream)

    def end(self, grace: float) -> None:
        """Wait for its end; after the grace kill it, and whatever it has started in its session."""
        self.join(grace)
        if self.is_alive() and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self.join()
