"""What a viewer writes, as lines of bounded size in which every control character can be seen. Pure, but for stderr.

Supervisor, its only thread; standard library only. In: the pieces that a pipe brings. Out: lines for the log, and
those of them that the computation's stderr gets.

A plotter may write without end: 200 MB in lines, or a progress bar that never ends its line. Both take bounded time,
memory and room in the terminal here. A piece costs its own length, whatever came before it.
"""

from __future__ import annotations

import os
import select

from ..rundir.printable import SHOWN

#: So much of a line is kept, bytes. The rest is counted.
LINE_BYTES = 1 << 16

#: So many lines may come to the computation's stderr at once, and so many per second. Very long lines count as several.
BURST, PER_SECOND = 400, 20
_COUNTS_ONCE = 256

#: A line that the next one overwrites (a progress bar) is passed on once in so many seconds.
OVERWRITTEN_EVERY = 1.0

#: What may stand in a line as it is: no control character, and nothing that is not ASCII.
_HARMLESS = bytes([ord("\t"), ord("\n"), *range(0x20, 0x7F)])


def visible(text: bytes) -> bytes:
    r"""The text with its control characters written out. Only tabs and ends of lines stay.

    A terminal obeys control characters: they can change its title, and hide or fake other lines.

    >>> visible(b"\x1b[31mred")
    b'\\x1b[31mred'
    """
    if not text.translate(None, _HARMLESS):  # 1 ns a byte, where the rest takes 30
        return text
    return text.decode(errors="backslashreplace").translate(SHOWN).encode()


class Lines:
    r"""Makes lines of the pieces that come from one pipe. A line ends at ``\n``, ``\r\n`` or ``\r``.

    Of lines that were overwritten, because only ``\r`` ended them, each piece gives the last one.

    >>> lines = Lines()
    >>> lines.feed(b"one\n 10%\r 20%\r 30%"), lines.end()
    (([b'one'], b' 20%'), [b' 30%'])
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._left_out = 0  # so many bytes of it
        self._returned = False  # whether a "\r" came last: what follows overwrites it, unless it is a "\n"

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Take a piece. Returns the lines that ended, and the last one that was overwritten since (or nothing)."""
        *whole, rest = data.split(b"\n")
        lines = []
        for piece in whole:
            self._append(piece)
            lines.append(self._taken())
        return lines, self._append(rest)

    def end(self) -> list[bytes]:
        """What came without an end of line, when the pipe has ended."""
        return [line] if (line := self._taken()) else []

    def _append(self, piece: bytes) -> bytes:
        """Add a piece of a line, as far as there is room. Returns the line that it overwrites, or nothing."""
        text = piece.rstrip(b"\r")
        overwritten = b""
        if text and self._returned:
            overwritten = self._taken()
        before, returns, text_now = text.rpartition(b"\r")
        if returns:
            _, several, last = before.rstrip(b"\r").rpartition(b"\r")
            overwritten = (
                bytes(last[:LINE_BYTES] if several else (self._line + last)[:LINE_BYTES]) or overwritten
            )
            self._taken()
        room = LINE_BYTES - len(self._line)
        self._line += text_now[:room]
        self._left_out += max(len(text_now) - room, 0)
        if piece:
            self._returned = piece.endswith(b"\r")
        return overwritten

    def _taken(self) -> bytes:
        """The line as it is; the next one begins."""
        line, left_out = bytes(self._line), self._left_out
        self._line.clear()
        self._left_out, self._returned = 0, False
        return line + b" ... %d bytes left out" % left_out if left_out else line


class Budget:
    """How many lines the computation's stderr gets: a burst, then some in each second. Pure, its clock passed in.

    Attributes
    ----------
    left_out : int
        How many lines were left out since this was told.
    """

    def __init__(self) -> None:
        self.left_out = 0
        self._room, self._since = float(BURST), 0.0
        self._overwritten = float("-inf")

    def has_room(self, line: bytes, now: float) -> bool:
        """Whether a line may be passed on at the time ``now``, s. It is counted, either way."""
        self._room = min(self._room + max(now - self._since, 0.0) * PER_SECOND, float(BURST))
        self._since = now
        cost = 1 + len(line) // _COUNTS_ONCE
        # Once a line was left out, some room has to gather first, so that few notes of that are written.
        if self._room < (max(cost, PER_SECOND) if self.left_out else cost):
            self.left_out += 1
            return False
        self._room -= cost
        return True

    def shows_overwritten(self, now: float) -> bool:
        """Whether a line that is overwritten already may be passed on; it is not missed."""
        if now - self._overwritten < OVERWRITTEN_EVERY:
            return False
        self._overwritten = now
        return True


class Passing:
    """Passes the lines of a run on to the computation's stderr, as far as the budget goes.

    Parameters
    ----------
    name : str
        The run's name, which stands before each line.
    """

    def __init__(self, name: str) -> None:
        self._prefix = visible(f"[{name}] ".encode(errors="backslashreplace"))
        self._budget = Budget()

    @property
    def owes(self) -> bool:
        """Whether lines were left out, which is to be told."""
        return self._budget.left_out > 0

    def line(self, line: bytes, now: float) -> None:
        """Pass a line on, if it may be."""
        text = self._prefix + line
        longest = select.PIPE_BUF - 1
        left_out = self._budget.left_out
        if not self._budget.has_room(text[:longest], now):
            return
        self._tell(left_out)
        if not show_on_stderr(text[:longest] + b"\n"):
            self._budget.left_out += 1

    def overwritten(self, line: bytes, now: float) -> None:
        """Pass a line on that is overwritten already, if none was in the last second."""
        if self._budget.shows_overwritten(now):
            self.line(line, now)

    def settle(self) -> None:
        """Tell how many lines were left out: nothing was written for a while, or the viewer has ended."""
        self._tell(self._budget.left_out)

    def _tell(self, left_out: int) -> None:
        if left_out and show_on_stderr(self._prefix + b"... %d lines left out\n" % left_out):
            self._budget.left_out = 0


def show_on_stderr(line: bytes) -> bool:
    """Write to the computation's stderr, unless that would wait: a terminal may be on hold. Says whether it did."""
    poll = select.poll()
    poll.register(2, select.POLLOUT)
    if any(event & select.POLLOUT for _, event in poll.poll(0)):
        try:
            os.write(2, line)
        except OSError:
            return True  # nobody will read it later either
        return True
    return False
