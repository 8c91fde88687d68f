"""The mailbox without processes: frames that are written in place, and readers of another version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asyncplot import AsyncplotError
from asyncplot.frames import Encoder, decode
from asyncplot.mailbox import Control, MailboxReader, MailboxWriter
from asyncplot.rundir.format import CONTROL_VERSION, LANE_FIRST_WORD, LANE_KIND, VERSION

pytestmark = pytest.mark.contract


def ends(folder: Path) -> tuple[Control, MailboxWriter, MailboxReader]:
    """A control file with one lane, and both ends of its mailbox."""
    control = Control.make(folder)
    lane = control.add_lane("update")
    return control, MailboxWriter(folder, control, lane), MailboxReader(folder, control, lane)


def test_a_frame_that_is_written_in_place_arrives_when_it_is_committed(tmp_path: Path) -> None:
    """Readers see nothing of it before, and then the same as if it had been copied."""
    _, writer, reader = ends(tmp_path)
    frame = Encoder().encode((np.zeros(5), np.arange(300, dtype=np.int16)), {})
    places = writer.reserve(frame.header, frame.lengths)
    np.frombuffer(places[0], float)[:] = 7.0
    places[1][:] = frame.buffers[1]
    assert reader.newest() is None
    assert writer.commit(41) == 1
    received = reader.newest()
    assert received is not None
    assert (received.number, received.taken_ns) == (1, 41)
    (first, second), _ = decode(received.header, received.buffers)
    assert (first == 7.0).all()
    assert (second == np.arange(300)).all()


def test_a_frame_that_is_never_committed_is_none(tmp_path: Path) -> None:
    """The newest frame can still be read, and the next one has the number."""
    _, writer, reader = ends(tmp_path)
    encoder = Encoder()
    assert writer.put(encoder.encode(("old",), {}), 1) == 1
    frame = encoder.encode((np.ones(9),), {})
    writer.reserve(frame.header, frame.lengths)
    received = reader.newest()
    assert received is not None
    assert decode(received.header, received.buffers) == (("old",), {})
    assert writer.put(encoder.encode(("new",), {}), 1) == 2


def test_a_control_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """The message names both versions, and says what to do."""
    control, _, _ = ends(tmp_path)
    control.words[CONTROL_VERSION] = VERSION + 1
    with pytest.raises(
        AsyncplotError, match=f"format {VERSION + 1}, this asyncplot reads {VERSION}; use the same"
    ):
        Control.open(tmp_path)


def test_a_lane_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A mailbox is not read out of files that are none."""
    control, _, _ = ends(tmp_path)
    control.words[LANE_FIRST_WORD + LANE_KIND] = 9
    with pytest.raises(AsyncplotError, match="lane 0 is of kind 9, this asyncplot reads 0"):
        MailboxReader(tmp_path, control, 0)
