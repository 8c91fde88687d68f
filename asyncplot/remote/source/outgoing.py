"""Frames on their way from the run's mailbox to the mirror. The source's thread.

In: the mailbox, of which this is one more reader; out: `Frames` on the channel, one at a time. While it is under
way, newer frames supersede each other in the mailbox.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from ...errors import ViewerError
from ...log import logger
from ...mailbox import Control, MailboxReader, ReceivedFrame
from ..channel import Channel
from ..compression import Compression
from ..wire import Counts, Frames, SentFrame, Welcome
from .far_viewer import FarViewer

#: How often the mailbox is looked at while frames come, and when they do not, s; how long they count as coming.
_BUSY, _IDLE, _COMING = 0.002, 0.02, 1.0

#: The next frame is asked for this long before it can be sent, s: the computation looks each 4 to 8 ms.
_AHEAD = 0.012

#: The weight of each new measurement in the averages of the link's times.
_WEIGHT = 0.2

#: Payloads up to this go within the message, longer ones as an attachment, bytes.
_WITHIN = 1 << 15

#: The longest frame that crosses, bytes.
_LONGEST = 1 << 29


class OutgoingFrames:
    """Reads the newest frames, and sends them when the mirror is ready for them.

    Parameters
    ----------
    run : Path
        The run directory.
    control : Control
        Its control file.
    viewer : FarViewer
        Is told which frames to expect.
    channel : Channel
        To the mirror.
    welcome : Welcome
        What the mirror said first.
    """

    def __init__(
        self, run: Path, control: Control, viewer: FarViewer, channel: Channel, welcome: Welcome
    ) -> None:
        self._run = run
        self._control = control
        self._viewer = viewer
        self._channel = channel
        self._held = welcome.held
        self._compression = Compression(welcome.greeting.codecs)
        self._names: list[str] = []
        self._readers: list[MailboxReader] = []
        self._fresh: dict[int, ReceivedFrame] = {}  # to be sent next, by lane
        self._under_way = False
        self._sent = time.monotonic()  # when frames were sent last
        self._sent_bytes = 0  # how many they were
        self._link = 0.0  # how long frames take to get there, s
        self._cycle = 0.0  # from sending frames to the next ones, s

    @property
    def pause(self) -> float:
        """How long to wait until the next `turn`, s."""
        return _BUSY if time.monotonic() - self._sent < _COMING else _IDLE

    def turn(self) -> None:
        """Send what is new, if none is under way; or read it shortly before it can be sent."""
        if self._under_way:
            if time.monotonic() > self._sent + self._cycle - _AHEAD:
                self._read()
            return
        self._add_lanes()
        self._read()
        if self._fresh:
            self._send()

    def crossed(self, far_seconds: float) -> None:
        """The mirror is ready for the next frames, and has had these for ``far_seconds``: learn how fast the link is.

        Raises ViewerError if none were under way.
        """
        if not self._under_way:
            raise ViewerError("it is ready for more frames, and none were sent")
        self._under_way = False
        cycle = time.monotonic() - self._sent
        crossing = max(cycle - far_seconds, 0.0)
        self._cycle += _WEIGHT * (cycle - self._cycle)
        self._link += _WEIGHT * (crossing - self._link)
        self._compression.crossed(self._sent_bytes, crossing)

    def close(self) -> None:
        """Unmap the mailboxes."""
        for reader in self._readers:
            reader.close()

    def _add_lanes(self) -> None:
        if self._control.lane_count == len(self._names):
            return
        for lane, name in list(enumerate(self._control.lanes))[len(self._names) :]:
            reader = MailboxReader(self._run, self._control, lane)
            reader.resume(self._held[lane] if lane < len(self._held) else 0)
            self._viewer.add_lane()
            self._names.append(name)
            self._readers.append(reader)

    def _read(self) -> None:
        """Read what is new, and ask for what is newer."""
        for lane, reader in enumerate(self._readers):
            frame = reader.newest()
            if frame is not None and self._may_cross(lane, frame):
                self._fresh[lane] = frame
            elif lane not in self._fresh:
                reader.ask()

    def _may_cross(self, lane: int, frame: ReceivedFrame) -> bool:
        if sum(_lengths(frame.buffers)) + len(frame.header) <= _LONGEST:
            return True
        logger.error(
            "%s: a frame of more than %d MB cannot be relayed; send less", self._names[lane], _LONGEST >> 20
        )
        return False

    def _send(self) -> None:
        fresh, self._fresh = self._fresh, {}
        self._under_way, self._sent, self._sent_bytes = True, time.monotonic(), 0
        frames = tuple([self._packed(lane, frame) for lane, frame in fresh.items()])
        counted = [self._control.counts(lane) for lane in range(len(self._names))]
        self._channel.send(
            Frames(
                lanes=tuple(self._names),
                frames=frames,
                counts=tuple(
                    [Counts(each.called, each.taken, each.failed, each.trailing) for each in counted]
                ),
                overhead=self._control.overhead,
                link=self._link,
            )
        )

    def _packed(self, lane: int, frame: ReceivedFrame) -> SentFrame:
        """A frame as it is to cross. Large memory is not copied: it goes ahead as an attachment."""
        self._viewer.expect(lane, frame.number, frame.taken_ns)
        lengths = _lengths(frame.buffers)
        packed = self._compression.packed(frame.buffers, sum(lengths))
        payload = b"".join(frame.buffers) if packed is None and sum(lengths) <= _WITHIN else packed
        self._sent_bytes += sum(lengths) if payload is None else len(payload)
        if payload is None:
            self._channel.attach(frame.buffers)
        return SentFrame(
            lane=lane,
            number=frame.number,
            age_ns=max(time.monotonic_ns() - frame.taken_ns, 0),
            lengths=lengths,
            codec="" if packed is None else "zstd",
            header=bytes(frame.header),
            payload=payload,
        )


def _lengths(buffers: Sequence[memoryview]) -> tuple[int, ...]:
    return tuple([buffer.nbytes for buffer in buffers])
