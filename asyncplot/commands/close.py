"""``asyncplot close RUN``: close the windows of a run, whoever has opened them. The computation goes on."""

from __future__ import annotations

import argparse

from .naming import add_target, place_and_run

HELP = "close the windows of a run"
DESCRIPTION = "Close all windows of a run. The computation goes on, and new windows can be opened."
EPILOG = "example: asyncplot close gpe"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    add_target(parser)


def run(arguments: argparse.Namespace) -> int:
    """Close the windows, and say how many viewers have ended."""
    from .. import join
    from ..remote import reach

    place, name = place_and_run(arguments)
    if place is not None:
        return reach.command(place, name, ["close", name])
    ended = join.close_viewers(join.find(name))
    print(f"asyncplot: closed {ended} viewer{'' if ended == 1 else 's'} of {name}")
    return 0
