"""``asyncplot stats RUN``: counts and costs of a run, once or each second."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING

from ..tables import duration, rate, table
from .naming import add_target, place_and_run

if TYPE_CHECKING:
    from ..join import Run

_INTERVAL = 1.0


HELP = "counts and costs of a run"
DESCRIPTION = "Show what the plots of a run have cost so far, and how many frames they have shown."
EPILOG = "example: asyncplot stats gpe --watch"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    add_target(parser)
    parser.add_argument("--watch", action="store_true", help="again each second, until the run ends")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print the statistics."""
    from .. import join
    from ..remote import reach

    place, name = place_and_run(arguments)
    if place is not None:
        flags = [f"--{flag}" for flag in ("watch", "json") if getattr(arguments, flag)]
        return reach.command(place, name, ["stats", name, *flags])
    found: Run | None = join.find(name)
    try:
        while found is not None and found.state != "dead":
            said = json.dumps(found.as_dict()) if arguments.json else told(found)
            if arguments.watch and not arguments.json and sys.stdout.isatty():
                said = f"\x1b[2J\x1b[H{said}"  # clear the screen, from its top
            print(said, flush=True)
            if not arguments.watch:
                break
            time.sleep(_INTERVAL)
            found = join.described(found.directory)
    except KeyboardInterrupt:
        return 130
    return 0


def told(found: Run) -> str:
    """The statistics of a run as a table."""
    return table(
        [
            (found.name, f"{found.state} on {found.host} for {duration(time.time() - found.since)}"),
            ("iterations", rate(found.rate)),
            ("viewers", str(found.viewers)),
            *found.stats.rows(),
        ]
    )
