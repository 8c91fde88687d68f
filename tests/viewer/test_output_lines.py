"""What a viewer writes: lines of bounded size, control characters that can be seen, and a bound on what is shown."""

from __future__ import annotations

import os
import random
import time
import unicodedata

import pytest

from asyncplot.launch.output import BURST, LINE_BYTES, PER_SECOND, Budget, Lines, Passing, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"\x1b]0;title\x07", rb"\x1b]0;title\x07"),
        (b"a\tb", b"a\tb"),
        (b"\xff\xfe", rb"\xff\xfe"),
        ("grün 20 µm".encode(), "grün 20 µm".encode()),
        ("\x9b2J".encode(), rb"\x9b2J"),
        ("\u202etxt".encode(), rb"\u202etxt"),
        (b"\x00\x08\x7f", rb"\x00\x08\x7f"),
    ],
)
def test_control_characters_are_made_visible(text: bytes, shown: bytes) -> None:
    """Whatever a terminal would obey is written out; other text stays as it is."""
    assert visible(text) == shown


def test_no_bytes_reach_a_terminal_as_control_characters() -> None:
    """Whatever the bytes are, the result is UTF-8 without control characters but tabs and ends of lines."""
    chance = random.Random(1)
    for _ in range(300):
        text = visible(chance.randbytes(200)).decode()
        assert all(unicodedata.category(each) != "Cc" or each in "\t\n" for each in text)


def test_lines_are_the_same_however_they_come_in_pieces() -> None:
    """The ends of lines are where they are, also in the middle of ``\\r\\n``."""
    text = b"one\ntwo\r\n\nthree\r\nlast"
    for cut in range(len(text)):
        lines = Lines()
        first, overwritten = lines.feed(text[:cut])
        second, overwritten_later = lines.feed(text[cut:])
        assert [*first, *second, *lines.end()] == [b"one", b"two", b"", b"three", b"last"]
        assert not overwritten + overwritten_later


@pytest.mark.parametrize("form", [b"\r%d%%", b"%d%%\r"])
def test_a_progress_bar_gives_its_last_line(form: bytes) -> None:
    """Each piece gives the last line that is overwritten, and the end of line gives the last of all."""
    lines = Lines()
    assert lines.feed(form % 1)[0] == []
    assert lines.feed(form % 2 + form % 3 + form % 4) == ([], b"3%")
    assert lines.feed(b"\n") == ([b"4%"], b"")


def test_a_long_line_is_cut_and_says_so() -> None:
    """A line without end takes bounded memory."""
    lines = Lines()
    for _ in range(100):
        assert lines.feed(b"x" * 10_000) == ([], b"")
    (line,), _ = lines.feed(b"\nnext")
    assert line == b"x" * LINE_BYTES + b" ... %d bytes left out" % (1_000_000 - LINE_BYTES)
    assert lines.end() == [b"next"]


@pytest.mark.parametrize("piece", [b"x" * 65536, b"\r%d of many" * 5000, b"\x1b" * 65536])
def test_a_line_without_end_costs_little(piece: bytes) -> None:
    """200 MB take the supervisor seconds at most: 100 pieces of them take no more than 0.5 s of CPU time."""
    lines = Lines()
    start = time.process_time()
    for _ in range(100):
        visible(lines.feed(piece)[1])
    assert time.process_time() - start < 0.5


def test_the_terminal_gets_a_burst_and_then_few_lines() -> None:
    """A traceback passes whole; of lines without end only some in each second do."""
    budget = Budget()
    passed = [budget.has_room(b"a line", second / 1000) for second in range(10_000)]
    assert all(passed[:BURST])
    assert sum(passed) <= BURST + 10 * PER_SECOND
    assert sum(passed) + budget.left_out == len(passed)


def test_how_many_lines_were_left_out_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    """At the next line that is shown, or when nothing came for a while."""
    passing = Passing("run")
    for number in range(BURST + 50):
        passing.line(b"%d" % number, 0.0)
    assert passing.owes
    passing.settle()
    assert not passing.owes
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "[run] 0"
    assert lines[-1] == "[run] ... 50 lines left out"
    for number in range(BURST * 10):
        passing.line(b"x", 1.0 + number / 1e6)
    passing.line(b"later", 100.0)
    assert capfd.readouterr().err.splitlines()[-2:] == [
        f"[run] ... {BURST * 10 - PER_SECOND} lines left out",
        "[run] later",
    ]


def test_a_long_line_keeps_its_end_of_line(capfd: pytest.CaptureFixture[str]) -> None:
    """A line longer than a pipe takes in one step is cut before its end."""
    Passing("run").line(b"x" * 10_000, 0.0)
    shown = capfd.readouterr().err
    assert shown.endswith("x\n")
    assert len(shown) == os.pathconf("/", "PC_PIPE_BUF")
