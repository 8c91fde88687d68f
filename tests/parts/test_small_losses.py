"""A newer frame during a take, and a folder that lets a group in: pure parts, plain files."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncplot.compute.outbox import Outbox
from asyncplot.compute.pacing import Pacing
from asyncplot.compute.pending import PendingResult, off
from asyncplot.errors import RunDirectoryError
from asyncplot.frames import decode
from asyncplot.mailbox import Control, MailboxReader, MailboxWriter
from asyncplot.rundir import check, is_ours


@pytest.mark.parametrize("only", [False, True])
def test_a_newer_frame_that_comes_during_a_take_is_not_lost(tmp_path: Path, only: bool) -> None:
    """It is taken next; or it goes on waiting, if a call takes its own frame only."""
    control = Control.make(tmp_path)
    writer = MailboxWriter(tmp_path, control, control.add_lane("update"))
    reader = MailboxReader(tmp_path, control, 0)
    outbox = Outbox("update", writer, Pacing(1.0, 0.0))
    older, newer = PendingResult(), PendingResult()
    older._fate = newer._fate = off()
    outbox.box.append((older, ("older",), {}))
    put = writer.put

    def overtaken(*arguments: object) -> int:
        if not outbox.taken:
            outbox.box.append((newer, ("newer",), {}))
        return put(*arguments)  # type: ignore[arg-type]

    writer.put = overtaken  # type: ignore[method-assign]
    outbox.take(only=older if only else None)
    assert (outbox.taken, outbox.holds(newer)) == ((1, True) if only else (2, False))
    received = reader.newest()
    assert received is not None
    assert decode(received.header, received.buffers)[0] == ("older" if only else "newer",)
    reader.close()
    writer.close()
    control.close()


def test_a_folder_that_lets_anybody_in_is_refused(tmp_path: Path) -> None:
    """Each single right of the group, and of others."""
    path = tmp_path / "base"
    check(path)
    assert is_ours(path)
    for bit in (0o040, 0o020, 0o010, 0o004, 0o002, 0o001):
        path.chmod(0o700 | bit)
        assert not is_ours(path)
        with pytest.raises(RunDirectoryError, match="lets others in"):
            check(path)
