"""A page in any browser, where there is no screen. GUI thread.

asyncio's loop is the GUI's loop, and tornado's server runs in it; see `asyncplot.viewer.web`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import AsyncplotError
from ...log import logger
from ...rundir import ViewerOptions, write_json
from ...rundir.format import WEB_FILE
from ...sending import Panel
from ..boxes import Box
from .offscreen import OffscreenBackend

#: Pages get so long to hear that the viewer ends, s.
_FAREWELL = 0.05


class WebBackend(OffscreenBackend):
    """Shows figures on a page."""

    name = "web"
    matplotlib_backend = "module://asyncplot.viewer.web.canvas"

    def start(self) -> None:
        super().start()
        asyncio.set_event_loop(self._loop)
        from ..web.canvas import FigureCanvas
        from ..web.site import Site

        self._fire_timers_of(FigureCanvas)
        self._closed_by_page = False
        self._site = Site(self._loop, self._end)

    def attend(self, run: Path, folder: Path, options: ViewerOptions) -> str:
        from ...web import listening
        from ...web.guard import Guard, new_token
        from ..web.routes import routes

        self._site.attend(run, folder)
        self._site.hurried = "{frame" in (options.save or "")
        token = new_token()
        try:
            routes(self._site, Guard(None, token)).add_sockets([listening.on_socket(folder)])
            write_json(folder / WEB_FILE, {"token": token})  # for the hub, which runs as the same user
        except OSError as error:
            logger.debug("no Unix socket for the page: %s", error)
        if options.port is None:
            return ""
        try:
            listener = listening.on_loopback(options.port)
        except AsyncplotError as error:
            logger.warning("%s", error)
            return ""
        port = int(listener.getsockname()[1])
        routes(self._site, Guard(port, token)).add_sockets([listener])
        self._site.ends = True
        return listening.url(port, token)

    @property
    def pages(self) -> int:
        return len(self._site.pages.browsers)

    @property
    def panel(self) -> Panel | None:
        return self._site.knobs

    def show(self, manager: Any) -> None:
        self._site.show(manager)

    def paint(self, canvas: Any, boxes: Sequence[Box] | None = None) -> None:
        self._site.paint(canvas, boxes)

    def ready_for_picture(self) -> bool:
        return self._site.is_ready(time.monotonic())

    def say(self, managers: Sequence[Any], text: str) -> None:
        self._site.say(text)

    def windows(self, managers: Sequence[Any]) -> int:
        """1 as long as a page can be opened at a port: its End button is what closing the last window is elsewhere."""
        return int(self._site.ends and not self._closed_by_page)

    def quit(self) -> None:
        self._site.close()
        self._quit = True
        self._loop.call_later(_FAREWELL, self._loop.stop)

    def versions(self) -> dict[str, str]:
        import tornado

        return {**super().versions(), "tornado": tornado.version}

    def _end(self) -> None:
        """A page ends this viewer: the loop finds that its last window is closed."""
        self._closed_by_page = True


BACKEND = WebBackend
