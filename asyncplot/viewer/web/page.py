"""One page that looks: which figures it sees, what it has, and what is on its way to it. GUI thread.

In: cards with new pictures, and what the page says. Out: one message for each picture, when the page has credit for it. A slow page
gets all changes since its last picture in one piece, so it makes nobody wait, and nothing queues up for it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from . import messages
from .card import Card
from .credit import Credit
from .encoder import Encoded, Encoder
from .encoding import Codec
from .sheet import Spot, merged

#: What was sent with loss is sent exactly when nothing of that figure was sent with loss for so long, s.
REST = 0.3

#: A page that has lost a picture, and so those that were on their way behind it, gets a whole one each so many seconds at most.
AGAIN = 0.25

#: A page that has not painted a picture for so long is gone, s: ten times what a phone takes.
GONE = 10.0


class Line(Protocol):
    """What a page needs of its websocket."""

    def send(self, message: str | bytes) -> None:
        """Send a message; nothing if the page is gone."""
        ...

    def drop(self) -> None:
        """Close the connection. The page comes back if it is still there."""
        ...


class _Outgoing(NamedTuple):
    """A picture whose boxes are being encoded."""

    card: Card
    number: int
    base: int
    size: tuple[int, int]
    drawn_at: float
    boxes: list[Encoded]


class _Seat:
    """What a page has of one figure."""

    def __init__(self) -> None:
        self.base = 0  # the picture that was sent last
        self.credit = Credit()
        self.lossy: list[Spot] = []  # sent with loss,
        self.lossy_at = -math.inf  # and when the last time, s
        self.has_lost = False
        self.whole = 0  # the last one that was sent whole,
        self.whole_at = -math.inf  # and when, s


class Page:
    """One page.

    Parameters
    ----------
    line : Line
        The websocket.
    encoder : Encoder
        Encodes pictures for all pages.
    wake : callable
        Called, on any thread, when a box is encoded; `flush` is to be called then.

    Attributes
    ----------
    seen : set of int
        The numbers of the figures that are in sight.
    session : str
        The page's own name for itself, which it keeps when it is loaded again; empty if it has none.
    ratio : float
        Device pixels of its screen in a pixel.
    whole : bool
        Whether it can show whole pictures only, as a notebook can.
    """

    def __init__(self, line: Line, encoder: Encoder, wake: Callable[[], None]) -> None:
        self.seen: set[int] = set()
        self.session = ""
        self.ratio = 1.0
        self.whole = False
        self._line = line
        self._encoder = encoder
        self._wake = wake
        self._seats: dict[int, _Seat] = {}
        self._outgoing: deque[_Outgoing] = deque()

    def tell(self, message: str) -> None:
        """Send a text message."""
        self._line.send(message)

    def drop(self) -> None:
        """Close its connection."""
        self._line.drop()

    def sees(self, figures: Iterable[int]) -> None:
        """The page says which figures are in sight. What was on its way to others is no longer waited for."""
        self.seen = set(figures)
        for number, seat in self._seats.items():
            if number not in self.seen:
                seat.credit.forget()

    def painted(self, figure: int, number: int, now: float) -> None:
        """The page has painted a picture."""
        seat = self._seats.get(figure)
        if seat is not None and seat.credit.painted(number, now) and number >= seat.whole:
            seat.has_lost = False  # that was said of pictures before this one

    def needs_whole(self, figure: int) -> None:
        """The page has lost a picture: the next one is a whole one."""
        if figure in self._seats:
            self._seats[figure].has_lost = True

    def begin_anew(self, figure: int) -> None:
        """Another figure has this number now."""
        self._seats.pop(figure, None)

    def forget(self, figure: int) -> None:
        """A figure was closed."""
        self._seats.pop(figure, None)
        self.seen.discard(figure)

    def has_credit(self, figure: int) -> bool:
        """Whether the page sees that figure and could get another picture of it."""
        return figure in self.seen and self._seat(figure).credit.is_left

    def is_gone(self, now: float) -> bool:
        """Whether it says that it sees pictures, and does not paint them."""
        waiting = [self._seat(figure).credit.waits_since for figure in self.seen]
        return any(since is not None and now - since > GONE for since in waiting)

    def offer(self, card: Card, now: float) -> None:
        """Send the newest picture of a figure, if the page sees the figure, has credit, and does not have that picture yet."""
        sheet, seat = card.sheet, self._seat(card.number)
        if seat.has_lost and now - seat.whole_at >= AGAIN:
            seat.has_lost, seat.base = False, 0
            seat.credit.forget()
        if not sheet.number or seat.has_lost or not self.has_credit(card.number):
            return
        inexact = bool(seat.lossy) and now - seat.lossy_at >= REST
        if seat.base == sheet.number and not inexact:
            return
        if self.whole and inexact and seat.base == sheet.number:
            self._send(card, seat, 0, card.exactly([Spot(0, 0, *sheet.size)], self._encoder), now)
            return
        base = seat.base if sheet.is_known(seat.base) and not self.whole else 0
        boxes = card.since(base, self._encoder) if base != sheet.number else []
        if not base:
            seat.lossy = []
            seat.whole, seat.whole_at = sheet.number, now
        elif inexact and not any(box.codec is Codec.JPEG for box in boxes):
            boxes = [*boxes, *card.exactly(seat.lossy, self._encoder)]
            seat.lossy = []
        self._send(card, seat, base, boxes, now)

    def wants_exact(self, card: Card) -> bool:
        """Whether the page has this figure's newest picture, but with loss."""
        seat = self._seats.get(card.number)
        return seat is not None and bool(seat.lossy) and card.number in self.seen

    def _send(self, card: Card, seat: _Seat, base: int, boxes: list[Encoded], now: float) -> None:
        sheet = card.sheet
        exact = {box.spot for box in boxes if box.codec is Codec.PNG}
        inexact = [box.spot for box in boxes if box.codec is Codec.JPEG]
        seat.lossy = merged([*(spot for spot in seat.lossy if spot not in exact), *inexact])
        if inexact:
            seat.lossy_at = now
        for box in boxes:
            box.data.add_done_callback(lambda _: self._wake())
        seat.base = sheet.number
        size = sum(box.spot.width * box.spot.height for box in boxes)  # until it is known
        seat.credit.sent(sheet.number, size, now)
        self._outgoing.append(_Outgoing(card, sheet.number, base, sheet.size, sheet.drawn_at, boxes))
        self.flush()

    def flush(self) -> None:
        """Send the pictures whose boxes are all encoded, in their order."""
        while self._outgoing and all(box.data.done() for box in self._outgoing[0].boxes):
            each = self._outgoing.popleft()
            if any(box.data.cancelled() for box in each.boxes):
                continue  # the viewer ends
            boxes = [(box.spot, box.codec, data) for box in each.boxes for data in box.data.result()]
            message = messages.picture(
                each.card.number, each.number, each.base, each.size, each.drawn_at, boxes
            )
            self._seat(each.card.number).credit.weighs(each.number, len(message))
            self._line.send(message)

    def _seat(self, figure: int) -> _Seat:
        return self._seats.setdefault(figure, _Seat())
