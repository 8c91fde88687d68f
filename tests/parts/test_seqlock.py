"""The mailbox and the control file as plain files: what a reader sees while the writer is in the middle of something."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from asyncplot import AsyncplotError
from asyncplot.frames import Encoder, decode
from asyncplot.mailbox import Control, MailboxReader, MailboxWriter
from asyncplot.mailbox.mapping import Mapping
from asyncplot.rundir import format as layout


class Ends(NamedTuple):
    """A control file with one lane, and both ends of its mailbox."""

    folder: Path
    control: Control
    writer: MailboxWriter
    reader: MailboxReader

    def put(self, value: float, length: int = 50, taken_ns: int = 1) -> int:
        """Put an array of equal values, and grow if it does not fit."""
        frame = Encoder().encode((np.full(length, value),), {})
        if self.writer.payload(frame) > self.writer.capacity:
            self.writer.grow(self.writer.payload(frame))
        return self.writer.put(frame, taken_ns)

    def begin(self, value: float) -> None:
        """Begin a frame in the next slot, fill it, and do not commit it."""
        frame = Encoder().encode((np.full(50, value),), {})
        for memory, view in zip(self.writer.reserve(frame.header, frame.lengths), frame.buffers, strict=True):
            memory[:] = view

    def newest_value(self, *, of: MailboxReader | None = None) -> float | None:
        """The value of the newest frame, which must be whole."""
        frame = (of or self.reader).newest()
        if frame is None:
            return None
        ((array,), _) = decode(frame.header, frame.buffers)
        assert (array == array[0]).all()
        return float(array[0])

    @property
    def word(self) -> Callable[[int], int]:
        """The index of a number of the lane in the control file."""
        return lambda offset: layout.LANE_FIRST_WORD + offset


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    control = Control.make(tmp_path)
    lane = control.add_lane("update")
    made = Ends(
        tmp_path, control, MailboxWriter(tmp_path, control, lane), MailboxReader(tmp_path, control, lane)
    )
    yield made
    made.reader.close()
    made.writer.close()
    control.close()


# --- torn frames -----------------------------------------------------------------------------------


def test_a_slot_that_is_being_written_holds_no_frame(ends: Ends) -> None:
    """A reader that is late, and still looks for the frame whose slot is overwritten, gets nothing."""
    for value in (1.0, 2.0, 3.0):
        ends.put(value)
    ends.control.words[ends.word(layout.LANE_NEWEST)] = 1  # as the reader has read it before
    ends.begin(4.0)
    assert ends.reader.newest() is None
    ends.writer.commit(1)
    assert ends.newest_value() == 4.0


def test_a_frame_that_was_overtaken_while_it_was_copied_is_not_given_out(ends: Ends) -> None:
    """The reader takes the newer one instead."""
    ends.put(1.0)
    overtaken: list[int] = []

    def overtake() -> None:
        if not overtaken:
            overtaken.append(1)
            for value in (2.0, 3.0, 4.0, 5.0):
                ends.put(value)

    ends.reader._fence = overtake  # called between the copy and the check
    assert ends.newest_value() == 5.0


def test_a_reader_that_is_overtaken_again_and_again_gives_up_until_the_next_tick(ends: Ends) -> None:
    """It does not hold up the GUI; and nothing is lost."""
    ends.put(1.0)
    copies: list[int] = []

    def overtake() -> None:
        copies.append(1)
        for _ in range(layout.SLOTS):
            ends.put(7.0)

    ends.reader._fence = overtake
    assert ends.reader.newest() is None
    assert len(copies) == 4
    del ends.reader._fence
    assert ends.newest_value() == 7.0


def test_the_newest_frame_is_read_once(ends: Ends) -> None:
    """Numbers count from 1, and the time at which it was taken comes with it."""
    assert ends.reader.newest() is None
    for number in range(1, 8):
        assert ends.put(float(number), taken_ns=100 + number) == number
        frame = ends.reader.newest()
        assert frame is not None
        assert (frame.number, frame.taken_ns, ends.reader.holds) == (number, 100 + number, number)
        assert ends.reader.newest() is None


@pytest.mark.parametrize(
    "buffers", [[], [0], [1], [64], [65, 3], [63, 0, 64, 128, 1], [50_000, 10]], ids=lambda each: f"{each}"
)
def test_buffers_of_any_length_arrive_aligned(ends: Ends, buffers: list[int]) -> None:
    """Each as long as it was, with its own contents."""
    values = [np.arange(length, dtype=np.uint8) + index for index, length in enumerate(buffers)]
    for _ in range(4):  # through all slots
        frame = Encoder().encode((*values, "x"), {})
        assert ends.writer.payload(frame) <= ends.writer.capacity
        ends.writer.put(frame, 1)
        received = ends.reader.newest()
        assert received is not None
        assert [buffer.nbytes for buffer in received.buffers] == list(frame.lengths)
        (*arrays, _), _ = decode(received.header, received.buffers)
        for sent, array in zip(values, arrays, strict=True):
            np.testing.assert_array_equal(sent, array)
            assert array.ctypes.data % 16 == 0


@pytest.mark.parametrize(
    ("word", "number"),
    [
        (layout.SLOT_PAYLOAD_BYTES, 1 << 40),
        (layout.SLOT_PAYLOAD_BYTES, layout.PAGE * 24 + 1),
        (layout.SLOT_PAYLOAD_BYTES, 20),
        (layout.SLOT_HEADER_BYTES, 1 << 40),
        (layout.SLOT_BUFFERS, 1 << 40),
        (layout.SLOT_SEQUENCE, 2),
    ],
)
def test_numbers_that_cannot_be_give_no_frame(ends: Ends, word: int, number: int) -> None:
    """Nothing is read beyond the slot, and nothing raises."""
    ends.put(1.0)
    words = ends.writer._mapping.words
    words[layout.slot_offset(1, ends.writer.capacity) // layout.WORD + word] = number
    assert ends.reader.newest() is None
    ends.put(2.0)
    assert ends.newest_value() == 2.0


def test_a_payload_that_ends_within_its_table_gives_no_frame(ends: Ends) -> None:
    """The same for the lengths in the table, and for the capacity at the head of the file."""
    ends.put(1.0)
    words = ends.writer._mapping.words
    table = (layout.slot_offset(1, ends.writer.capacity) + layout.SLOT_HEAD_BYTES) // layout.WORD
    assert words[table] == 400
    words[table] = 401
    assert ends.reader.newest() is None
    words[table] = 400
    words[layout.MAILBOX_CAPACITY] += layout.PAGE
    assert ends.reader.newest() is None
    words[layout.MAILBOX_CAPACITY] -= layout.PAGE
    assert ends.newest_value() == 1.0


# --- credit ----------------------------------------------------------------------------------------


def test_only_a_reader_that_holds_the_newest_frame_asks(ends: Ends) -> None:
    """One that is behind can read on. Before the first frame it is asked for."""
    assert ends.writer.asked
    ends.put(1.0)
    ends.reader.ask()
    assert not ends.writer.asked
    ends.reader.newest()
    assert not ends.writer.asked
    ends.reader.ask()
    assert ends.writer.asked
    late = MailboxReader(ends.folder, ends.control, 0)
    late.ask()
    assert ends.writer.asked  # it takes back nothing that another reader has asked for
    late.close()
    ends.put(2.0)
    assert not ends.writer.asked


def test_a_reader_resumes_where_another_one_was(ends: Ends) -> None:
    """If there is such a frame; otherwise it begins at the first."""
    for value in (1.0, 2.0, 3.0):
        ends.put(value)
    for number, holds in ((3, 3), (2, 2), (1, 1), (0, 0), (4, 0), (-1, 0)):
        ends.reader.resume(number)
        assert ends.reader.holds == holds
    ends.reader.resume(3)
    assert ends.reader.newest() is None


# --- growing and closing ---------------------------------------------------------------------------


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("mailbox-*")}


def test_each_generation_takes_the_place_of_the_one_before(ends: Ends) -> None:
    """There is one file at any time, so a run that grows takes no more memory than it needs."""
    assert files(ends.folder) == {"mailbox-0-1"}
    for generation, length in ((2, 20_000), (3, 50_000), (4, 100_000)):
        ends.put(float(generation), length)
        assert files(ends.folder) == {f"mailbox-0-{generation}"}
        assert ends.newest_value() == generation
        assert (ends.folder / f"mailbox-0-{generation}").stat().st_size == layout.mailbox_bytes(
            ends.writer.capacity
        )


def test_a_reader_of_an_old_generation_goes_over_to_the_new_one(ends: Ends) -> None:
    """Also when it is just being made: its file is not there yet, or is empty."""
    ends.put(1.0)
    assert ends.newest_value() == 1.0
    ends.put(2.0, 20_000)
    current = ends.folder / "mailbox-0-2"
    current.rename(ends.folder / "away")
    assert ends.reader.newest() is None
    current.touch()
    assert ends.reader.newest() is None
    (ends.folder / "away").replace(current)
    assert ends.newest_value() == 2.0
    late = MailboxReader(ends.folder, ends.control, 0)
    assert ends.newest_value(of=late) == 2.0
    late.close()


def test_frames_of_an_old_generation_can_be_read_until_there_is_a_new_frame(ends: Ends) -> None:
    """The old file is mapped still, by its readers."""
    ends.put(1.0)
    assert ends.newest_value() == 1.0
    ends.writer.grow(200_000)
    assert ends.reader.newest() is None
    ends.put(2.0)
    assert ends.newest_value() == 2.0


@pytest.mark.parametrize(
    ("payload", "room"),
    [(100_000, 151_552), (4096, 8192), (1 << 28, 285_212_672), ((1 << 28) - 2, 402_653_184)],
)
def test_there_is_half_as_much_room_again(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, payload: int, room: int
) -> None:
    """In whole pages. Large frames get less to spare, as that would cost too much memory."""
    sizes: list[int] = []

    def make(path: Path, size: int) -> Mapping:
        sizes.append(size)
        return Mapping(memoryview(bytearray(layout.PAGE)))  # type: ignore[arg-type]

    monkeypatch.setattr(Mapping, "make", make)
    ends.writer.grow(payload)
    assert (ends.writer.capacity, sizes) == (room, [layout.mailbox_bytes(room)])


def test_no_room_for_a_new_generation_leaves_the_old_one(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that fit still arrive, and no half file stays."""

    def full(descriptor: int, start: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    ends.put(1.0)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="no space"):
        ends.writer.grow(1_000_000)
    assert files(ends.folder) == {"mailbox-0-1"}
    assert ends.put(2.0) == 2
    assert ends.newest_value() == 2.0


def test_a_closed_mailbox_takes_nothing_and_gives_nothing(ends: Ends) -> None:
    """A signal handler may have closed it in the middle of a call, which then ends as if it had come before."""
    frame = Encoder().encode((np.ones(5),), {})
    ends.put(1.0)
    ends.writer.reserve(frame.header, frame.lengths)
    ends.writer.close()
    assert ends.writer.commit(1) == 0
    assert ends.writer.put(frame, 1) == 0
    assert ends.writer.reserve(frame.header, frame.lengths) == [b""]
    assert ends.writer.newest == 1
    ends.writer.count((9, 9, 9, 9), 1.0, 0.5)  # goes nowhere
    assert ends.control.counts(0).called == 0
    ends.reader.close()
    ends.reader.ask()
    assert ends.control.words[ends.word(layout.LANE_ASKED)] == 0


def test_a_mailbox_that_is_mapped_by_nobody_is_unmapped(ends: Ends) -> None:
    """Writer and reader let go of their maps."""
    ends.put(1.0)
    ends.newest_value()

    def maps() -> int:
        return Path("/proc/self/maps").read_text().count(f"{ends.folder}/mailbox-0-")

    assert maps() == 2
    ends.put(2.0, 20_000)
    ends.newest_value()
    assert maps() == 2
    ends.reader.close()
    ends.writer.close()
    assert maps() == 0


# --- the control file ------------------------------------------------------------------------------


def test_counters_are_published(ends: Ends) -> None:
    """Calls, frames, the share of the time, and how long ago."""
    now = time.monotonic()
    before = ends.control.counts(0)
    assert (before.called, before.age) == (0, float("inf"))
    ends.writer.count((100, 20, 3, 4), now - 0.5, 0.25)
    counts = ends.control.counts(0)
    assert counts[:4] == (100, 20, 3, 4)
    assert counts.age == pytest.approx(0.5, abs=0.3)
    assert ends.control.overhead == pytest.approx(0.25)


def test_the_rate_is_that_of_the_last_seconds(ends: Ends) -> None:
    """1,000 calls a second for 10 s, then 10 a second; then none, and the rate falls."""
    start, called = time.monotonic(), 0
    ends.control.words[layout.CONTROL_STARTED_NS] = int((start - 20.0) * 1e9)
    for tenth in range(200):
        called += 100 if tenth < 100 else 1
        ends.writer.count((called, 0, 0, 0), start - 20.0 + (tenth + 1) / 10.0, 0.0)
        if tenth == 99:
            assert ends.control.counts(0).rate == pytest.approx(1000.0, rel=0.9)
    assert ends.control.counts(0).rate == pytest.approx(10.0, rel=0.2)
    # The last call was 100 s ago, and the time in which the rate was counted began 2 s or more before that.
    for word in (layout.LANE_COUNTED_NS, layout.LANE_EARLIER_NS):
        ends.control.words[ends.word(word)] -= int(100e9)
    assert 0.0 < ends.control.counts(0).rate < 0.6


def test_the_first_rate_counts_from_the_start(ends: Ends) -> None:
    """300 calls in the first 3 s."""
    now = time.monotonic()
    ends.control.words[layout.CONTROL_STARTED_NS] = int((now - 3.0) * 1e9)
    ends.writer.count((300, 1, 0, 0), now, 0.0)
    assert ends.control.counts(0).rate == pytest.approx(100.0, rel=0.05)
    ends.control.words[layout.CONTROL_STARTED_NS] = int((now - 0.1) * 1e9)
    assert ends.control.counts(0).rate == pytest.approx(3000.0, rel=0.05)


def test_each_number_has_its_own_word(tmp_path: Path) -> None:
    """What one end writes is read at the other, and changes nothing else."""
    ours = Control.make(tmp_path)
    theirs = Control.open(tmp_path)
    ours.closing, theirs.sent = 3, 1 << 62
    ours.note()
    ours.note()
    theirs.words[layout.CONTROL_NOTICES] = 7
    for control in (ours, theirs):
        assert (control.closing, control.sent, control.notes, control.notices) == (3, 1 << 62, 2, 7)
        assert (control.lane_count, control.lanes, control.overhead) == (0, [], 0.0)
    assert abs(ours.words[layout.CONTROL_STARTED_NS] - time.monotonic_ns()) < 60e9
    ours.close()
    theirs.close()
    assert ours.closing == 3
    ours.closing = 1  # goes nowhere
    again = Control.open(tmp_path)
    assert again.closing == 3
    again.close()


def test_lanes_have_names_and_a_limit(tmp_path: Path) -> None:
    """64 of them, of at most 128 bytes each. A lane that does not fit changes nothing."""
    control = Control.make(tmp_path)
    names = ["update", "übersicht", "x" * 128, *(f"lane{number}" for number in range(61))]
    for number, name in enumerate(names):
        assert control.next_lane(name) == number
        assert control.add_lane(name) == number
        assert control.newest(number) == 0
        if number == 1:
            with pytest.raises(AsyncplotError, match="names of at most 128 bytes"):
                control.add_lane("ü" * 65)
            assert control.lane_count == 2
    assert control.lanes == names
    with pytest.raises(AsyncplotError, match="at most 64 lanes"):
        control.add_lane("one more")
    assert control.lanes == names
    control.words[layout.CONTROL_LANES] = 1 << 40
    assert control.lane_count == 64
    control.close()


def test_a_control_file_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    """Its run is just starting; or another program made it."""
    path = tmp_path / layout.CONTROL_FILE
    for size in (0, layout.CONTROL_BYTES - 1):
        path.write_bytes(bytes(size))
        with pytest.raises(AsyncplotError, match=f"has {size} bytes; its run is just starting"):
            Control.open(tmp_path)
    path.write_bytes(bytes(layout.CONTROL_BYTES))
    with pytest.raises(AsyncplotError, match="use the same asyncplot on both sides"):
        Control.open(tmp_path)
    path.unlink()
    made = Control.make(tmp_path)
    made.words[layout.CONTROL_MAGIC] += 1
    with pytest.raises(AsyncplotError, match="use the same asyncplot"):
        Control.open(tmp_path)
    made.close()


# --- files as memory -------------------------------------------------------------------------------


def test_a_mapped_file_is_new_and_private_and_has_its_room(tmp_path: Path) -> None:
    """Mode 0600, all zeros, allocated; a file that is there, or a link, is left alone."""
    path = tmp_path / "map"
    mapping = Mapping.make(path, 3 * layout.PAGE + 5)
    status = path.stat()
    assert (status.st_size, stat.S_IMODE(status.st_mode)) == (3 * layout.PAGE + 5, 0o600)
    assert status.st_blocks * 512 >= status.st_size
    assert bytes(mapping.bytes) == bytes(status.st_size)
    assert len(mapping.words) == status.st_size // layout.WORD
    mapping.words[1] = 0x0102030405060708
    assert Mapping.open(path).words[1] == 0x0102030405060708
    with pytest.raises(FileExistsError):
        Mapping.make(path, 100)
    assert path.stat().st_size == status.st_size
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OSError, match="link"):
        Mapping.open(tmp_path / "link")


def test_without_fallocate_the_room_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS: each byte, and no more."""
    monkeypatch.delattr(os, "posix_fallocate")
    size = (2 << 20) + 5000
    mapping = Mapping.make(tmp_path / "map", size)
    status = (tmp_path / "map").stat()
    assert (status.st_size, len(mapping.bytes)) == (size, size)
    assert status.st_blocks * 512 >= size


def test_a_closed_map_holds_nothing_and_a_detached_one_what_it_said(tmp_path: Path) -> None:
    """Both let go of the file."""
    mapping = Mapping.make(tmp_path / "map", layout.PAGE)
    mapping.words[3] = 41
    mapping.detach()
    mapping.words[4] = 1
    other = Mapping.open(tmp_path / "map")
    assert (mapping.words[3], other.words[3], other.words[4]) == (41, 41, 0)
    other.close()
    assert (len(other.bytes), len(other.words), len(Mapping.closed().words)) == (0, 0, 0)
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()
