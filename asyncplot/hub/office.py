"""The hub itself: it joins the survey, the pages and the viewers, and serves. Event loop, which is the main thread's.

In: a port, and other hosts. Out: one page at a loopback address, with a token. It runs until SIGINT or SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence

from tornado.httpserver import HTTPServer

from ..errors import ViewerGone
from ..join import Place
from ..web import listening
from ..web.guard import Guard, new_token
from ..web.handlers import PAGE, PageFile, server
from .desk import Desk, in_sight
from .openings import Opening, Openings
from .passage import PassedFile, PassedSocket
from .roster import Roster
from .survey import Survey
from .thumbnails import Thumbnails

#: The pages get so long to hear that the hub ends, s.
_FAREWELL = 0.05

#: Between two looks for new pictures, s.
_PICTURES = 1.0

_RUN = r"/run/([0-9a-f]{16})/viewer/([1-9]\d{0,3})/"


class HubFile(PageFile):
    """A file of the hub's page. It may have frames, for the pages of viewers."""

    def set_default_headers(self) -> None:
        super().set_default_headers()
        policy = self._headers["Content-Security-Policy"]
        self.set_header("Content-Security-Policy", f"{policy}; frame-src 'self'")


class Office:
    """The hub.

    Parameters
    ----------
    places : sequence of Place
        The other hosts.

    Attributes
    ----------
    name : str
        Of this very hub: another one counts its changes anew.
    desks : set of Desk
        The pages.
    """

    def __init__(self, places: Sequence[Place] = ()) -> None:
        self.name = new_token()
        self.desks: set[Desk] = set()
        self._roster = Roster()
        self._openings = Openings({str(place): place for place in places}, self._opening_changed)
        self._survey = Survey(self._roster, places, self._changed)
        self._survey.mirrors = self._openings.mirrors
        self._thumbnails = Thumbnails(self._openings, self._show)
        self._pictures: asyncio.TimerHandle | None = None

    def server(self, guard: Guard) -> HTTPServer:
        """The server of the hub. It does not listen yet."""
        folders = {"folders": (PAGE / "hub", PAGE)}
        passed = {"openings": self._openings}
        return server(
            [
                (r"/socket", Desk, {"hub": self}),
                (_RUN + r"socket", PassedSocket, passed),
                (_RUN + r"(figure/\d{1,6}\.(?:png|svg|pdf)|[a-z-]*(?:\.[a-z]+)?)", PassedFile, passed),
                (r"/([a-z-]*(?:\.[a-z]+)?)", HubFile, folders),
            ],
            guard,
        )

    async def read_all(self) -> None:
        """Read all about all runs: the first page gets them at once."""
        await self._survey.read_all()

    async def close(self) -> None:
        """Tell the pages, and end the viewers."""
        for desk in list(self.desks):
            desk.tell("bye", why="the hub has ended")
        self._rest()
        await self._openings.close()
        await asyncio.sleep(_FAREWELL)

    # --- pages -------------------------------------------------------------------------------------

    def enter(self, desk: Desk) -> None:
        """A page has come. The first one begins the work."""
        self.desks.add(desk)
        if len(self.desks) == 1:
            self._survey.start()
            self._pictures = asyncio.get_running_loop().call_later(_PICTURES, self._refresh)

    def leave(self, desk: Desk) -> None:
        """A page has gone. With the last one the work ends."""
        self.desks.discard(desk)
        self.sight_changed()
        if not self.desks:
            self._rest()

    def tell(self, desk: Desk, cursor: int) -> None:
        """Tell a page all that has changed since then, and which runs there are."""
        desk.cursor = self._roster.cursor
        changed = self._roster.since(cursor)
        desk.tell("runs", changed=changed, cursor=desk.cursor, there=self._roster.keys)

    def sight_changed(self) -> None:
        """A page shows other runs."""
        before, now = self._survey.seen, in_sight(self.desks)
        self._survey.seen = now
        self._thumbnails.forget(before - now)
        for desk in self.desks:
            for key in desk.seen & (now - before):
                if (picture := self._thumbnails.newest(key)) is not None:
                    desk.show(key, picture)

    async def open(self, key: str) -> str:
        """Open a viewer of a run; returns its address."""
        known = self._roster.get(key)
        if known is None:
            raise ViewerGone("the run has ended")
        if known.row["state"] == "elsewhere":
            host = known.row["host"]
            raise ViewerGone(f"the run is on {host}; start the hub with: asyncplot hub --host {host}")
        opening = await self._openings.open(known)
        return f"run/{key}/{opening.path}"

    # --- changes -----------------------------------------------------------------------------------

    def _changed(self, gone: list[str]) -> None:
        """The survey has looked."""
        self._thumbnails.forget(gone)
        for desk in self.desks:
            if gone:
                desk.tell("gone", runs=gone)
            if desk.cursor != self._roster.cursor and not desk.is_slow:
                rows = self._roster.since(desk.cursor)
                desk.cursor = self._roster.cursor
                desk.tell("runs", changed=rows, cursor=desk.cursor)

    def _opening_changed(self, key: str, opening: Opening | None) -> None:
        self._roster.mark(key, open=opening is not None)
        self._changed([])

    def _refresh(self) -> None:
        self._pictures = asyncio.get_running_loop().call_later(_PICTURES, self._refresh)
        known = (self._roster.get(key) for key in self._survey.seen)
        self._thumbnails.refresh([each for each in known if each is not None])

    def _show(self, key: str, picture: bytes) -> None:
        for desk in self.desks:
            desk.show(key, picture)

    def _rest(self) -> None:
        """Nobody looks: do nothing from now on."""
        self._survey.stop()
        self._thumbnails.close()
        if self._pictures is not None:
            self._pictures.cancel()
            self._pictures = None


def serve(port: int, places: Sequence[Place], ready: Callable[[str], None]) -> None:
    """Run the hub until SIGINT or SIGTERM.

    Parameters
    ----------
    port : int
        Of the loopback interface; 0: any free one.
    places : sequence of Place
        The other hosts.
    ready : callable
        Called with the URL of the page.

    Raises
    ------
    ConfigurationError
        If the port cannot be used.
    """
    asyncio.run(_serve(port, places, ready))


async def _serve(port: int, places: Sequence[Place], ready: Callable[[str], None]) -> None:
    listener = listening.on_loopback(port)
    token = new_token()
    port = int(listener.getsockname()[1])
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    office = Office(places)
    serving = office.server(Guard(port, token))
    serving.add_sockets([listener])
    try:
        await office.read_all()
        ready(listening.url(port, token))
        await ended.wait()
    finally:
        serving.stop()
        await office.close()
        await serving.close_all_connections()
