"""What plotters send back: the newest value of each name, plain data, polled. No file of a viewer can do harm."""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.compute.received import Received
from asyncplot.rundir.format import CONTROL_SENT
from asyncplot.viewer.outlet import Sender
from conditions import wait_until

pytestmark = pytest.mark.contract


class Sending:
    """Sends back what it is given, by name."""

    def update(self, **values: Any) -> str:
        """Return the error if the value could not be sent."""
        for name, value in values.items():
            try:
                asyncplot.send(name, value)
            except asyncplot.AsyncplotError as error:
                return f"{type(error).__name__}: {error}"
        return ""

    def burst(self, count: int) -> None:
        """Send many values of one name."""
        for value in range(count):
            asyncplot.send("step", value)


class Files:
    """A control word and viewers' folders, without viewers."""

    def __init__(self, path: Path) -> None:
        self.words = [0] * (CONTROL_SENT + 1)
        self.folders = [path / "viewer-1", path / "viewer-2"]
        for folder in self.folders:
            folder.mkdir()
        self.received = Received(self.words, lambda: self.folders)

    def write(self, text: str, viewer: int = 0) -> None:
        """Write as a viewer does: first the file, then the word."""
        (self.folders[viewer] / "sent.json").write_text(text)
        self.words[CONTROL_SENT] += 1

    def send(self, name: str, value: object, sent: int, viewer: int = 0) -> None:
        """Write a valid file."""
        self.write(json.dumps({"values": {name: [value, sent]}}), viewer)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """For tests that need only files."""
    return Files(tmp_path)


def test_plain_values_arrive_as_they_are() -> None:
    """Numbers, text, lists and dictionaries arrive, and numpy's numbers as Python's; the newest of each name."""
    values = {
        "none": None,
        "flag": True,
        "count": 7,
        "trap": 0.25,
        "text": "größer",
        "list": [1, [2.5]],
        "table": {"a": 1},
    }
    with asyncplot.Server(Sending, backend="offscreen", required=True) as plot:
        assert not plot.received
        assert plot.received.get("trap", 1.0) == 1.0
        assert plot.update(**values, scalar=np.float32(1.5), array=np.arange(3)).value == ""
        wait_until(lambda: "array" in plot.received)
        assert dict(plot.received) == {**values, "scalar": 1.5, "array": [0, 1, 2]}
        assert plot.update(trap=0.5).value == ""
        wait_until(lambda: plot.received["trap"] == 0.5)
        with pytest.raises(KeyError):
            plot.received["nothing of this name"]
    assert plot.received["trap"] == 0.5  # also after the end


@pytest.mark.parametrize(
    "value", [1j, {1, 2}, [1, {"a": 1j}], b"bytes", {1j: 1}, "x" * 70_000, np.zeros(40_000)]
)
def test_what_is_not_plain_is_refused_over_there(value: object) -> None:
    """Other values raise a clear error in the plotter. What was sent before stays."""
    with asyncplot.Server(Sending, backend="offscreen", required=True) as plot:
        assert plot.update(good=1).value == ""
        assert plot.update(bad=value).value.startswith("SendError")
        wait_until(lambda: plot.received.get("good") == 1)
        assert "bad" not in plot.received


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_names_are_short(name: str) -> None:
    """A name has 1 to 64 characters."""
    with asyncplot.Server(Sending, inline=True) as plot:
        assert plot.update(**{name: 1}).value.startswith("SendError")


def test_a_burst_ends_with_its_last_value() -> None:
    """Of a thousand values in a row the last one arrives, although no other follows."""
    with asyncplot.Server(Sending, backend="offscreen", required=True) as plot:
        plot.lane("burst")(1000)
        wait_until(lambda: plot.received.get("step") == 999)


def test_inline_sends_at_once() -> None:
    """An inline plotter sends to its own server, until that server is closed."""
    with (
        asyncplot.Server(Sending, inline=True) as plot,
        asyncplot.Server(Sending, inline=True) as other,
    ):
        plot.update(trap=2)
        other.update(trap=3)
        assert (plot.received, other.received) == ({"trap": 2}, {"trap": 3})
    with pytest.raises(asyncplot.AsyncplotError, match="for plotters"):
        asyncplot.send("trap", 1)


def test_a_computation_cannot_send() -> None:
    """In a computation, `send` raises: it is for plotters."""
    with pytest.raises(asyncplot.AsyncplotError, match="for plotters"):
        asyncplot.send("trap", 1)


def test_a_server_that_is_off_receives_nothing() -> None:
    """`received` is an empty mapping."""
    plot = asyncplot.Server(Sending, enabled=False)
    assert plot.received.get("trap", 3) == 3
    assert len(plot.received) == 0


def test_nothing_new_costs_no_system_call(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no viewer has changed the word, no file is read."""
    files.send("trap", 1, sent=1)
    assert files.received["trap"] == 1

    def refuse(*args: object, **kwargs: object) -> int:
        raise AssertionError("a file was opened")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        for _ in range(10):
            assert files.received.get("trap") == 1
            assert "trap" in files.received
            assert len(files.received) == 1


def test_the_newest_of_several_viewers_wins(files: Files) -> None:
    """The newest by the time of sending wins, in whatever order the files are read. Other names stay."""
    files.send("trap", "old", sent=5, viewer=1)
    files.send("trap", "older", sent=3)
    assert files.received["trap"] == "old"
    files.send("trap", "new", sent=9)
    assert files.received["trap"] == "new"
    files.send("other", 1, sent=1, viewer=1)
    assert dict(files.received) == {"trap": "new", "other": 1}


def test_a_viewer_that_has_gone_leaves_its_values(files: Files) -> None:
    """Received values stay when the viewer's file is gone."""
    files.send("trap", 1, sent=1)
    assert files.received["trap"] == 1
    (files.folders[0] / "sent.json").unlink()
    files.words[CONTROL_SENT] += 1
    assert files.received["trap"] == 1


def test_a_clock_that_is_ahead_does_not_win_for_ever(files: Files) -> None:
    """A value with a time in the future is ignored, in whatever order the files are read."""
    for ahead in (0, 1):
        files.send("trap", "future", sent=1 << 62, viewer=ahead)
        for value in range(3):
            files.send("trap", value, sent=time.monotonic_ns(), viewer=1 - ahead)
            assert files.received["trap"] == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "{}",
        '{"values": 1}',
        '{"values": {"trap": 1}}',
        '{"values": {"trap": [1]}}',
        '{"values": {"trap": [1, "soon"]}}',
        '{"values": {"trap": [1, NaN]}}',
        '{"values": {"trap": [1, Infinity]}}',
        '{"values": {"trap": [1, 1e400]}}',
        "[" * 60_000,
        json.dumps({"values": {"trap": ["x" * 80_000, 1]}}),
    ],
)
def test_nonsense_is_ignored(files: Files, text: str) -> None:
    """Whatever the file contains, reading `received` raises nothing, and the files of other viewers are read."""
    files.send("good", 1, sent=1, viewer=1)
    files.write(text)
    assert files.received.get("good") == 1
    assert files.received.get("trap") is None


@pytest.mark.parametrize("kind", ["fifo", "link", "directory"])
def test_what_is_no_file_is_ignored(files: Files, tmp_path: Path, kind: str) -> None:
    """A pipe, a link or a folder in place of the file does not block the computation, and is not followed."""
    path = files.folders[0] / "sent.json"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        target = tmp_path / "elsewhere.json"
        target.write_text(json.dumps({"values": {"trap": [1, 1]}}))
        path.symlink_to(target)
    else:
        path.mkdir()
    files.words[CONTROL_SENT] += 1
    assert files.received.get("trap") is None


def test_a_forked_child_keeps_what_was_received() -> None:
    """In a forked child `received` keeps its values, and reads no file any more."""
    with asyncplot.Server(Sending, backend="offscreen", required=True) as plot:
        plot.update(trap=1.5)
        wait_until(lambda: plot.received.get("trap") == 1.5)
        child = os.fork()
        if not child:
            os._exit(
                0 if plot.received.get("trap") == 1.5 and math.isclose(plot.received["trap"], 1.5) else 1
            )
        assert os.waitpid(child, 0)[1] == 0


class Word:
    """The part of a control file that a sender needs."""

    sent = 0


def test_threads_of_a_plotter_lose_nothing(tmp_path: Path) -> None:
    """Several threads send at once, and every name arrives."""
    sender = Sender(tmp_path, Word())  # type: ignore[arg-type]

    def send(thread: int) -> None:
        for index in range(100):
            sender.send(f"{thread}-{index}", index)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    sender.flush()
    assert len(json.loads((tmp_path / "sent.json").read_text())["values"]) == 400
