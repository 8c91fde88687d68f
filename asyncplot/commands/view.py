"""``asyncplot view RUN``: a window of your own on a run."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from .. import settings
from .naming import add_target, place_and_run

if TYPE_CHECKING:
    from ..join import Place


HELP = "a window on a run"
DESCRIPTION = (
    "Show a run in windows of your own. The newest frame comes at once. The windows close when the run ends. If you "
    "close them, or press Ctrl-C here, the run and its other viewers go on."
)
EPILOG = "example: asyncplot view cluster:gpe"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    add_target(parser)
    parser.add_argument(
        "--yes",
        action="store_true",
        help="trust that host: do not ask whether its code may run here, and remember it",
    )
    parser.add_argument("--backend", choices=settings.BACKENDS, help="default: what the run asked for")


def run(arguments: argparse.Namespace) -> int:
    """Show the run until the windows are closed, or it ends."""
    from .. import join

    place, name = place_and_run(arguments)
    if place is not None:
        return _elsewhere(place, name, arguments)
    viewer = join.JoinedViewer(join.find(name), backend=arguments.backend)
    try:
        print(f"asyncplot: {viewer.watch()}")
    except KeyboardInterrupt:
        return 130
    finally:
        viewer.close()
    return 0


def _elsewhere(place: Place, name: str, arguments: argparse.Namespace) -> int:
    """Show a run of another host in this process, which becomes the viewer."""
    from ..remote import trust
    from ..remote.link import Link
    from ..viewer.main import main as show

    trust.require(str(place), agreed=arguments.yes)
    print(f"asyncplot: connecting to {place}", file=sys.stderr)
    with Link(place, name, backend=arguments.backend) as mirror:
        signal.signal(signal.SIGINT, lambda *_: mirror.end("Ctrl-C"))
        assert mirror.directory is not None  # it has started
        show(mirror.directory, 1, mirror.ended, mirror.wake)
        print(f"asyncplot: {mirror.why or 'the windows were closed'}")
    return 0
