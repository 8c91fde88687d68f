"""All pages that look at one viewer, and which of them drives. GUI thread.

In: pages that come and go. Out: one of them that may use the mouse and the keys; the others look on. The first page that comes drives,
until another one takes the control or it goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import messages
from .page import Page

#: So many pages at most.
MOST = 64


class Pages:
    """The pages of one viewer."""

    def __init__(self) -> None:
        self._all: list[Page] = []
        self._driver: Page | None = None

    def __iter__(self) -> Iterator[Page]:
        return iter(list(self._all))

    def __len__(self) -> int:
        return len(self._all)

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
        if self._driver is None:
            self._driver = page

    def leave(self, page: Page) -> None:
        """A page has gone. The one that came first of the others drives then."""
        if page in self._all:
            self._all.remove(page)
            if self._driver is page:
                self._driver = self._all[0] if self._all else None
            self.tell_who_drives()

    def give_control(self, page: Page) -> None:
        """Have this page drive."""
        if page in self._all:
            self._driver = page
            self.tell_who_drives()

    def tell(self, message: str) -> None:
        """Send all pages a text message."""
        for page in self:
            page.tell(message)

    def tell_who_drives(self) -> None:
        """Tell each page whether it drives."""
        for page in self:
            page.tell(messages.text("control", mine=page is self._driver, clients=len(self._all)))
