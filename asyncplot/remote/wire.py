"""The messages between the two ends of a relay, and what the two tell each other of their versions. Pure.

::

    source, beside the computation                     mirror, beside the viewer
    Hello     its versions, the run             -->
                                                <--    Welcome   its versions, what it has of the run
    Plotter   the plotter and the lanes         -->              (if the mirror does not have it yet)
    Frames    the newest frames                 -->
                                                <--    Ready     the viewer wants the next frames
    AskNews                                     -->
                                                <--    News      what the viewer says, what became of frames
    Request   one message for the live plotter  -->
    Finish    the run has ended                 -->
                                                <--    Finished
                                                <--    Refused   why the mirror does not go on

At most one ``Frames`` and one ``AskNews`` wait for their answer, so nothing queues up on a slow link. How a
message becomes bytes is said in `coding`. `Channel` carries them.
"""

from __future__ import annotations

import platform
import socket
import sys
from importlib import metadata
from typing import Any, Literal, NamedTuple, TypeAlias

from .. import __version__
from .compression import codecs


class Greeting(NamedTuple):
    """What one end is. New fields are added at the end only: each version must understand another's greeting.

    Attributes
    ----------
    asyncplot, rpyc, numpy : str
        The versions that have to agree.
    host, interpreter, python : str
        Where it runs.
    codecs : tuple of str
        What it can unpack.
    """

    asyncplot: str
    rpyc: str
    numpy: str
    host: str
    interpreter: str
    python: str
    codecs: tuple[str, ...]


class Hello(NamedTuple):
    """The first message: who the source is, and the record of its run (``run.json``)."""

    greeting: Greeting
    run: dict[str, Any]


class Welcome(NamedTuple):
    """The answer to `Hello`.

    Attributes
    ----------
    held : tuple of int
        The number of the newest frame that the mirror has of each lane, by the source's numbers.
    started : bool
        Whether it has the plotter already.
    """

    greeting: Greeting
    held: tuple[int, ...]
    started: bool


class Plotter(NamedTuple):
    """The plotter as the run directory has it, and the names of the lanes so far."""

    data: bytes
    lanes: tuple[str, ...]


class SentFrame(NamedTuple):
    """One frame.

    Attributes
    ----------
    lane, number : int
        Which one it is.
    age_ns : int
        How long ago it was taken.
    lengths : tuple of int
        Of its buffers, bytes.
    codec : str
        By what the buffers are packed; empty: they are not.
    header : bytes
        The pickle.
    payload : bytes or None
        The buffers, one after the other; None: they go ahead of the message as an attachment.
    """

    lane: int
    number: int
    age_ns: int
    lengths: tuple[int, ...]
    codec: str
    header: bytes
    payload: bytes | None


class Counts(NamedTuple):
    """What the computation has counted for one lane."""

    called: int
    taken: int
    failed: int
    trailing: int


class Frames(NamedTuple):
    """The newest frame of each lane that has a new one.

    Attributes
    ----------
    lanes : tuple of str
        The names of all lanes.
    frames : tuple of SentFrame
        Not empty.
    counts : tuple of Counts
        Of each lane.
    overhead : float
        The share of the wall time that plotting has cost the computation.
    link : float
        How long frames take to get to the mirror, s.
    """

    lanes: tuple[str, ...]
    frames: tuple[SentFrame, ...]
    counts: tuple[Counts, ...]
    overhead: float
    link: float


class Ready(NamedTuple):
    """The answer to `Frames`: it is time for the next ones; and how long these were on the mirror's side, s."""

    seconds: float


class AskNews(NamedTuple):
    """The source wants the next `News`."""


class FrameOutcome(NamedTuple):
    """What became of one frame; and its lane's counters, see `LaneCounters`. An empty word: it was passed over."""

    lane: int
    number: int
    word: Literal["drawn", "failed", ""]
    text: str | None
    drawn: int
    failed: int
    fps: float
    draw_seconds: float
    blitted: int


class SentValue(NamedTuple):
    """A value that the plotter has sent back; the time is of the mirror's clock."""

    name: str
    value: Any
    time_ns: int


class Sent(NamedTuple):
    """All values that the plotter has sent back, and what it says of its view."""

    values: tuple[SentValue, ...]
    view: Any


class Answer(NamedTuple):
    """One message of the viewer's for a client of the live plotter; empty: the viewer has closed that connection."""

    client: int
    data: bytes


class News(NamedTuple):
    """The answer to `AskNews`, when there is something to tell, or after 2 s.

    Attributes
    ----------
    state, failure, drawing : dict or None
        The viewer's records of these names, if they are new.
    sent : Sent or None
        What the plotter has sent back, if that is new.
    outcomes : tuple of FrameOutcome
        What became of frames.
    answers : tuple of Answer
        For the clients of the live plotter.
    """

    state: dict[str, Any] | None
    failure: dict[str, Any] | None
    drawing: dict[str, Any] | None
    sent: Sent | None
    outcomes: tuple[FrameOutcome, ...]
    answers: tuple[Answer, ...]


class Request(NamedTuple):
    """One message of a client for the live plotter; empty: the client has closed its connection."""

    client: int
    data: bytes


class Finish(NamedTuple):
    """The run has ended; its viewers end too, or stay with their picture."""

    persist: bool


class Finished(NamedTuple):
    """The answer to `Finish`."""


class Refused(NamedTuple):
    """The mirror does not go on, and why."""

    why: str


FromSource: TypeAlias = Hello | Plotter | Frames | AskNews | Request | Finish
FromMirror: TypeAlias = Welcome | Ready | News | Finished | Refused


def greeting() -> Greeting:
    """What this end is."""
    return Greeting(
        asyncplot=__version__,
        rpyc=metadata.version("rpyc"),
        numpy=metadata.version("numpy"),
        host=socket.gethostname(),
        interpreter=sys.executable,
        python=platform.python_version(),
        codecs=tuple(codecs()),
    )


def incompatible(computation: Greeting, viewer: Greeting) -> str | None:
    """Why these two ends cannot work together, and what to do; None if they can.

    asyncplot and rpyc must be the same. Of numpy the major version must be the same: a pickle of one does not
    load in the other. Python may differ: loading the plotter says whether that matters.

    Examples
    --------
    >>> here = Greeting("1.0", "6.0.2", "2.1.0", "node7", "python3", "3.12.1", ())
    >>> incompatible(here, here._replace(host="laptop", numpy="2.4.0"))
    >>> print(incompatible(here, here._replace(host="laptop", numpy="1.26.4")))
    numpy differs: 2.1.0 on node7 (the computation), 1.26.4 on laptop (the viewer); install the same there
    """
    for package, digits in (("asyncplot", None), ("rpyc", None), ("numpy", 1)):
        theirs, ours = str(getattr(computation, package)), str(getattr(viewer, package))
        if theirs.split(".")[:digits] != ours.split(".")[:digits]:
            return (
                f"{package} differs: {theirs} on {computation.host} (the computation), "
                f"{ours} on {viewer.host} (the viewer); install the same there"
            )
    return None
