"""What a viewer says of itself, and of its plotter, when that is hard to say. Pure."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from asyncplot.errors import ViewerError
from asyncplot.rundir import read_json
from asyncplot.viewer.backends import choose
from asyncplot.viewer.failures import Failures, shown, words
from asyncplot.viewer.foot import Foot
from asyncplot.viewer.state import State


class Unprintable(Exception):
    """Its text raises."""

    def __str__(self) -> str:
        raise SystemExit


def test_an_exception_without_a_text_is_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A frame that failed so has a text of ours, which every file takes; so it counts as failed, and nobody waits for it."""
    nothing: Any = None
    foot = Foot(nothing, nothing)
    failures = Failures(tmp_path, foot)
    for error in (Unprintable(), ValueError("\udc80")):
        try:
            raise error
        except Exception:  # noqa: BLE001 (it is the one above)
            failures.note("update", 3).encode()
        assert error.__class__.__name__ in foot.text(time.monotonic())
    record = read_json(tmp_path / "failure.json") or {}
    assert record["count"] == 2
    assert "\\udc80" in record["message"]
    assert "Unprintable" in capsys.readouterr().err


def test_words_and_traceback() -> None:
    """An ordinary text stays as it is."""
    assert words(ValueError("an ordinary text, \u00e4")) == "an ordinary text, \u00e4"
    assert words(Unprintable()) == "<its __str__ raised SystemExit>"
    assert shown(ValueError("\udc80")) == "ValueError: \\udc80\n"


def test_without_a_backend_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A viewer that can start no backend says of each why not."""
    module = __import__(choose.__module__, fromlist=["_started"])
    monkeypatch.setattr(module, "_started", lambda name, label, why: why.append(f"{label}: no descriptors"))
    with pytest.raises(ViewerError, match=r"offscreen: no descriptors; .*qt: no descriptors"):
        choose("offscreen")


def test_a_state_that_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    """The folder was full, and is not any more: the next time that a frame is drawn, the state is there."""
    state = State(tmp_path / "viewer-1")
    state.set(phase="ready", windows=1)
    (tmp_path / "viewer-1").mkdir()
    state.set(windows=1)
    assert (read_json(tmp_path / "viewer-1" / "state.json") or {})["phase"] == "ready"
