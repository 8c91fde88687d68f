"""All pages that look at one viewer, and which of them drives. GUI thread.

In: pages that come and go. Out: one of them that may use the mouse and the keys; the others look on. The first page that comes drives,
until another one takes the control or it goes. A page that is loaded again comes back soon, and drives again. A notebook shows whole
pictures only; it has no mouse and no keys, so it never drives.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from . import messages
from .page import Page

#: So many pages at most.
MOST = 64

#: How long the control is kept for a page that has gone, s.
_KEPT = 30.0


class Pages:
    """The pages of one viewer."""

    def __init__(self) -> None:
        self._all: list[Page] = []
        self._driver: Page | None = None
        self._gone = ""  # the session of the driver that has gone,
        self._gone_at = 0.0  # and when, s

    def __iter__(self) -> Iterator[Page]:
        return iter(list(self._all))

    def __len__(self) -> int:
        return len(self._all)

    @property
    def browsers(self) -> list[Page]:
        """Those that a browser shows, in the order in which they came."""
        return [page for page in self._all if not page.whole]

    @property
    def watch(self) -> bool:
        """Whether any page has a figure in sight."""
        return any(page.seen for page in self._all)

    def drives(self, page: Page) -> bool:
        """Whether this page drives."""
        return page is self._driver

    @property
    def driver(self) -> Page | None:
        """The page that drives; None if there is no page."""
        return self._driver

    def enter(self, page: Page) -> None:
        """A page has come."""
        self._all.append(page)
        is_back = (
            bool(page.session) and page.session == self._gone and time.monotonic() - self._gone_at < _KEPT
        )
        if not page.whole and (self._driver is None or is_back):
            self._driver = page
            self._gone = ""

    def leave(self, page: Page) -> None:
        """A page has gone. The one that came first of the others drives then."""
        if page in self._all:
            self._all.remove(page)
            if self._driver is page:
                self._gone, self._gone_at = page.session, time.monotonic()
                self._driver = next(iter(self.browsers), None)
            self.tell_who_drives()

    def give_control(self, page: Page) -> None:
        """Have this page drive."""
        if page in self.browsers:
            self._driver = page
            self._gone = ""
            self.tell_who_drives()

    def tell(self, message: str) -> None:
        """Send all pages a text message."""
        for page in self:
            page.tell(message)

    def tell_who_drives(self) -> None:
        """Tell each page whether it drives."""
        for page in self:
            page.tell(messages.text("control", mine=page is self._driver, clients=len(self.browsers)))
