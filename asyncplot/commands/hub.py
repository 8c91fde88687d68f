"""``asyncplot hub``: one page with all runs."""

from __future__ import annotations

import argparse
import socket
import tempfile
from pathlib import Path

from .. import settings

HELP = "a page with all your runs"
DESCRIPTION = "Show a page that lists all your runs, and opens them. It listens on 127.0.0.1 only. If you end it (Ctrl-C), the runs go on."
EPILOG = "example: asyncplot hub --host cluster"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    parser.add_argument("--port", type=int, default=0, help="of 127.0.0.1 (default: any free one)")
    parser.add_argument(
        "--host",
        metavar="[USER@]HOST",
        action="append",
        default=[],
        help="list the runs of that host, too, by ssh; can be given more than once",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    parser.add_argument(
        "--yes",
        action="store_true",
        help="trust these hosts: do not ask whether their code may run here, and remember them",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    from .. import join
    from ..errors import ConfigurationError
    from ..hub.office import serve
    from ..launch.target import login
    from ..remote import trust
    from ..web.opening import open_in_browser

    if not 0 <= arguments.port < 1 << 16:
        raise ConfigurationError(f"--port {arguments.port}: use a number from 0 to 65535")
    places = [join.Place(login(host)) for host in dict.fromkeys(arguments.host)]
    for place in places:
        trust.require(str(place), agreed=arguments.yes)

    def ready(url: str) -> None:
        print(_reached_by(url), flush=True)
        if not arguments.no_browser and settings.has_display():
            open_in_browser(url, Path(private))

    with tempfile.TemporaryDirectory(prefix="asyncplot-hub-") as private:  # mode 0700
        serve(arguments.port, places, ready)
    return 0


def _reached_by(url: str) -> str:
    port = url.rpartition("/")[0].rpartition(":")[2]
    host = socket.gethostname()
    return f"asyncplot: your runs are at {url} (from another machine, first: ssh -L {port}:127.0.0.1:{port} {host})"
