"""``asyncplot view RUN``: a window of your own on a run."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from .. import settings
from ..errors import ConfigurationError
from ..rundir import ViewerOptions
from .naming import add_target, place_and_run

if TYPE_CHECKING:
    from ..join import Place


HELP = "a window on a run"
DESCRIPTION = (
    "Show a run in windows of your own. The newest frame comes at once. The windows close when the run ends. If you "
    "close them, or press Ctrl-C here, the run and its other viewers go on."
)
EPILOG = "example: asyncplot view cluster:gpe --web"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    add_target(parser)
    parser.add_argument(
        "--yes",
        action="store_true",
        help="trust that host: do not ask whether its code may run here, and remember it",
    )
    parser.add_argument("--backend", choices=settings.BACKENDS, help="default: what the run asked for")
    parser.add_argument("--web", action="store_true", help="show it on a page, in your browser")
    parser.add_argument(
        "--port",
        type=_port,
        metavar="PORT",
        help="with --web: the page's port on 127.0.0.1 (default: any free one)",
    )
    parser.add_argument("--no-browser", action="store_true", help="with --web: only print the page's address")


def run(arguments: argparse.Namespace) -> int:
    """Show the run until the windows are closed, or it ends."""
    from .. import join

    place, name = place_and_run(arguments)
    if place is not None:
        return _elsewhere(place, name, arguments)
    told = _options(arguments)
    viewer = join.JoinedViewer(join.find(name), backend=told.backend, port=told.port, browser=told.browser)
    try:
        print(f"asyncplot: {viewer.watch()}")
    except KeyboardInterrupt:
        return 130
    finally:
        viewer.close()
    return 0


def _options(arguments: argparse.Namespace) -> ViewerOptions:
    """What the viewer is told."""
    web = arguments.web or arguments.backend == "web"
    if arguments.web and arguments.backend not in {None, "web"}:
        raise ConfigurationError(f"--web and --backend {arguments.backend} are two backends: leave out one")
    if not web and (arguments.port is not None or arguments.no_browser):
        raise ConfigurationError("--port and --no-browser are for a page: add --web")
    browser = web and not arguments.no_browser and settings.has_display()
    port = (arguments.port or 0) if web else settings.page_port()
    return ViewerOptions("web" if web else arguments.backend, port=port, browser=browser)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; a port is a number from 0 to 65535")
    return int(text)


def _elsewhere(place: Place, name: str, arguments: argparse.Namespace) -> int:
    """Show a run of another host in this process, which becomes the viewer."""
    from ..remote import trust
    from ..remote.link import Link
    from ..viewer.main import main as show

    trust.require(str(place), agreed=arguments.yes)
    print(f"asyncplot: connecting to {place}", file=sys.stderr)
    with Link(place, name, viewer=_options(arguments)) as mirror:
        signal.signal(signal.SIGINT, lambda *_: mirror.end("Ctrl-C"))
        assert mirror.directory is not None  # it has started
        show(mirror.directory, 1, mirror.ended, mirror.wake)
        print(f"asyncplot: {mirror.why or 'the windows were closed'}")
    return 0
