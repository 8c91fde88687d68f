"""A viewer as its supervisor sees it: what it writes, how it ends, and what is left of it. Its command is a shell."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asyncplot.launch import viewer_process
from asyncplot.launch.viewer_process import LOG_BYTES, TAIL_BYTES, BoundedLog, ViewerProcess
from asyncplot.rundir.format import ANNOUNCEMENT, END_FILE, LOG_FILE, UNLOGGED, viewer_folder
from asyncplot.rundir.options import Command
from conditions import wait_until

Start = Callable[..., ViewerProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts viewer 1 of a run with a script of the shell, or another command."""
    started: list[ViewerProcess] = []
    run = os.open(tmp_path, os.O_RDONLY)
    folder = tmp_path / viewer_folder(1)
    folder.mkdir()

    def made(script: str, *words: str) -> ViewerProcess:
        command = Command(words or ["sh", "-c"], [f"{script}\n#", ""])
        started.append(ViewerProcess(run, 1, command, "wave", 0o027))
        return started[-1]

    before = os.umask(0o077)
    yield made
    os.umask(before)
    for viewer in started:
        viewer.kill()
        if viewer.pid:
            os.waitpid(viewer.pid, 0)
        viewer.close()
    os.close(run)


def log(folder: Path) -> bytes:
    """What the log of viewer 1 holds."""
    return (folder / viewer_folder(1) / LOG_FILE).read_bytes()


def ended(viewer: ViewerProcess) -> int:
    """Wait for its end; its exit code. It is not reaped: its number stays its own."""
    status = os.waitid(os.P_PID, viewer.pid, os.WEXITED | os.WNOWAIT)
    assert status is not None
    return status.si_status


def test_what_it_writes_is_logged_and_passed_on(
    start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Lines of both streams are in the log; the terminal gets them with the run's name, if they are shown."""
    viewer = start("echo on stdout; echo on stderr >&2; printf 'no end'; umask; exit 3")
    assert viewer.pid > 0
    assert viewer.readable == {viewer.out, viewer.err}
    assert ended(viewer) == 3
    viewer.drain(show=True)
    assert sorted(log(tmp_path).splitlines()) == [b"no end0027", b"on stderr", b"on stdout"]
    said = sorted(capfd.readouterr().err.splitlines())
    assert said == ["[wave] no end0027", "[wave] on stderr", "[wave] on stdout"]
    viewer.read(viewer.out, show=True)  # its end
    assert viewer.readable == {viewer.err}


def test_what_is_not_shown_is_logged(start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A viewer that persists writes into its log only."""
    viewer = start("echo words")
    ended(viewer)
    viewer.drain(show=False)
    assert log(tmp_path) == b"words\n"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("record", "relay"), [("{}", False), ('{"maps": true}', False), ('{"maps": false}', True)]
)
def test_the_announcement_is_no_line_of_the_log(
    start: Start, tmp_path: Path, record: str, relay: bool
) -> None:
    """What stood before it in its line is; and it says whether a relay is needed."""
    (tmp_path / "said").write_bytes(b"profile of a shell " + ANNOUNCEMENT + record.encode() + b"\n")
    viewer = start(f"cat {tmp_path / 'said'}; echo later")
    ended(viewer)
    viewer.drain(show=False)
    assert (viewer.announced, viewer.needs_relay) == (True, relay)
    assert log(tmp_path) == b"profile of a shell \nlater\n"


@pytest.mark.parametrize("said", [b"[1]", b"nothing", b"[" * 10_000])
def test_what_only_looks_like_an_announcement_is_a_line(start: Start, tmp_path: Path, said: bytes) -> None:
    """A program may write anything."""
    (tmp_path / "said").write_bytes(ANNOUNCEMENT + said + b"\n")
    viewer = start(f"cat {tmp_path / 'said'}")
    ended(viewer)
    viewer.drain(show=False)
    assert not viewer.announced
    assert log(tmp_path).endswith(said + b"\n")


def test_a_secret_is_shown_and_not_logged(
    start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What stands behind the mark is for the terminal only."""
    (tmp_path / "said").write_bytes(UNLOGGED + b"the secret\nbefore " + UNLOGGED + b"another one\nlater\n")
    viewer = start(f"cat {tmp_path / 'said'} >&2")
    ended(viewer)
    viewer.drain(show=True)
    assert log(tmp_path) == b"before \nlater\n"
    said = capfd.readouterr().err.splitlines()
    assert said == ["[wave] the secret", "[wave] before another one", "[wave] later"]


def test_how_it_ended_is_a_record(start: Start, tmp_path: Path) -> None:
    """Command, code, reason and the end of its output; the file is there whole, and nobody else reads it."""
    viewer = start("echo words; exit 3")
    ended(viewer)
    viewer.drain(show=False)
    viewer.end(3, "exited with code 3")
    path = tmp_path / viewer_folder(1) / END_FILE
    record = json.loads(path.read_text())
    assert record.pop("at") > 1e9
    assert record == {
        "command": ["sh", "-c"],
        "exit": 3,
        "how": "exited with code 3",
        "ordinary": False,
        "announced": False,
        "tail": "words\n",
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in path.parent.iterdir()) == [END_FILE, LOG_FILE]


def test_a_command_that_is_not_there(start: Start, tmp_path: Path) -> None:
    """It has no process, and its end is told."""
    viewer = start("nothing", str(tmp_path / "no such program"))
    assert viewer.pid == 0
    viewer.kill()
    record = json.loads((tmp_path / viewer_folder(1) / END_FILE).read_text())
    assert (record["exit"], record["how"]) == (None, "could not be started: No such file or directory")


def test_without_room_the_end_takes_that_of_the_log(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full file system: first without the output, then an empty file, which says that it has ended."""
    viewer = start("echo words")
    ended(viewer)
    viewer.drain(show=False)
    put, tried = viewer._put, []

    def full(name: str, content: bytes) -> None:
        tried.append((content, log(tmp_path)))
        if content:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        put(name, content)

    monkeypatch.setattr(viewer, "_put", full)
    viewer.end(0, "exited with code 0", ordinary=True)
    assert [logged for _, logged in tried] == [b"words\n", b"", b""]
    assert [json.loads(content)["tail"] for content, _ in tried[:2]] == ["words\n", ""]
    assert (tmp_path / viewer_folder(1) / END_FILE).read_bytes() == b""


def test_its_stdin_ends_when_it_should(start: Start, tmp_path: Path) -> None:
    """It may end by itself then."""
    viewer = start("cat >/dev/null; echo ends; exit 5")
    assert os.waitid(os.P_PID, viewer.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    viewer.end_input()
    assert ended(viewer) == 5


def test_all_that_it_started_is_killed(start: Start, tmp_path: Path) -> None:
    """Its process group, and nothing else."""
    viewer = start(f"sleep 600 & echo $! >{tmp_path / 'pid'}; wait")
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    assert os.getpgid(viewer.pid) == viewer.pid != os.getpgid(0)
    viewer.kill()
    os.waitid(os.P_PID, viewer.pid, os.WEXITED | os.WNOWAIT)
    left = int((tmp_path / "pid").read_text())
    wait_until(
        lambda: not Path(f"/proc/{left}/cmdline").exists() or not Path(f"/proc/{left}/cmdline").read_bytes()
    )


def test_a_log_begins_anew_when_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never has more than its bytes, and says so; its end is kept apart."""
    monkeypatch.setattr(viewer_process, "LOG_BYTES", 1000)
    assert LOG_BYTES == 1 << 20
    folder = os.open(tmp_path, os.O_RDONLY)
    made = BoundedLog(folder)
    path = tmp_path / LOG_FILE
    made.write(b"a" * 600)
    made.write(b"b" * 400)
    assert path.read_bytes() == b"a" * 600 + b"b" * 400
    made.write(b"c" * 10)
    assert path.read_bytes() == b"(the log was full, and starts anew)\n" + b"c" * 10
    made.write(b"d" * 5000)
    assert path.read_bytes() == b"(the log was full, and starts anew)\n" + b"d" * 500
    assert made.tail == (b"c" * 10 + b"d" * 5000)[-TAIL_BYTES:]
    made.clear()
    made.write(b"e")
    assert path.read_bytes() == b"e"
    made.close()
    os.close(folder)
