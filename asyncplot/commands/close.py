"""``asyncplot close RUN``: close a run's windows, wherever they were opened from. The computation goes on."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "close",
        help="close the windows of a run",
        description="Close all windows of a run; the computation goes on, and can be joined again.",
        epilog="example: asyncplot close gpe",
    )
    parser.add_argument("run", metavar="RUN", help="see asyncplot list")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Close the windows, and say how many viewers that ended."""
    from .. import join

    ended = join.close_viewers(join.find(arguments.run))
    print(f"asyncplot: closed {ended} viewer{'' if ended == 1 else 's'} of {arguments.run}")
    return 0
