"""``asyncplot close RUN``: close a run's windows, wherever they were opened from. The computation goes on."""

from __future__ import annotations

import argparse
from typing import Any

from .naming import add_target, place_and_run


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "close",
        help="close the windows of a run",
        description="Close all windows of a run; the computation goes on, and can be joined again.",
        epilog="example: asyncplot close gpe",
    )
    add_target(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Close the windows, and say how many viewers that ended."""
    from .. import join
    from ..remote import reach

    place, name = place_and_run(arguments)
    if place is not None:
        return reach.command(place, name, ["close", name])
    ended = join.close_viewers(join.find(name))
    print(f"asyncplot: closed {ended} viewer{'' if ended == 1 else 's'} of {name}")
    return 0
