"""The viewer's end of a relay: it makes a run directory of its own, and puts the frames that come into its mailbox.

In: the calls of a `Source` over rpyc, on threads of an executor; out: a run directory that any viewer of
this host can show, and in the answers what became of the frames, what the viewer says of itself, and what
it sends back. A connection may be lost and another one take its place: the run directory stays.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..errors import ViewerError, ViewerGone
from ..frames import EncodedFrame
from ..launch.bootstrap import numbered
from ..mailbox import Control, MailboxWriter
from ..rpc import Pump, ServerConnection, Stream
from ..rundir import Command, Launch, RunDirectory, ViewerOptions, write_file, write_json
from ..rundir.format import LAUNCH_FILE, Closing
from .compression import unpacked
from .forwarding import Forwarded
from .greeting import greeting, incompatible
from .reports import Reports

#: How often the viewer is looked at while somebody waits for its answer, s.
_TICK = 0.002

#: An answer to `news` comes at least this often, s.
_NEWS = 2.0

#: Threads: one for frames, one for news, one for everything else.
_THREADS = 3

#: One frame as it crosses: lane, number, age (ns), header, lengths of its buffers, codec; and the payload,
#: which is an attachment if it is None here.
SentFrame = tuple[int, int, int, bytes, tuple[int, ...], str, bytes | None]


class Mirror:
    """A run of another host, here.

    Parameters
    ----------
    backend : str, optional
        For the viewer; default: what the run asked for.

    Attributes
    ----------
    ended : int
        A descriptor that can be read when the run has ended, or nobody will connect again.
    directory : Path or None
        The run directory, once a source has said hello.
    greeted, heard : float
        When a source said hello last, and when it was heard of last, on the clock of `time.monotonic`.
    """

    def __init__(self, backend: str | None = None) -> None:
        self.directory: Path | None = None
        self.greeted = self.heard = 0.0
        self._attachments: deque[memoryview] = deque()
        self._backend = backend
        self._closed = False
        self._connection: ServerConnection | None = None
        self._control: Control | None = None
        self._executor = ThreadPoolExecutor(_THREADS, "asyncplot-mirror")
        self._forwarded: Forwarded | None = None
        self._held: dict[int, int] = {}  # the newest frame of each lane by the source's numbers
        self._identity: Any = None
        self._persists = False
        self._pump = Pump("asyncplot-mirror")
        self._reports: Reports | None = None
        self._run: RunDirectory | None = None
        self._started = threading.Event()
        self._why = ""
        self._writers: list[MailboxWriter] = []
        self.ended, self._ending = os.pipe2(os.O_CLOEXEC)

    # --- on the viewer's side ----------------------------------------------------------------------

    def connect(self, stream: Stream, lost: Callable[[], None]) -> None:
        """Serve a source on a stream, in place of the one before.

        Parameters
        ----------
        stream : Stream
            To the source; becomes the mirror's own.
        lost : callable
            Called when the stream ends, unless the run has ended and its viewers stay; on a private thread.
        """
        if self._connection is not None:
            self._connection.close()
        if self._reports is not None:
            self._reports.forget()
        self._attachments.clear()
        self.heard = time.monotonic()
        self._connection = ServerConnection(
            self._pump,
            stream,
            self,
            self._schedule,
            lambda: None if self._persists else lost(),
            self._attachments.append,
        )

    @property
    def connected(self) -> bool:
        """Whether there is a source."""
        return self._connection is not None and not self._connection.closed

    def wait_started(self) -> bool:
        """Wait for the plotter; False if the stream ends before."""
        while not self._started.wait(0.02):
            if not self.connected or self._why:
                return False
        return True

    @property
    def why(self) -> str:
        """Why the run has ended, in words; empty while it goes on."""
        return self._why

    def end(self, why: str) -> None:
        """Have the viewer end: nobody will connect again."""
        self._why = self._why or why
        if self._ending >= 0:
            ending, self._ending = self._ending, -1
            os.close(ending)

    def close(self) -> None:
        """End everything, and remove the run directory."""
        self._closed = True
        self.end("the viewer has ended")
        if self._connection is not None:
            self._connection.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        if self._forwarded is not None:
            self._forwarded.close()
        self._pump.close()
        for writer in self._writers:
            writer.close()
        if self._control is not None:
            self._control.close()
        if self._run is not None:
            self._run.remove()
        os.close(self.ended)

    def note(self, text: str) -> None:
        """Have the viewers say something in their titles; empty: nothing."""
        if self._control is not None and self.directory is not None:
            write_json(self.directory / "note.json", {"text": text})
            self._control.note()

    # --- what a source calls ------------------------------------------------------------------------

    def hello(self, text: str) -> str:
        """Greet; make the run directory, or find that it is the same run as before.

        Raises
        ------
        ViewerError
            If the two sides cannot work together, or it is another run.
        """
        theirs = json.loads(text)
        ours = greeting()
        problem = incompatible(theirs["greeting"], ours)
        record = theirs["run"]
        identity = [record.get("host"), record.get("pid"), record.get("since")]
        if problem is None and self._identity not in (None, identity):
            problem = f"the run {record.get('name')} that was shown has ended, and another one is called so"
        if problem is not None:
            self.end(problem)
            raise ViewerError(problem)
        if self._run is None:
            self._make(record, theirs["greeting"]["host"])
            self._identity = identity
        self.greeted = time.monotonic()
        return json.dumps({"greeting": ours, "held": self._held, "started": self._started.is_set()})

    def plotter(self, data: bytes, names: tuple[str, ...]) -> None:
        """Take the plotter and the names of the lanes so far, and let the viewer start."""
        self._add_lanes(names)
        write_file(self._directory / "plotter", data)
        self._started.set()

    def update(
        self, names: tuple[str, ...], frames: tuple[SentFrame, ...], counts: Any, overhead: float, link: float
    ) -> float:
        """Put frames into the mailbox, and answer when it is time for the next ones.

        That is when the viewer has drawn these and asks for more, or so much earlier as the next ones need
        to get here: a link that takes 25 ms for a frame then carries one while another is drawn.

        Parameters
        ----------
        names : tuple of str
            The lanes.
        frames : tuple
            One for each lane that has a new one.
        counts, overhead
            What the computation counts, see `MailboxWriter.count`.
        link : float
            How long frames take to get here, s.

        Returns
        -------
        float
            How long this took on this side, s.
        """
        assert self._reports is not None  # after hello
        arrived = time.monotonic()
        self._add_lanes(names)
        for writer, counted in zip(self._writers, counts, strict=False):
            writer.count(counted, arrived, overhead)
        lanes = [frame[0] for frame in frames]
        attached = {frame[0]: self._attachments.popleft() for frame in frames if frame[-1] is None}
        self._wait_until_asked(lanes, float("inf"))
        for lane, number, age_ns, header, lengths, codec, payload in frames:
            taken_ns = time.monotonic_ns() - age_ns
            local = self._put(
                lane, header, lengths, unpacked(codec, attached.get(lane, payload), sum(lengths)), taken_ns
            )
            self._reports.note(lane, local, number)
            self._held[lane] = number
        drawing = max(self._reports.draw_seconds(lane) for lane in lanes)
        self._wait_until_asked(lanes, time.monotonic() + drawing - link)
        return time.monotonic() - arrived

    def news(self) -> tuple[str, tuple[tuple[int, bytes], ...]]:
        """Answer when the viewer has something to tell, or after a while.

        Returns
        -------
        str
            JSON: its records that are new, and what became of frames.
        tuple
            Forwarded answers: the client and the message.
        """
        assert self._reports is not None  # after hello
        assert self._forwarded is not None
        self.heard = time.monotonic()
        deadline = self.heard + _NEWS
        while not (report := self._reports.changed()) and not self._forwarded.waiting:
            if time.monotonic() > deadline:
                break
            self._look_at_viewer()
            self._forwarded.wait(2 * _TICK)
        return json.dumps(report), self._forwarded.take()

    def forward(self, channel: int, data: bytes) -> None:
        """Pass a message on to the viewer's control socket; empty: the client has gone."""
        assert self._forwarded is not None  # after hello
        self._forwarded.pass_on(channel, data)

    def finish(self, persist: bool) -> None:
        """The run has ended; its viewers end too, or stay with their picture."""
        self._persists = persist
        if self._control is not None:
            self._control.closing = Closing.DETACHED if persist else Closing.POLITELY
        if not persist:
            self.end("the run has ended")

    # --- within -------------------------------------------------------------------------------------

    @property
    def _directory(self) -> Path:
        if self.directory is None:
            raise ViewerError("no run has been named yet")
        return self.directory

    def _make(self, record: dict[str, Any], host: str) -> None:
        self._run = RunDirectory(f"{record['name']}-on-{host}"[:64].rstrip("-."))
        self._run.make()
        self.directory = self._run.path
        viewer = ViewerOptions.from_json(record.get("viewer"))
        viewer = viewer._replace(backend=self._backend or viewer.backend)
        join = Command([sys.executable, "-c"], numbered("launch.entry", str(self.directory)))
        write_json(self.directory / LAUNCH_FILE, Launch(join).to_json())
        self._control = Control.make(self.directory)
        # From now on the run is listed, so all that belongs to it is there.
        self._run.describe(viewer, mirror={"host": host, "run": record["name"]})
        self._reports = Reports(self.directory)
        self._forwarded = Forwarded(self._pump, self._reports.primary)

    def _add_lanes(self, names: tuple[str, ...]) -> None:
        assert self._control is not None  # after hello
        for name in names[len(self._writers) :]:
            lane = self._control.add_lane(name)
            self._writers.append(MailboxWriter(self._directory, self._control, lane))

    def _wait_until_asked(self, lanes: list[int], deadline: float) -> None:
        """Wait until the viewer wants newer frames of some lanes (it does at first), or until the deadline."""
        while not all(self._writers[lane].asked for lane in lanes) and time.monotonic() < deadline:
            self._look_at_viewer()
            time.sleep(_TICK)

    def _put(
        self, lane: int, header: bytes, lengths: tuple[int, ...], payload: bytes | memoryview, taken_ns: int
    ) -> int:
        buffers, position = [], 0
        for length in lengths:
            buffers.append(memoryview(payload)[position : position + length])
            position += length
        frame = EncodedFrame(header, buffers, list(lengths))
        writer = self._writers[lane]
        room = writer.payload(frame)
        if room > writer.capacity:
            writer.grow(room)
        return writer.put(frame, taken_ns)

    def _look_at_viewer(self) -> None:
        """Raise if there is no use in waiting for the viewer any longer."""
        if self._closed or self._why:
            raise ViewerGone(self._why or "the viewer has ended")
        if self._connection is None or self._connection.closed:
            raise ViewerGone("the connection is closed")

    def _schedule(self, request: Any) -> None:
        with contextlib.suppress(RuntimeError):  # it is shutting down
            self._executor.submit(request)
