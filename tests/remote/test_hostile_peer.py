"""A hostile far viewer: whatever it answers, the relay ends in one clear way, and nothing of it is executed."""

from __future__ import annotations

import json
import os
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from rpyc.core import brine, consts

import asyncplot
from asyncplot.errors import ViewerError
from asyncplot.remote.coding import decode, encode
from asyncplot.remote.wire import (
    Answer,
    AskNews,
    FrameOutcome,
    FromMirror,
    News,
    Ready,
    Refused,
    Sent,
    SentValue,
    Welcome,
    greeting,
)
from hostile_peer import HEAD, Peer, message, pickled, relay
from remote_plotters import Moody

ASKED = ["Hello", "Plotter", "Frames", "AskNews"]

NEWS = News(state=None, failure=None, drawing=None, sent=None, outcomes=(), answers=())
OUTCOME = FrameOutcome(0, 1, "drawn", None, 1, 0, 1.0, 0.0, 0)


@pytest.fixture
def plot() -> Iterator[asyncplot.Server]:
    """A run with a frame and no viewer."""
    with asyncplot.Server(Moody, name="gpe", viewer=None) as made:
        made.update("a frame")
        made.flush(1)
        yield made


def no_messages(mark: Path) -> dict[str, bytes]:
    """Bytes that are no message of a mirror."""
    good = json.dumps(["News", *NEWS])
    return {
        "nothing": b"",
        "bytes": b"\0" * 100,
        "short": struct.pack("!L", 1 << 30) + b"[]",
        "none": message("null"),
        "number": message("-1"),
        "text": message("[1, 2"),
        "list": message("[1, 2]"),
        "no name": message("[]"),
        "unknown": message('["Mirror"]'),
        "name": message('[["News"]]'),
        "of a source": encode(AskNews()),
        "nested": message("[" * 50 + "]" * 50),
        "deep": message("[" * 100_000),
        "not UTF-8": b"\0\0\0\4\xff\xff\xff\xff",
        "few fields": message('["News", null]'),
        "types": message('["Welcome", 3, {"x": []}, 1]'),
        "pickle": pickled(mark),
        "pickle in the text": message(pickled(mark).decode("latin-1")),
        "missing bytes": encode(NEWS._replace(answers=(Answer(1, b"x" * 100),)))[:-50],
        "negative": message(good[:-3] + "[[1, -100]]]", b"x" * 100),
        "large": encode(NEWS._replace(outcomes=(OUTCOME._replace(number=1 << 70),))),
        "true": encode(NEWS._replace(outcomes=(OUTCOME._replace(number=True),))),
        "word": encode(NEWS._replace(outcomes=(OUTCOME._replace(word="shown"),))),  # type: ignore[arg-type]
        "too much": encode(NEWS._replace(state={"x": "x" * (2 << 20)})),
    }


def nonsense(mark: Path) -> dict[str, bytes]:
    """Answers that no mirror of ours would give, or not there."""
    return {
        "bytes": b"\0" * 100,
        "deep": message("[" * 100_000),
        "pickle": pickled(mark),
        "pickle by value": encode(NEWS._replace(answers=(Answer(1, pickled(mark)),))),
        "wrong answer": encode(Welcome(greeting(), (1 << 62,), started=False)),
        "not a number": encode(Ready(float("nan"))),
        "refused": encode(Refused("\x1b[2J\nno\n" * 100)),
        "another lane": encode(NEWS._replace(outcomes=(OUTCOME._replace(lane=1000),))),
        "half a character": encode(NEWS._replace(outcomes=(OUTCOME._replace(text="\ud800"),))),
    }


def test_what_is_no_message_is_refused(tmp_path: Path) -> None:
    """Whatever the bytes are, decoding them gives a message whose fields have their types, or one clear error."""
    mark = tmp_path / "executed"
    for name, data in no_messages(mark).items():
        with pytest.raises(ViewerError) as raised:
            decode(data, FromMirror)
        assert len(str(raised.value)) < 200, name
    chance = random.Random(1)
    good = encode(NEWS._replace(outcomes=(OUTCOME,), answers=(Answer(1, b"answer"),)))
    for _ in range(3000):
        changed = bytearray(good)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        try:
            told = decode(bytes(changed), FromMirror)
        except ViewerError:
            continue
        assert encode(told)
        assert all(type(outcome.number) is int and outcome.number >= 0 for outcome in told.outcomes)
    assert not mark.exists()


def ends_well(directory: Path, mark: Path, answers: dict[str, Callable[[Peer], None]]) -> str:
    """Let a relay meet such a peer; it ends, with one line at most; returns that."""
    with relay(directory, answers) as (process, peer):
        peer.serve()
        assert set(answers) <= set(peer.asked)
        memory = psutil.Process(process.pid).memory_info().rss if process.poll() is None else 0
        peer.socket.close()
        assert process.wait(5) in {0, 1}
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert "most recent call last" not in said, said
        assert len([line for line in said.splitlines() if line.strip()]) <= 1, said
        assert memory < 500e6
        assert not mark.exists()
        return said


@pytest.mark.timeout(120)  # 9 relays, one after the other
@pytest.mark.parametrize("what", ASKED)
def test_nonsense(plot: asyncplot.Server, tmp_path: Path, what: str) -> None:
    """Wrong types, proxies and pickles in any answer: no code is run, nothing hangs, one line at most is said."""
    assert plot.directory is not None
    mark = tmp_path / "executed"
    failures = []
    for name, data in nonsense(mark).items():
        try:
            ends_well(plot.directory, mark, {what: lambda peer, data=data: peer.send(data)})
        except AssertionError as error:
            failures.append(f"{name}: {error}")
    assert not failures, "\n".join(failures)
    called = plot.stats.called
    plot.update("goes on")
    assert plot.stats.called == called + 1
    assert not list(plot.directory.glob("viewer-*"))


def longest(peer: Peer) -> None:
    """Announce a frame of 4 GB."""
    peer.socket.sendall(HEAD.pack(0xFFFFFFFF, 0) + b"x" * 1000)


def bomb(peer: Peer) -> None:
    """Send a compressed frame."""
    peer.send(encode(NEWS), flag=1)


def attachment(peer: Peer) -> None:
    """Send an attachment, which only a relay may do."""
    peer.send(b"x" * 1000, flag=2)


def noise(peer: Peer) -> None:
    """Send bytes."""
    peer.socket.sendall(HEAD.pack(300, 0) + random.Random(1).randbytes(301))


def flood(peer: Peer) -> None:
    """Send more than was asked for."""
    frame = HEAD.pack(len(encode(Ready(0.0))), 0) + encode(Ready(0.0)) + b"\n"
    peer.socket.sendall(frame * 100_000)


def requests(peer: Peer) -> None:
    """Ask for whatever rpyc can be asked for."""
    for handler in range(1, 70):
        data = brine.dump((handler, (handler, (consts.LABEL_TUPLE, ((consts.LABEL_VALUE, "x"),)))))
        peer.send(brine.I1.pack(consts.MSG_REQUEST) + data)


def long_report(peer: Peer) -> None:
    """Report more than fits into a small file."""
    peer.send(encode(NEWS._replace(state={"x": "x" * (2 << 20)})))


def planted(peer: Peer) -> None:
    """Report records with names that lead elsewhere."""
    for name in ("../run", "launch", "/tmp/x", "options", "end"):
        peer.send(message(json.dumps(["News", *NEWS, {name: {"x": 1}}])))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("what", ["Hello", "AskNews"])
def test_bad_frames(plot: asyncplot.Server, tmp_path: Path, what: str) -> None:
    """Too long, compressed and broken frames, floods and rpyc's requests: the same."""
    assert plot.directory is not None
    mark = tmp_path / "executed"
    before = {path: path.read_bytes() for path in plot.directory.glob("*.json")}
    for behave in (longest, bomb, attachment, noise, flood, requests, long_report, planted):
        ends_well(plot.directory, mark, {what: behave})
    assert {path: path.read_bytes() for path in plot.directory.glob("*.json")} == before


def test_what_a_far_viewer_reports_is_data(plot: asyncplot.Server, tmp_path: Path) -> None:
    """Results and sent values that are pickles in disguise come out as the text that they are."""
    assert plot.directory is not None
    mark = tmp_path / "executed"
    text = pickled(mark).decode("latin-1")
    report = NEWS._replace(
        outcomes=(OUTCOME._replace(text=text),),
        state={"phase": "ready", "ended": text},
        failure={"count": 1, "message": text, "traceback": text},
        sent=Sent((SentValue("knob", text, 1),), None),
    )
    reported = []

    def news(peer: Peer) -> None:
        if not reported:
            reported.append(report)
            peer.send(encode(report))

    ended = ends_well(plot.directory, mark, {"AskNews": news})
    assert reported, ended
    plot.update("goes on")
    assert not mark.exists()
    assert os.path.isdir(plot.directory)
