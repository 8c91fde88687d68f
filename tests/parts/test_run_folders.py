"""Run directories on plain files: what is believed, what is removed, and what is left alone. No viewer."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from asyncplot.descriptors import Descriptors
from asyncplot.errors import RunDirectoryError
from asyncplot.rundir import (
    BoardReader,
    BoardWriter,
    LaneCounters,
    Outcome,
    basedir,
    liveness,
    making,
    register,
)
from asyncplot.rundir.board import OUTCOMES, TEXT_BYTES, VALUES
from asyncplot.rundir.processes import below
from asyncplot.rundir.records import write_json


def test_a_record_of_this_host_goes_with_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`clear` removes the records of runs that have died here, and no other ones."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    host = socket.gethostname()
    living = register.enter("living", tmp_path, {"host": host, "pid": 1})
    dead = register.enter("dead", tmp_path / "gone", {"host": host, "pid": 1})
    elsewhere = register.enter("elsewhere", tmp_path / "gone", {"host": f"{host}-2", "pid": 1})
    nothing = register.register_directory() / "nothing.json"
    write_json(nothing, {"directory": str(tmp_path / "gone")})
    assert living is not None
    assert dead is not None
    assert elsewhere is not None
    assert [path for path, _ in register.records()] == sorted([living, dead, elsewhere])
    register.clear()
    assert sorted(register.register_directory().iterdir()) == sorted([living, elsewhere, nothing])
    register.leave(living)
    register.leave(living)  # a second time, and without a record: nothing
    register.leave(None)
    assert not living.exists()


def test_without_a_state_folder_there_are_no_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that cannot be written: the run is shown all the same."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(RunDirectoryError, match="file"):
        register.register_directory()
    assert list(register.records()) == []


def test_where_runs_are_without_a_wish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In shared memory, or in the temporary folder where there is none; each user has a folder."""
    monkeypatch.delenv("ASYNCPLOT_RUNTIME_DIR")
    name = f"asyncplot-{os.getuid()}"
    assert basedir.base_path() == Path("/dev/shm") / name
    monkeypatch.setattr(basedir.os, "access", lambda *_: False)
    monkeypatch.setattr(basedir.tempfile, "gettempdir", lambda: str(tmp_path))
    assert basedir.base_path() == tmp_path / name


@pytest.mark.parametrize("mode", [0o1777, 0o755, 0o775, 0o757])
def test_a_folder_above_that_others_can_write(tmp_path: Path, mode: int) -> None:
    """It is refused, by its name, unless only the owner of a thing can exchange it there."""
    above = tmp_path / "above"
    above.mkdir()
    (above / "between").mkdir()
    above.chmod(mode)
    wrong = mode == 0o757
    if mode == 0o775 and not basedir._has_nobody_else(above.stat().st_gid):
        wrong = True
    if wrong:
        with pytest.raises(RunDirectoryError, match=f"above can be written by others .mode {mode:04o}"):
            basedir.check_above(above / "between" / "base")
    else:
        basedir.check_above(above / "between" / "base")


def test_a_folder_is_removed_by_its_descriptor(tmp_path: Path) -> None:
    """Its files and folders go. What stands at its path by then, or what is gone already, is left alone."""
    path = tmp_path / "run"
    making.make_folder(path)
    (path / "viewer-1").mkdir()
    (path / "viewer-1" / "log").touch()
    (path / "control").touch()
    with Descriptors() as held:
        held.append(descriptor := os.open(path, making.FOLDER))
        assert making.is_same(path, descriptor)
        moved = path.rename(tmp_path / "moved")
        path.mkdir()
        (path / "of another run").touch()
        assert not making.is_same(path, descriptor)
        making.remove(path, descriptor)
        assert list(moved.iterdir()) == []
        assert list(path.iterdir()) == [path / "of another run"]
        making.remove(moved, descriptor)
        assert not moved.exists()
        making.remove(moved, descriptor)  # it is gone
        assert not making.is_same(moved, descriptor)


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    """Folders have mode 0700, and files 0600, also those above."""
    before = os.umask(umask)
    try:
        making.make_parents(tmp_path / "a" / "b" / "c")
        making.write_file(tmp_path / "a" / "file", b"abc")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b", "a/file")]
    assert modes == [0o700, 0o700, 0o600]
    assert not (tmp_path / "a" / "b" / "c").exists()
    assert (tmp_path / "a" / "file").read_bytes() == b"abc"
    with pytest.raises(FileExistsError):
        making.write_file(tmp_path / "a" / "file", b"again")


def test_a_lock_is_seen_by_other_processes(tmp_path: Path) -> None:
    """While somebody holds it, and with the process id of who does; nobody holds what is not there."""
    assert (liveness.is_held(tmp_path), liveness.holder(tmp_path)) == (False, 0)
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        liveness.hold(tmp_path)
        os.write(ready[1], b".")
        os.read(go[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    try:
        assert (liveness.is_held(tmp_path), liveness.holder(tmp_path)) == (True, child)
        with pytest.raises(BlockingIOError):
            liveness.hold(tmp_path, held := [])
        assert child in [process.pid for process in below(os.getpid())]
        assert os.getpid() not in [process.pid for process in below(os.getpid())]
        assert os.getpid() in [process.pid for process in below(os.getpid(), itself=True)]
    finally:
        os.write(go[1], b".")
        os.waitpid(child, 0)
        for descriptor in (*ready, *go, *held):
            os.close(descriptor)
    assert (liveness.is_held(tmp_path), liveness.holder(tmp_path)) == (False, 0)
    assert stat.S_IMODE((tmp_path / "alive").stat().st_mode) == 0o600


def test_this_process_is_known_by_its_id_and_host() -> None:
    """Hosts that share a home see each other's records."""
    assert liveness.is_of_this_process(os.getpid(), socket.gethostname())
    assert not liveness.is_of_this_process(os.getpid() + 1, socket.gethostname())
    assert not liveness.is_of_this_process(os.getpid(), "another host")


def test_a_board_keeps_what_became_of_the_last_frames(tmp_path: Path) -> None:
    """The word of 4,096 frames, and the values of 64; of two lanes, also when it is closed, and nothing torn."""
    writer = BoardWriter(tmp_path)
    reader = BoardReader(tmp_path)
    for lane in (0, 1):
        writer.add_lane(lane)
        assert reader.counters(lane) == LaneCounters()
        assert reader.outcome(lane, 1) is None
        writer.count(lane, counters := LaneCounters(7 + lane, 5, 2, 1.5, 11, 0.25, 3))
        assert reader.counters(lane) == counters
    for number in range(1, OUTCOMES + 3):
        writer.settle(
            1, number, Outcome("failed" if number % 2 else "drawn", f"value {number}" if number % 4 else None)
        )
    newest = OUTCOMES + 2

    def holds() -> None:
        assert reader.outcome(0, newest) is None
        assert reader.outcome(1, 2) is None  # another frame has its place
        assert reader.outcome(1, 3) == Outcome("failed", None, forgotten=True)
        assert reader.outcome(1, 4) == Outcome("drawn", None)
        assert reader.outcome(1, newest - VALUES) == Outcome("drawn", None, forgotten=True)
        assert reader.outcome(1, newest - VALUES + 1) == Outcome("failed", f"value {newest - VALUES + 1}")
        assert reader.outcome(1, newest) == Outcome("drawn", f"value {newest}")
        assert reader.outcome(1, newest + 1) is None

    holds()
    writer.settle(0, 1, Outcome("failed", "x" + "y" * TEXT_BYTES))
    assert reader.outcome(0, 1) == Outcome("failed", "y" * TEXT_BYTES)  # its end
    os.pwrite(writer._descriptor, b"torn", 0)
    assert reader.counters(0) == LaneCounters()
    writer.count(0, counters)
    reader.close(2)
    writer.count(0, LaneCounters())
    holds()
    assert reader.counters(0) == counters
    reader.close(2)
    writer.close()
    assert stat.S_IMODE((tmp_path / "board").stat().st_mode) == 0o600
