"""The run directory that a mirror makes on its host: to a viewer there it is a run like any other.

In: what the source says of the run, and its frames; out: a run directory with control file, mailboxes and plotter.
The mirror's thread, but for `note` and `end`, which any thread may call.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ...errors import ViewerError
from ...frames import EncodedFrame
from ...launch.bootstrap import numbered
from ...mailbox import Control, MailboxWriter
from ...rundir import Command, Launch, RunDirectory, ViewerOptions, write_file, write_json
from ...rundir.format import LAUNCH_FILE, Closing
from ..wire import Counts
from .reports import Reports


class MirroredRun:
    """A run of another host, here. It outlives the connections to its source.

    Parameters
    ----------
    viewer : ViewerOptions
        What the viewer here is told. Without a backend in it, the viewer has the one that the run asked for. The run
        decides nothing about ports and browsers of this host.

    Attributes
    ----------
    directory : Path or None
        The run directory, once a source has said hello.
    ended : int
        A descriptor that can be read when the run has ended.
    held : list of int
        The newest frame of each lane, by the source's numbers.
    persists : bool
        Whether the run has ended, and its viewers stay with their picture.
    reports : Reports or None
        What the viewer says, once there is a run directory.
    started : threading.Event
        Set when the plotter is there.
    why : str
        Why the run has ended; empty while it goes on.
    """

    def __init__(self, viewer: ViewerOptions) -> None:
        self.directory: Path | None = None
        self.held: list[int] = []
        self.persists = False
        self.reports: Reports | None = None
        self.started = threading.Event()
        self.why = ""
        self._viewer = viewer
        self._control: Control | None = None
        self._identity: tuple[Any, ...] | None = None
        self._run: RunDirectory | None = None
        self._writers: list[MailboxWriter] = []
        self.ended, self._ending = os.pipe2(os.O_CLOEXEC)

    def welcome(self, record: dict[str, Any], host: str) -> None:
        """Make the run directory, or see that it is this run's.

        Parameters
        ----------
        record : dict
            ``run.json`` of the run.
        host : str
            Where the run is.

        Raises
        ------
        ViewerError
            If the run directory is another run's, or the record is not whole.
        """
        name = record.get("name")
        identity = record.get("host"), record.get("pid"), record.get("since")
        if self._identity not in (None, identity):
            raise ViewerError(f"the run {name} that was shown has ended, and another one is called so")
        if not isinstance(name, str):
            raise ViewerError("the run that is to be shown has no name")
        if self._run is None:
            self._make(name, record, host)
            self._identity = identity

    def start(self, plotter: bytes, lanes: Sequence[str]) -> None:
        """Take the plotter and the names of the lanes so far, and let the viewer start."""
        self.add_lanes(lanes)
        write_file(self._made() / "plotter", plotter)
        self.started.set()

    def add_lanes(self, names: Sequence[str]) -> None:
        """Make the lanes that are not there yet; ``names`` are those of all lanes."""
        directory = self._made()
        assert self._control is not None  # it is made with the directory
        for name in names[len(self._writers) :]:
            lane = self._control.add_lane(name)
            self._writers.append(MailboxWriter(directory, self._control, lane))
            self.held.append(0)

    def count(self, counts: Iterable[Counts], now: float, overhead: float) -> None:
        """Publish what the computation has counted for each lane, see `MailboxWriter.count`."""
        for writer, counted in zip(self._writers, counts, strict=False):
            writer.count(counted, now, overhead)

    def wants_newer(self, lanes: Iterable[int]) -> bool:
        """Whether the viewer wants newer frames of all these lanes. It does before the first one."""
        return all(self._writers[lane].asked for lane in lanes)

    def put(
        self,
        lane: int,
        number: int,
        header: bytes,
        lengths: Sequence[int],
        payload: memoryview,
        taken_ns: int,
    ) -> None:
        """Put a frame into the mailbox of its lane.

        Parameters
        ----------
        lane, number : int
            Which one it is, by the source's numbers.
        header : bytes
            The pickle.
        lengths : sequence of int
            Of the buffers, bytes.
        payload : memoryview
            The buffers, one after the other.
        taken_ns : int
            When it was taken, on the clock of this host.
        """
        assert self.reports is not None  # after `welcome`
        buffers, position = [], 0
        for length in lengths:
            buffers.append(payload[position : position + length])
            position += length
        frame = EncodedFrame(header, buffers, list(lengths))
        writer = self._writers[lane]
        room = writer.payload(frame)
        if room > writer.capacity:
            writer.grow(room)
        self.reports.expect(lane, writer.put(frame, taken_ns), number)
        self.held[lane] = number

    def note(self, text: str) -> None:
        """Have the viewers say something in their titles; empty: nothing."""
        if self._control is not None and self.directory is not None:
            write_json(self.directory / "note.json", {"text": text})
            self._control.note()

    def finish(self, persist: bool) -> None:
        """The run has ended over there: its viewers end too, or stay with their picture."""
        self.persists = persist
        if self._control is not None:
            self._control.closing = Closing.DETACHED if persist else Closing.POLITELY
        if not persist:
            self.end("the run has ended")

    def end(self, why: str) -> None:
        """Have the viewers end: no source will connect again."""
        self.why = self.why or why
        if self._ending >= 0:
            ending, self._ending = self._ending, -1
            os.close(ending)

    def close(self) -> None:
        """Remove the run directory."""
        for writer in self._writers:
            writer.close()
        if self._control is not None:
            self._control.close()
        if self._run is not None:
            self._run.remove()
        os.close(self.ended)

    def _made(self) -> Path:
        if self.directory is None:
            raise ViewerError("no run has been named yet")
        return self.directory

    def _make(self, name: str, record: dict[str, Any], host: str) -> None:
        self._run = RunDirectory(f"{name}-on-{host}"[:64].rstrip("-."))
        self._run.make()
        self.directory = directory = self._run.path
        viewer = ViewerOptions.from_json(record.get("viewer"))
        own = self._viewer
        viewer = viewer._replace(backend=own.backend or viewer.backend, port=own.port, browser=own.browser)
        join = Command([sys.executable, "-c"], numbered("launch.entry", str(directory)))
        write_json(directory / LAUNCH_FILE, Launch(join).to_json())
        self._control = Control.make(directory)
        self.reports = Reports(directory)
        # From now on the run is listed, so this comes last.
        self._run.describe(viewer, mirror={"host": host, "run": name})
