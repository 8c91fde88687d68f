"""``asyncplot view RUN``: a window of your own on a run."""

from __future__ import annotations

import argparse
from typing import Any

from .. import settings


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "view",
        help="a window on a run",
        description="Show a run in windows of your own, with the newest frame at once. They close with the run; "
        "closing them, or Ctrl-C here, leaves the run and its other viewers alone.",
        epilog="example: asyncplot view gpe",
    )
    parser.add_argument("run", metavar="RUN", help="see asyncplot list")
    parser.add_argument("--backend", choices=settings.BACKENDS, help="default: what the run asked for")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Show the run until the windows are closed, or it ends."""
    from .. import join

    viewer = join.JoinedViewer(join.find(arguments.run), backend=arguments.backend)
    try:
        print(f"asyncplot: {viewer.watch()}")
    except KeyboardInterrupt:
        return 130
    finally:
        viewer.close()
    return 0
