"""What other processes write is read with care: records, boards, locks and counts that are wrong in any way."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import asyncplot
from asyncplot.compute.pending import failed
from asyncplot.join import close_viewers, closing
from asyncplot.join.listing import described
from asyncplot.mailbox import Control
from asyncplot.rundir import (
    BoardReader,
    BoardWriter,
    LaneCounters,
    ViewerFiles,
    folders,
    process_record,
    sweep,
)
from asyncplot.rundir.format import CONTROL_LANES, LANES_MAXIMUM
from asyncplot.rundir.records import (
    Drawn,
    Ending,
    Failure,
    RunRecord,
    ViewerState,
    Windows,
    fitted,
    read_record,
    write_json,
)

RECORDS = (ViewerState, Ending, Failure, Drawn, Windows, RunRecord)

WRONG = (
    None,
    True,
    -1,
    1 << 63,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "\ud800",
    [],
    [[]],
    {},
    {"": None},
    {"a": {}},
)

HOLDS = """
import sys
from pathlib import Path
from asyncplot.rundir import hold
held = [hold(Path(folder)) for folder in sys.argv[1:]]
print("holds", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def holding(*directories: Path) -> Iterator[int]:
    """Another process that holds the locks of directories; its process id."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, *map(str, directories)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"holds\n"
        yield process.pid
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("kind", RECORDS)
def test_a_field_that_does_not_fit_has_its_default(kind: type[Any]) -> None:
    """Each field of each record with each wrong value: the other fields are read, and all can be printed."""
    for name, default in vars(kind()).items():
        for value in WRONG:
            read = fitted(kind, {name: value})
            repr(read).encode()
            assert type(getattr(read, name)) is type(default), (name, value)
    for value in WRONG:
        assert fitted(kind, value) == kind()


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "", "\0", '{"pid": 1' + "0" * 5000 + "}", "7"]
)
def test_a_file_that_is_no_record_is_unknown(text: str, tmp_path: Path) -> None:
    """Deep, empty and torn files, and numbers of 5,000 digits."""
    (tmp_path / "state.json").write_text(text)
    assert read_record(tmp_path / "state.json", ViewerState) == ViewerState("unknown")


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    """A FIFO, a folder, a link and a file of 1 GB in the place of a record; no file at all is another answer."""
    record = tmp_path / "state.json"
    assert read_record(record, ViewerState) is None
    os.mkfifo(record)
    assert read_record(record, ViewerState) == ViewerState("unknown")
    record.unlink()
    record.symlink_to("/dev/zero")
    assert read_record(record, ViewerState) == ViewerState("unknown")
    record.unlink()
    with record.open("wb") as file:
        file.truncate(1 << 30)
    assert read_record(record, ViewerState) == ViewerState("unknown")
    record.unlink()
    record.mkdir()
    assert read_record(record, ViewerState) == ViewerState("unknown")


def test_a_long_text_is_shortened_where_it_is_written(tmp_path: Path) -> None:
    """A traceback of 10 MB, of the characters that need most room in JSON, is read again."""
    write_json(
        tmp_path / "failure.json", {"count": 3, "message": "\0" * 10_000_000, "traceback": "\0" * 10_000_000}
    )
    failure = read_record(tmp_path / "failure.json", Failure)
    assert failure is not None
    assert failure.count == 3
    assert "characters left out" in failure.message


def test_only_folders_with_a_number_are_viewers(tmp_path: Path) -> None:
    """Other names, files and links are passed over."""
    for name in (
        "viewer-12",
        "viewer-old",
        "viewer-",
        "viewer-0",
        "viewer-2-3",
        "viewer-007",
        "viewer-\udc80",
    ):
        (tmp_path / name).mkdir()
    (tmp_path / "viewer-3").touch()
    (tmp_path / "viewer-4").symlink_to("/proc")
    assert list(folders(tmp_path)) == [tmp_path / "viewer-12"]


def test_a_board_that_cannot_be_is_no_board(tmp_path: Path) -> None:
    """A FIFO in its place is not waited for; a time that is no number is 0."""
    folder = tmp_path / "viewer-1"
    folder.mkdir()
    board = BoardWriter(folder)
    board.count(0, LaneCounters(final=2**64 - 1, fps=float("nan"), draw_seconds=float("inf")))
    board.close()
    reader = BoardReader(folder)
    assert reader.counters(0) == LaneCounters(final=2**64 - 1)
    reader.close()
    (folder / "board").unlink()
    os.mkfifo(folder / "board")
    assert ViewerFiles(folder).board is None


def test_the_count_of_lanes_has_a_limit(tmp_path: Path) -> None:
    """Whoever can write the control file can write any number."""
    control = Control.make(tmp_path)
    control.words[CONTROL_LANES] = 1 << 40
    assert control.lane_count == len(control.lanes) == LANES_MAXIMUM
    control.close()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"name": 7, "pid": "x"}'])
def test_a_malformed_run_is_one_row(text: str, runtime_dir: Path) -> None:
    """It says so, and the other runs are listed."""
    for name, record in (("bad", text), ("good", json.dumps({**process_record(), "name": "good"}))):
        (runtime_dir / name).mkdir(mode=0o700)
        (runtime_dir / name / "run.json").write_text(record)
    assert {run.name: run.state for run in asyncplot.runs()} == {"bad": "malformed", "good": "running"}
    for name in ("bad", "good"):
        shutil.rmtree(runtime_dir / name)


def test_a_run_whose_records_are_unreadable_is_not_swept_while_it_is_held(runtime_dir: Path) -> None:
    """The lock says that its process lives."""
    run = runtime_dir / "held"
    run.mkdir(mode=0o700)
    (run / "owner.json").write_text("[")
    with holding(run):
        os.utime(run, (0, 0))
        assert sweep(runtime_dir, runtime_dir / "..") == []
    os.utime(run, (0, 0))
    assert sweep(runtime_dir, runtime_dir / "..") == ["held"]


def test_close_kills_only_who_holds_the_lock(runtime_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that names an innocent process does not end it; a viewer that does not answer is killed."""
    monkeypatch.setattr(closing, "_END", 0.05)
    run, folder = runtime_dir / "gpe", runtime_dir / "gpe" / "viewer-1"
    run.mkdir(mode=0o700)
    folder.mkdir()
    write_json(run / "run.json", {**process_record(), "name": "gpe"})
    with holding(folder) as viewer, holding() as innocent:
        found = described(run)
        assert found is not None
        write_json(folder / "state.json", {**process_record(), "pid": innocent, "phase": "ready"})
        assert close_viewers(found) == 1
        os.kill(innocent, 0)
        os.kill(viewer, 0)
        write_json(folder / "state.json", {**process_record(), "pid": viewer, "phase": "ready"})
        assert close_viewers(found) == 1
        assert os.waitid(os.P_PID, viewer, os.WEXITED | os.WNOWAIT) is not None
        os.kill(innocent, 0)
    shutil.rmtree(run)


@pytest.mark.parametrize("kind", RECORDS)
def test_no_text_of_a_record_moves_the_cursor(kind: type[Any]) -> None:
    """The control characters in each text of each record are written out, as it may come to a terminal."""
    nasty = "\x1b[2J\x9b\u202e\ud800 one\ntwo"
    texts: list[str] = []
    for value in (nasty, [nasty], {nasty: nasty}):
        record = fitted(kind, {field.name: value for field in dataclasses.fields(kind)})
        for field in dataclasses.fields(kind):
            said = getattr(record, field.name)
            if isinstance(said, str):
                texts.append(said)
            elif isinstance(said, tuple):
                texts += said
            elif isinstance(said, Mapping):
                texts += [*said, *(each for each in said.values() if isinstance(each, str))]
    assert not [text for text in texts if set(text) & set("\x1b\x9b\u202e\ud800")]


def test_no_traceback_of_a_frame_moves_the_cursor() -> None:
    """What a pending result raises holds a plotter's text, too."""
    fate = failed("ValueError: \x1b[2J", "update", 1)
    assert "\\x1b[2J" in str(fate.error)
    assert "\x1b" not in str(fate.error)
