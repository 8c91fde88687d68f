"""What a source asks of a mirror, and when it is answered. The mirror's thread.

In: messages from the channel; out: answers, some of them later. The service works in turns: in each it takes what
has come, and gives the answers whose time has come. It never waits, so one thread does everything, in order.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from ...errors import ViewerError, ViewerGone
from ..channel import Channel
from ..compression import unpacked
from ..forwarding import ForwardedClients
from ..wire import (
    Answer,
    AskNews,
    Finish,
    Finished,
    Frames,
    Hello,
    News,
    Plotter,
    Ready,
    Request,
    Welcome,
    greeting,
    incompatible,
)
from .mirrored_run import MirroredRun

#: News comes at least this often, s.
_NEWS = 2.0

#: The viewer's files are looked at this often although its loop tells nothing, s: it may be busy for long, and
#: other viewers of the mirror are other processes.
_LOOK = 0.25


class Service:
    """Serves one source, on one connection.

    Parameters
    ----------
    run : MirroredRun
        The run directory here.
    channel : Channel
        To the source.
    forwarded : ForwardedClients
        The connections to the live plotter.
    attachments : deque of memoryview
        Where the channel leaves the attachments.

    Attributes
    ----------
    greeted, heard : float
        When the source said hello, and when it asked for news last, on the clock of `time.monotonic`.
    """

    def __init__(
        self,
        run: MirroredRun,
        channel: Channel,
        forwarded: ForwardedClients,
        attachments: deque[memoryview],
    ) -> None:
        self.greeted, self.heard = 0.0, time.monotonic()
        self._run = run
        self._channel = channel
        self._forwarded = forwarded
        self._attachments = attachments
        self._frames: _Arrived | None = None
        self._news_due: float | None = None  # None: they are not asked for
        self._look_due = 0.0  # when the viewer's files are looked at, whether it has written or not

    def turn(self, *, written: bool) -> float | None:
        """Take what has come, and answer what can be answered now.

        Parameters
        ----------
        written : bool
            Whether the viewer may have written since the last turn.

        Returns
        -------
        float or None
            In how many s the next turn is due; None: when a message comes.

        Raises
        ------
        ViewerGone
            If the source has gone.
        ViewerError, OSError
            If the mirror cannot go on with this source.
        """
        if written:
            self._look_due = 0.0
        while (message := self._channel.receive()) is not None:
            self._take(message)
        if self._frames is not None:
            self._place(self._frames)
        if self._news_due is not None:
            self._tell_news(self._news_due)
        if self._frames is None and self._news_due is None:
            return None
        due = self._news_due if self._frames is None else self._frames.due
        return _LOOK if due is None else min(max(due - time.monotonic(), 0.0), _LOOK)

    def _take(self, message: Any) -> None:
        match message:
            case AskNews():
                self.heard = time.monotonic()
                self._news_due = self.heard + _NEWS
            case Frames():
                self._run.add_lanes(message.lanes)
                self._frames = _Arrived(message, self._payloads(message))
                self._run.count(message.counts, self._frames.at, message.overhead)
            case Request():
                self._forwarded.pass_on(message.client, message.data)
            case Hello():
                self._greet(message)
            case Plotter():
                self._run.start(message.data, message.lanes)
            case Finish():
                self._run.finish(message.persist)
                self._channel.send(Finished())

    def _greet(self, hello: Hello) -> None:
        ours = greeting()
        try:
            if problem := incompatible(hello.greeting, ours):
                raise ViewerError(problem)
            self._run.welcome(hello.run, hello.greeting.host)
        except ViewerError as error:
            self._run.end(str(error))  # no other source will fit either
            raise
        self.greeted = time.monotonic()
        self._channel.send(Welcome(ours, tuple(self._run.held), self._run.started.is_set()))

    def _payloads(self, message: Frames) -> list[memoryview]:
        """The buffers of each frame, one after the other, unpacked."""
        payloads = []
        for frame in message.frames:
            payload = self._attachments.popleft() if frame.payload is None else frame.payload
            payloads.append(memoryview(unpacked(frame.codec, payload, sum(frame.lengths))))
        return payloads

    def _place(self, arrived: _Arrived) -> None:
        """Put frames into the mailbox when the viewer wants them, and answer when it is time for the next ones.

        That is when the viewer has drawn these and wants more, or so much earlier as the next ones need to get
        here: a link that takes 25 ms for a frame then carries one while another is drawn.
        """
        lanes = [frame.lane for frame in arrived.message.frames]
        if arrived.due is None and self._run.wants_newer(lanes):
            arrived.due = self._put(arrived)
        if arrived.due is None or (time.monotonic() < arrived.due and not self._run.wants_newer(lanes)):
            return
        self._frames = None
        self._channel.send(Ready(time.monotonic() - arrived.at))

    def _put(self, arrived: _Arrived) -> float:
        """Put frames into the mailbox; returns when the answer is due at the latest."""
        assert self._run.reports is not None  # after hello
        for frame, payload in zip(arrived.message.frames, arrived.payloads, strict=True):
            taken_ns = max(arrived.at_ns - frame.age_ns, 1)  # it may be older than this host is up
            self._run.put(frame.lane, frame.number, frame.header, frame.lengths, payload, taken_ns)
        drawing = max(self._run.reports.draw_seconds(frame.lane) for frame in arrived.message.frames)
        return time.monotonic() + drawing - arrived.message.link

    def _tell_news(self, due: float) -> None:
        """Answer when the viewer has something to tell, or it is time."""
        if self._run.reports is None:
            raise ViewerGone("the source asks for news before it has said hello")
        told, now = None, time.monotonic()
        if now >= self._look_due:
            told, self._look_due = self._run.reports.new(), now + _LOOK
        answers = self._forwarded.take()
        if told is None and not answers and now < due:
            return
        self._news_due = None
        empty = News(state=None, failure=None, drawing=None, sent=None, outcomes=(), answers=())
        self._channel.send((told or empty)._replace(answers=tuple([Answer(*each) for each in answers])))


class _Arrived:
    """Frames that have come, and when the source is to be answered at the latest; None: they are not placed yet."""

    def __init__(self, message: Frames, payloads: list[memoryview]) -> None:
        self.message = message
        self.payloads = payloads
        self.at, self.at_ns = time.monotonic(), time.monotonic_ns()
        self.due: float | None = None
