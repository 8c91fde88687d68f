"""How many pictures may be on their way to one page: a simulated page and line, on a clock of their own."""

from __future__ import annotations

import itertools
from collections import deque

import pytest

from asyncplot.viewer.web.credit import Credit

#: No page has more pictures on their way.
MOST = 4


class Simulated:
    """A server with a new picture each 1/60 s, a line, and a page that paints.

    Attributes
    ----------
    painted : list of (float, float)
        When a picture was painted, and how old it was then, s.
    most : int
        The most pictures that were on their way at the same time.
    """

    def __init__(self, *, way: float, rate: float, paint: float = 0.0) -> None:
        self.credit = Credit()
        self.way, self.rate, self.paint = way, rate, paint  # s, bytes/s, s
        self.now = 0.0
        self.painted: list[tuple[float, float]] = []
        self.most = 0
        self._number = 0
        self._line_free = self._page_free = 0.0
        self._acks: deque[tuple[float, int, float]] = (
            deque()
        )  # when it comes, the picture, when that was drawn

    def run(self, seconds: float, size: int) -> None:
        """Let pictures of a size come for a while."""
        end = self.now + seconds
        drawn_at, is_sent = self.now, False
        while self.now < end:
            if not is_sent and self.credit.is_left:
                self._send(size, drawn_at)
                is_sent = True
            if self._acks and self._acks[0][0] <= drawn_at + 1 / 60:
                self.now, number, at = self._acks.popleft()
                assert self.credit.painted(number, self.now)
                self.painted.append((self.now, self.now - at))
            else:
                self.now = drawn_at = drawn_at + 1 / 60
                is_sent = False

    def _send(self, size: int, drawn_at: float) -> None:
        self._number += 1
        self.credit.sent(self._number, 1_000_000, self.now)
        self.credit.weighs(self._number, size)
        self._line_free = max(self._line_free, self.now) + size / self.rate
        self._page_free = max(self._page_free, self._line_free + self.way) + self.paint
        self._acks.append((self._page_free + self.way, self._number, drawn_at))
        self.most = max(self.most, len(self._acks))

    def pictures_a_second(self, since: float) -> float:
        """The rate since a time."""
        return sum(at >= since for at, _ in self.painted) / (self.now - since)

    def age(self, since: float) -> float:
        """The largest age of a picture since a time, s."""
        return max(age for at, age in self.painted if at >= since)


@pytest.mark.parametrize("rate", [1.25e5, 1e7, 1e9])
@pytest.mark.parametrize("size", [2_000, 50_000, 1_000_000])
def test_no_page_has_more_than_its_window_on_the_way(rate: float, size: int) -> None:
    """However slow the page and the line are; and what it paints is no older than its few pictures take."""
    for way, paint in itertools.product([0.0002, 0.01, 0.1, 0.5], [0.002, 0.05, 0.5]):
        page = Simulated(way=way, rate=rate, paint=paint)
        page.run(max(10.0, 6 * size / rate), size)
        assert page.most <= MOST
        assert page.age(page.now / 2) <= MOST * (size / rate + paint) + 2 * way + 2 / 60, (way, paint)


def test_a_near_page_gets_every_picture() -> None:
    """60 a second."""
    page = Simulated(way=0.0005, rate=1e9, paint=0.004)
    page.run(5.0, 50_000)
    assert page.pictures_a_second(1.0) == pytest.approx(60, rel=0.05)


def test_a_page_with_a_long_way_gets_more_than_one_picture_for_each_way() -> None:
    """40 ms there and 40 ms back: with one picture on its way it were 12 a second."""
    page = Simulated(way=0.04, rate=1e8, paint=0.002)
    page.run(20.0, 10_000)
    assert page.pictures_a_second(10.0) > 30


def test_behind_a_slow_line_pictures_do_not_get_old() -> None:
    """1 Mbit/s and 200 ms, pictures of 20 kB: the age stays below a second, and the line is used."""
    page = Simulated(way=0.1, rate=1.25e5, paint=0.005)
    page.run(60.0, 20_000)
    assert page.age(10.0) < 1.0
    assert page.pictures_a_second(10.0) > 3


def test_the_rate_recovers() -> None:
    """When the line is fast again, after a minute, all pictures come again within seconds."""
    page = Simulated(way=0.001, rate=1e9, paint=0.002)
    page.run(3.0, 30_000)
    page.way, page.rate = 0.2, 1e5
    page.run(60.0, 30_000)
    page.way, page.rate = 0.001, 1e9
    page.run(8.0, 30_000)
    assert page.pictures_a_second(page.now - 4.0) > 50


def test_what_is_said_of_pictures_that_were_not_sent_counts_nothing() -> None:
    """A page cannot get credit by numbers that it makes up, or says twice."""
    credit = Credit()
    for number in (5, 6):
        credit.sent(number, 1, 0.0)
    for number in (0, 4, 7, 1 << 31):
        assert not credit.painted(number, 0.1)
    assert not credit.is_left
    assert credit.painted(6, 0.1)
    assert not credit.painted(6, 0.2)
    assert credit.is_left
    assert credit.waits_since is None
