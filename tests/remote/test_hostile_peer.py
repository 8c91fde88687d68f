"""A hostile far viewer: whatever it answers, the relay ends in one clear way, and nothing of it is executed."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from rpyc.core import brine, consts

import asyncplot
from hostile_peer import HEAD, PICKLE, REMOTE, ROOT, VALUE, Peer, pickled, relay
from remote_plotters import Moody

ASKED = ["root", "inspect", "get hello", "hello", "plotter", "update", "news"]


@pytest.fixture
def plot() -> Iterator[asyncplot.Server]:
    """A run with a frame and no viewer."""
    with asyncplot.Server(Moody, name="gpe", viewer=None) as made:
        made.update("a frame")
        made.flush(1)
        yield made


def nonsense(mark: Path) -> dict[str, Any]:
    """Boxed answers that no far viewer of ours would give."""
    nested: Any = ()
    for _ in range(50):
        nested = (nested,)
    return {
        "none": (VALUE, None),
        "number": (VALUE, -1),
        "bytes": (VALUE, b"\0" * 100),
        "text": (VALUE, "[1, 2"),
        "list": (VALUE, "[1, 2]"),
        "nested": (VALUE, nested),
        "deep": (VALUE, "[" * 100_000),
        "types": (VALUE, json.dumps({"greeting": 3, "held": {"x": []}, "started": 1, "frames": 7})),
        "pickle": (PICKLE, pickled(mark)),
        "pickle by value": (VALUE, pickled(mark)),
        "proxy": (REMOTE, ("builtins.list", 5, 6)),
        "local": (consts.LABEL_LOCAL_REF, ("far.Mirror", 1, 2)),
        "tuple of pickle": (consts.LABEL_TUPLE, ((PICKLE, pickled(mark)),)),
        "label": (99, b""),
        "unboxed": b"not a pair",
    }


def ends_well(directory: Path, mark: Path, answers: dict[str, Callable[[Peer, int], None]]) -> str:
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


@pytest.mark.timeout(120)  # 15 relays, one after the other
@pytest.mark.parametrize("what", ASKED)
def test_nonsense(plot: asyncplot.Server, tmp_path: Path, what: str) -> None:
    """Wrong types, proxies and pickles in any answer: no code is run, nothing hangs, one line at most is said."""
    assert plot.directory is not None
    mark = tmp_path / "executed"
    failures = []
    for name, boxed in nonsense(mark).items():
        try:
            ends_well(
                plot.directory, mark, {what: lambda peer, number, boxed=boxed: peer.reply(number, boxed)}
            )
        except AssertionError as error:
            failures.append(f"{name}: {error}")
    assert not failures, "\n".join(failures)
    called = plot.stats.called
    plot.update("goes on")
    assert plot.stats.called == called + 1
    assert not list(plot.directory.glob("viewer-*"))


def longest(peer: Peer, number: int) -> None:
    """Announce a frame of 4 GB."""
    peer.socket.sendall(HEAD.pack(0xFFFFFFFF, 0) + b"x" * 1000)


def bomb(peer: Peer, number: int) -> None:
    """Send a compressed frame."""
    peer.send(consts.MSG_REPLY, number, (VALUE, b"x" * 1000), flag=1)


def attachment(peer: Peer, number: int) -> None:
    """Send an attachment, which only a relay may do."""
    peer.send(consts.MSG_REPLY, number, (VALUE, b"x" * 1000), flag=2)


def noise(peer: Peer, number: int) -> None:
    """Send bytes."""
    peer.socket.sendall(HEAD.pack(300, 0) + random.Random(1).randbytes(301))


def error(peer: Peer, number: int) -> None:
    """Raise an error of a class that would have to be imported."""
    raised = (("this", "ZenError"), ("1",), (("code", 1),), "a traceback")
    peer.send(consts.MSG_EXCEPTION, number, raised)


def requests(peer: Peer, number: int) -> None:
    """Ask for whatever rpyc can be asked for."""
    for handler in range(1, 70):
        peer.send(consts.MSG_REQUEST, handler, (handler, (consts.LABEL_TUPLE, (ROOT, (VALUE, "x")))))
    peer.reply(number, (VALUE, None))


def long_report(peer: Peer, number: int) -> None:
    """Report more than fits into a small file."""
    peer.reply(number, (VALUE, (json.dumps({"state": {"x": "x" * (2 << 20)}}), ())))


def planted(peer: Peer, number: int) -> None:
    """Report records with names that lead elsewhere."""
    records = {name: {"x": 1} for name in ("../run", "launch", "/tmp/x", "options", "end")}
    peer.reply(number, (VALUE, (json.dumps(records), ())))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("what", ["root", "hello", "news"])
def test_bad_frames(plot: asyncplot.Server, tmp_path: Path, what: str) -> None:
    """Too long, compressed and broken frames, foreign errors and requests: the same."""
    assert plot.directory is not None
    mark = tmp_path / "executed"
    before = {path: path.read_bytes() for path in plot.directory.glob("*.json")}
    for behave in (longest, bomb, attachment, noise, error, requests, long_report, planted):
        ends_well(plot.directory, mark, {what: behave})
    assert {path: path.read_bytes() for path in plot.directory.glob("*.json")} == before


def test_what_a_far_viewer_reports_is_data(plot: asyncplot.Server, tmp_path: Path) -> None:
    """Results and sent values that are pickles in disguise come out as the text that they are."""
    assert plot.directory is not None
    mark = tmp_path / "executed"
    text = pickled(mark).decode("latin-1")
    report = {
        "frames": [
            {
                "lane": 0,
                "number": 1,
                "word": "drawn",
                "text": text,
                "drawn": 1,
                "failed": 0,
                "fps": 1.0,
                "draw_seconds": 0.0,
                "blitted": 0,
            }
        ],
        "state": {"phase": "ready", "ended": text},
        "failure": {"count": 1, "message": text, "traceback": text},
        "sent": {"values": {"knob": [text, 1]}},
    }
    reported = []

    def news(peer: Peer, number: int) -> None:
        if not reported:
            reported.append(number)
            peer.reply(number, (VALUE, (json.dumps(report), ())))

    ended = ends_well(plot.directory, mark, {"news": news})
    assert reported, ended
    plot.update("goes on")
    assert not mark.exists()
    assert brine.dumpable(text)
    assert os.path.isdir(plot.directory)
