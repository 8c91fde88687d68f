"""What plotters send back: newest value per name, plain data, polled; nothing a viewer writes can do harm."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.compute.received import Received
from asyncplot.mailbox.layout import CONTROL_SENT
from asyncplot.sending import Here
from conditions import wait_until

pytestmark = pytest.mark.contract


class Sending:
    """Sends back what it is given, by name."""

    def update(self, **values: Any) -> str:
        """Return what could not be sent."""
        for name, value in values.items():
            try:
                asyncplot.send(name, value)
            except asyncplot.AsyncplotError as error:
                return f"{type(error).__name__}: {error}"
        return ""

    def burst(self, count: int) -> None:
        """Many values of one name."""
        for value in range(count):
            asyncplot.send("step", value)


class Files:
    """A control word and viewers' folders, without the viewers."""

    def __init__(self, path: Path) -> None:
        self.words = [0] * (CONTROL_SENT + 1)
        self.folders = [path / "viewer-1", path / "viewer-2"]
        for folder in self.folders:
            folder.mkdir()
        self.received = Received(self.words, lambda: self.folders)

    def write(self, text: str, viewer: int = 0) -> None:
        """As a viewer does: the file, then the word."""
        (self.folders[viewer] / "sent.json").write_text(text)
        self.words[CONTROL_SENT] += 1

    def send(self, name: str, value: object, sent: int, viewer: int = 0) -> None:
        """A well-formed file."""
        self.write(json.dumps({"values": {name: [value, sent]}}), viewer)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """For what is about files only."""
    return Files(tmp_path)


@pytest.fixture
def own_outlet() -> Iterator[None]:
    """What an inline plotter sets is taken back."""
    yield
    Here.outlet = None


def test_plain_values_arrive_as_they_are() -> None:
    """Numbers, text, lists, dictionaries, and numpy's as Python's; the newest of each name."""
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
    assert plot.received["trap"] == 0.5  # also when all is over


@pytest.mark.parametrize("value", [1j, {1, 2}, object(), b"bytes", {1j: 1}, "x" * 70_000, np.zeros(40_000)])
def test_what_is_not_plain_is_refused_over_there(value: object, own_outlet: None) -> None:
    """A clear error in the plotter, and what was sent before stays."""
    if type(value) is object:
        value = json  # a module: not plain either, and it pickles by name
    with asyncplot.Server(Sending, backend="offscreen", required=True) as plot:
        assert plot.update(good=1).value == ""
        said = plot.update(bad=value).value if value is not json else "SendError"
        assert said.startswith("SendError")
        wait_until(lambda: plot.received.get("good") == 1)
        assert "bad" not in plot.received


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_names_are_short(name: str) -> None:
    """A name has 1 to 64 characters."""
    with asyncplot.Server(Sending, inline=True) as plot:
        try:
            assert plot.update(**{name: 1}).value.startswith("SendError")
        finally:
            Here.outlet = None


def test_a_burst_ends_with_its_last_value() -> None:
    """Of a thousand values in a row the last arrives, without another one after it."""
    with asyncplot.Server(Sending, backend="offscreen", required=True) as plot:
        plot.lane("burst")(1000)
        wait_until(lambda: plot.received.get("step") == 999)


def test_inline_sends_at_once(own_outlet: None) -> None:
    """The plotter that runs in this very process sends to its own server."""
    with asyncplot.Server(Sending, inline=True) as plot:
        plot.update(trap=2)
        assert plot.received == {"trap": 2}


def test_a_computation_cannot_send() -> None:
    """`send` says that it is for plotters."""
    with pytest.raises(asyncplot.AsyncplotError, match="for plotters"):
        asyncplot.send("trap", 1)


def test_a_server_that_is_off_receives_nothing() -> None:
    """There is a mapping, and it is empty."""
    plot = asyncplot.Server(Sending, enabled=False)
    assert plot.received.get("trap", 3) == 3
    assert len(plot.received) == 0


def test_nothing_new_costs_no_system_call(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no viewer has changed the word, no file is looked at."""
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
    """By the time of sending, whichever file is read first; other names stay."""
    files.send("trap", "old", sent=5, viewer=1)
    files.send("trap", "older", sent=3)
    assert files.received["trap"] == "old"
    files.send("trap", "new", sent=9)
    assert files.received["trap"] == "new"
    files.send("other", 1, sent=1, viewer=1)
    assert dict(files.received) == {"trap": "new", "other": 1}


def test_a_viewer_that_has_gone_leaves_its_values(files: Files) -> None:
    """What was received stays when the file is gone."""
    files.send("trap", 1, sent=1)
    assert files.received["trap"] == 1
    (files.folders[0] / "sent.json").unlink()
    files.words[CONTROL_SENT] += 1
    assert files.received["trap"] == 1


def test_a_clock_that_is_ahead_does_not_win_for_ever(files: Files) -> None:
    """A time of sending in the future counts as now."""
    files.send("trap", "future", sent=1 << 62)
    assert files.received["trap"] == "future"
    later = 1 << 61  # after any clock that runs, and before that
    files.send("trap", "later", sent=later, viewer=1)
    assert files.received["trap"] == "later"


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
        "[" * 60_000,
        json.dumps({"values": {"trap": ["x" * 70_000, 1]}}),
    ],
)
def test_nonsense_is_ignored(files: Files, text: str) -> None:
    """Whatever the file holds, polling raises nothing, and other viewers are heard."""
    files.send("good", 1, sent=1, viewer=1)
    files.write(text)
    assert files.received.get("good") == 1
    assert files.received.get("trap") is None


@pytest.mark.parametrize("kind", ["fifo", "link", "directory"])
def test_what_is_no_file_is_ignored(files: Files, tmp_path: Path, kind: str) -> None:
    """A pipe, a link or a folder in its place neither holds the computation nor is followed."""
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
    """After a fork the child's `received` answers, and looks no more."""
    with asyncplot.Server(Sending, backend="offscreen", required=True) as plot:
        plot.update(trap=1.5)
        wait_until(lambda: plot.received.get("trap") == 1.5)
        child = os.fork()
        if not child:
            os._exit(
                0 if plot.received.get("trap") == 1.5 and math.isclose(plot.received["trap"], 1.5) else 1
            )
        assert os.waitpid(child, 0)[1] == 0
