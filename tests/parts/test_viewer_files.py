"""What the computation learns from a viewer's folder: plain files that the test writes. No process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asyncplot.errors import PlotterError, ViewerError, ViewerGone
from asyncplot.rundir import BoardWriter, ViewerFiles, folders, making, primary
from asyncplot.rundir.format import (
    DRAWING_FILE,
    END_FILE,
    FAILURE_FILE,
    LOG_FILE,
    STATE_FILE,
    WINDOWS_FILE,
    viewer_folder,
)
from asyncplot.rundir.records import (
    TEXT_LENGTH,
    Drawn,
    ViewerState,
    read_json,
    read_record,
    shortened,
    write_json,
)


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[ViewerFiles]:
    """The first viewer of a run, which its supervisor has started."""
    folder = tmp_path / viewer_folder(1)
    folder.mkdir()
    (folder / LOG_FILE).touch()
    made = ViewerFiles(folder)
    yield made
    made.close(0)


def test_a_failure_is_told_once(viewer: ViewerFiles) -> None:
    """Each count is told once: what the plotter raised, or a picture that could not be written."""
    assert viewer.failure() is None
    record: dict[str, Any] = {
        "of": "plotter",
        "count": 1,
        "message": "update raised",
        "traceback": "Traceback",
    }
    write_json(viewer.directory / FAILURE_FILE, record)
    failure = viewer.failure()
    assert isinstance(failure, PlotterError)
    assert "update raised" in str(failure)
    assert viewer.failure() is None
    write_json(viewer.directory / FAILURE_FILE, {**record, "count": 2, "of": "picture", "message": "no room"})
    failure = viewer.failure()
    assert type(failure) is ViewerError
    assert str(failure) == "no room"
    assert viewer.failure() is None


def test_an_end_is_an_error_unless_it_was_ordinary(viewer: ViewerFiles) -> None:
    """With the command, the code and the end of its output; or what the plotter raised."""
    end = {"how": "exited with code 3", "command": ["python", "-c"], "tail": "words\n", "announced": False}
    assert viewer.ending() is None
    write_json(viewer.directory / END_FILE, {**end, "ordinary": True})
    assert viewer.ending() is None
    write_json(viewer.directory / END_FILE, end)
    said = str(viewer.ending())
    assert isinstance(viewer.ending(), ViewerGone)
    for words in ("the viewer exited with code 3", "command: python -c", "was never reached", "    words"):
        assert words in said
    write_json(viewer.directory / END_FILE, {**end, "announced": True})
    assert "was never reached" not in str(viewer.ending())
    write_json(
        viewer.directory / STATE_FILE, {"fault": "plotter", "error": "no data", "traceback": "Traceback"}
    )
    assert isinstance(viewer.ending(), PlotterError)


def test_who_lives(viewer: ViewerFiles) -> None:
    """Its own viewer until the supervisor has noted the end; without a supervisor, or for another one, its lock counts."""
    assert viewer.is_own
    assert viewer.alive(True)
    old = time.time() - 3600.0
    os.utime(viewer.directory, (old, old))
    assert viewer.alive(True)
    assert not viewer.alive(False)
    (viewer.directory / LOG_FILE).unlink()  # as one that attached
    os.utime(viewer.directory, (old, old))
    assert not viewer.is_own
    assert not viewer.alive(True)
    os.utime(viewer.directory)
    assert viewer.alive(True)  # it is just being started
    write_json(viewer.directory / STATE_FILE, {"phase": "ready", "windows": 2})
    assert not viewer.alive(True)  # it was started, and holds no lock
    (viewer.directory / LOG_FILE).touch()
    assert (viewer.described(True).phase, viewer.described(True).windows) == ("ready", 2)
    write_json(viewer.directory / END_FILE, {"how": "was killed by SIGKILL"})
    assert not viewer.alive(True)
    described = viewer.described(True)
    assert (described.phase, described.windows) == ("ended", 0)
    assert "SIGKILL" in described.ended


def test_what_it_says_is_read(viewer: ViewerFiles) -> None:
    """Windows, full draws and counts; nothing of a viewer that has said nothing yet."""
    assert (viewer.state, viewer.windows, dict(viewer.full_draws)) == (ViewerState(phase="starting"), [], {})
    assert viewer.counters(0).drawn == 0
    assert viewer.doing() == "it is still starting"
    write_json(viewer.directory / WINDOWS_FILE, {"windows": [[1, 2, 3, 4]]})
    write_json(viewer.directory / DRAWING_FILE, {"full": {"limits": 3, "no count": "many"}})
    assert (viewer.windows, dict(viewer.full_draws)) == ([[1, 2, 3, 4]], {"limits": 3})
    board = BoardWriter(viewer.directory)
    board.begin("update", 7)
    assert viewer.doing().startswith("it has been busy with update for 0.")
    assert viewer.doing().endswith("(frame 7)")
    assert viewer.doing(longer_than=100.0) == ""
    assert viewer.board is viewer.board
    write_json(viewer.directory / STATE_FILE, {"phase": "ready"})
    board.rest()
    assert viewer.doing() == ""
    board.close()


def test_the_primary_viewer_is_the_own_one_and_then_the_oldest(tmp_path: Path) -> None:
    """Folders with other names, and files, are no viewers."""
    for name in (viewer_folder(2), viewer_folder(10), viewer_folder(3), "viewer-old", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / viewer_folder(4)).touch()
    assert sorted(path.name for path in folders(tmp_path)) == [viewer_folder(number) for number in (10, 2, 3)]
    viewers = [ViewerFiles(path) for path in folders(tmp_path)]
    first = primary(viewers)
    assert first is not None
    assert first.number == 2
    (tmp_path / viewer_folder(10) / LOG_FILE).touch()
    own = primary(viewers)
    assert own is not None
    assert own.number == 10
    assert primary([]) is None
    for viewer in viewers:
        viewer.close(0)


def test_a_long_text_keeps_both_ends() -> None:
    """What is left out is counted."""
    text = "a" * TEXT_LENGTH + "b" * 10
    half = TEXT_LENGTH // 2
    assert shortened(text) == f"{'a' * half}\n... 10 characters left out ...\n{'a' * (half - 10)}{'b' * 10}"
    assert shortened("a" * TEXT_LENGTH) == "a" * TEXT_LENGTH


def test_entries_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    """Of a record with names, each one alone; what is no record is none."""
    write_json(tmp_path / "record", {"full": {"good": 1, "wrong": None, "worse": -1}})
    assert read_record(tmp_path / "record", Drawn) == Drawn({"good": 1})
    assert read_json(tmp_path / "nothing") is None


def test_what_cannot_be_removed_raises_nothing(tmp_path: Path) -> None:
    """Somebody puts a file into the folder just before it is removed: the folder stays."""
    path = tmp_path / "run"
    making.make_folder(path)
    descriptor = os.open(path, making.FOLDER)
    same = making.is_same

    def overtaken(path: Path, descriptor: int) -> bool:
        (path / "new").touch()
        return same(path, descriptor)

    making.is_same = overtaken
    try:
        making.remove(path, descriptor)
    finally:
        making.is_same = same
        os.close(descriptor)
    assert [each.name for each in path.iterdir()] == ["new"]
