"""The figures of a viewer, the pages that look at them, and the pictures between them. GUI thread, which is the event loop's.

In: what the backend paints, and the messages of pages. Out: pictures for each page as it has credit, and events for the figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...log import logger
from ..boxes import Box
from ..drawing import privates
from . import messages
from .card import Card
from .encoder import Encoder
from .knobs import Knobs
from .page import AGAIN, REST, Line, Page
from .pages import Pages
from .status import Status

#: If no page could paint another picture, a frame is asked for when none has come for so long, s. (A computation of this host
#: gives away one a second without being asked.) Status messages go so often to pages that see a figure, and to others, s.
_UNWATCHED, _STATUS, _STATUS_HIDDEN = 1.2, 0.5, 5.0


class Site:
    """What the pages of one viewer show.

    Parameters
    ----------
    loop : AbstractEventLoop
        The viewer's.
    end : callable
        Called when a page ends the viewer.

    Attributes
    ----------
    hurried : bool
        Whether every frame counts, looked at or not, because each picture is saved.
    ends : bool
        Whether a page may end the viewer.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
        self.pages = Pages()
        self.knobs = Knobs(self.pages.tell)
        self.encoder = Encoder()
        self.hurried = self.ends = False
        self._loop = loop
        self._end = end
        self._cards: dict[int, Card] = {}
        self._status: Status | None = None
        self._foot = ""
        self._ratio = 1.0
        self._to_draw: set[Any] = set()
        self._pumping = self._refreshing = False
        self._told_at = self._asked_at = self._painted_at = 0.0

    # --- the viewer's side -------------------------------------------------------------------------

    def attend(self, run: Path, folder: Path) -> None:
        """Begin to tell pages of a run."""
        self._status = Status(run, folder)
        self._loop.call_later(_STATUS, self._look)

    def show(self, manager: Any) -> None:
        """Put a new figure on the page."""
        card = Card(manager)
        card.canvas.listener = self._heard
        self._cards[card.number] = card
        for page in self.pages:
            page.begin_anew(card.number)  # it may stand in the place of a figure that was closed
        card.set_ratio(self._ratio)
        self._tell_figures()

    def paint(self, canvas: Any, boxes: Sequence[Box] | None) -> None:
        """Send what was drawn."""
        self._to_draw.discard(canvas)
        self._painted_at = time.monotonic()
        card = self._card_of(canvas)
        if card is None:
            return
        size = card.sheet.size
        if card.draw(boxes):
            if size != card.sheet.size:
                self._tell_figures()
            self._pump_soon()

    def say(self, text: str) -> None:
        """The line at the foot of windows."""
        self._foot = text
        self.tell_status()

    def is_ready(self, now: float) -> bool:
        """Whether the viewer is to ask for another frame."""
        if self.hurried or any(page.has_credit(figure) for page in self.pages for figure in page.seen):
            return True
        if now - max(self._asked_at, self._painted_at) < _UNWATCHED:
            return False
        self._asked_at = now
        return True

    def close(self) -> None:
        """Tell the pages that the viewer ends. The status says it if the run has ended."""
        self.tell_status()
        self.pages.tell(messages.text("bye", why=""))
        self.encoder.close()
        if self._status is not None:
            self._status.close()
            self._status = None

    # --- pictures ----------------------------------------------------------------------------------

    def _pump_soon(self) -> None:
        """Offer new pictures when the present callback has ended, once for all figures."""
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pumping = False
        self._drop_closed()
        now = time.monotonic()
        for page in self.pages:
            for card in self._cards.values():
                page.offer(card, now)
        inexact = any(page.wants_exact(card) for page in self.pages for card in self._cards.values())
        if inexact and not self._refreshing:
            self._refreshing = True
            self._loop.call_later(REST / 2, self._refresh)

    def _refresh(self) -> None:
        self._refreshing = False
        self._pump()

    def _encoded(self) -> None:
        """A box is encoded. On any thread."""
        try:
            self._loop.call_soon_threadsafe(self._flush)
        except RuntimeError:
            pass  # the loop has ended meanwhile

    def _flush(self) -> None:
        for page in self.pages:
            page.flush()

    def _drop_closed(self) -> None:
        """Take figures off the page that the plotter has closed."""
        there = {int(manager.num): manager.canvas for manager in privates.managers()}
        closed = [card for card in self._cards.values() if there.get(card.number) is not card.canvas]
        for card in closed:
            del self._cards[card.number]
            for page in self.pages:
                page.forget(card.number)
        if closed:
            self._tell_figures()

    def _card_of(self, canvas: Any) -> Card | None:
        return next((card for card in self._cards.values() if card.canvas is canvas), None)

    # --- events of the figures ---------------------------------------------------------------------

    def _heard(self, canvas: Any, event: str, entries: dict[str, Any]) -> None:
        """A canvas has an event."""
        if event == "draw":
            self._to_draw.add(canvas)
            self._loop.call_soon(self._draw_idle)
        elif event == "blit":
            self.paint(canvas, None)
        elif event in {"figure_label", "resize"}:
            self._loop.call_soon(self._tell_figures)
        elif (card := self._card_of(canvas)) and (message := card.heard(event, entries)):
            self.pages.tell(message)

    def _draw_idle(self) -> None:
        """Draw the figures whose `draw_idle` was called: at most once for each picture that the driver paints."""
        driver = self.pages.driver
        for canvas in list(self._to_draw):
            card = self._card_of(canvas)
            if card and driver and card.number in driver.seen and not driver.has_credit(card.number):
                continue  # `painted` comes back here
            self._to_draw.discard(canvas)
            try:
                canvas.draw()
            except Exception:  # noqa: BLE001 (the user's artists raise what they like)
                logger.exception("a figure cannot be drawn")
            self.paint(canvas, None)

    # --- the pages' side ---------------------------------------------------------------------------

    def page(self, line: Line) -> Page:
        """A new page."""
        return Page(line, self.encoder, self._encoded)

    def enter(self, page: Page) -> None:
        """A page has come, and knows the token."""
        self.pages.enter(page)
        self._follow_driver()
        described = self._status.described if self._status is not None else {}
        mine = self.pages.drives(page)
        said = {"run": described, "mine": mine, "ends": self.ends}
        page.tell(messages.text("welcome", **said, now=time.time(), version=messages.VERSION))
        page.tell(messages.text("figures", figures=self._described()))
        for card in self._cards.values():
            for message in card.all_around():
                page.tell(message)
        page.tell(self.knobs.described())
        self.pages.tell_who_drives()
        self.tell_status()

    def leave(self, page: Page) -> None:
        """A page has gone."""
        self.pages.leave(page)
        self._follow_driver()
        self._loop.call_soon(self._draw_idle)

    def give_control(self, page: Page) -> None:
        """A page takes the control."""
        self.pages.give_control(page)
        self._follow_driver()

    def seen(self, page: Page, figures: Sequence[int]) -> None:
        """A page says which figures are in sight."""
        page.sees(self._cards.keys() & set(figures))
        self._pump_soon()

    def needs_whole(self, page: Page, figure: int) -> None:
        """A page has lost a picture."""
        page.needs_whole(figure)
        self._pump_soon()
        self._loop.call_later(AGAIN, self._pump_soon)

    def painted(self, page: Page, figure: int, number: int) -> None:
        """A page has painted a picture."""
        page.painted(figure, number, time.monotonic())
        if self._to_draw:
            self._draw_idle()
        self._pump_soon()

    def act(self, what: Callable[[], None]) -> None:
        """Hand on what the user did. The plotter's handlers may raise what they like."""
        try:
            what()
        except Exception:  # noqa: BLE001 (as in `_draw_idle`)
            logger.exception("a handler of the plotter has raised")

    def canvas(self, figure: int) -> Any:
        """The canvas of a figure; None if there is none of that number (any more)."""
        card = self._cards.get(figure)
        return None if card is None else card.canvas

    def resize(self, figure: int, width: float, height: float) -> None:
        """Give a figure another size, pixels of the page."""
        self._follow_driver()
        if (card := self._cards.get(figure)) is not None:
            card.resize(width, height)
            card.set_ratio(self._ratio)  # a large one is drawn with fewer pixels

    def _follow_driver(self) -> None:
        """Draw all figures for the screen of the page that drives."""
        driver = self.pages.driver
        if driver is not None and driver.ratio != self._ratio:
            self._ratio = driver.ratio
            for card in self._cards.values():
                card.set_ratio(self._ratio)

    def end(self) -> None:
        """A page ends the viewer, if it may."""
        if self.ends:
            self._end()

    # --- what pages are told -----------------------------------------------------------------------

    def _described(self) -> list[dict[str, Any]]:
        return [self._cards[number].described() for number in sorted(self._cards)]

    def _tell_figures(self) -> None:
        self.pages.tell(messages.text("figures", figures=self._described()))

    def tell_status(self) -> None:
        """Tell all pages how the run is."""
        if self._status is not None and self.pages:
            self.pages.tell(messages.text("status", **self._status.now(self._foot, len(self.pages.browsers))))

    def _look(self) -> None:
        """Now and then: tell how the run is, and drop pages that paint nothing."""
        if self._status is None:
            return
        now = time.monotonic()
        for page in self.pages:
            if page.is_gone(now):
                page.drop()
        if now - self._told_at >= (_STATUS if self.pages.watch else _STATUS_HIDDEN) - 0.01:
            self._told_at = now
            self.tell_status()
        self._loop.call_later(_STATUS, self._look)
