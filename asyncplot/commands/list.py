"""``asyncplot list``: the runs that can be joined."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..errors import RunNotFound
from ..tables import table
from .naming import add_carrier

HELP = "the runs that can be joined"
DESCRIPTION = "List your runs on this host and on hosts that share your home folder; with HOST, the runs that are known there."
EPILOG = "example: asyncplot list --json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    parser.add_argument("host", metavar="[USER@]HOST", nargs="?", default="", help="list the runs there")
    add_carrier(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON array, for machines")


def run(arguments: argparse.Namespace) -> int:
    """List the runs."""
    from .. import join
    from ..remote import reach

    if arguments.host or arguments.via:
        place = join.Place(arguments.host, arguments.via, arguments.python)
        try:
            found = json.loads(reach.output(place, "", ["list", "--json"]))
        except RunNotFound:
            found = []  # no run has been made there yet, so it is not known which Python has asyncplot
    else:
        found = [one.as_dict() for one in join.runs()]
    print(json.dumps(found) if arguments.json else told(found))
    return 0


def told(found: list[dict[str, Any]]) -> str:
    """A table of runs, which are as `Run.as_dict` gives them."""
    if not found:
        return "there are no runs; start one: asyncplot demo"
    from ..join.listing import HEADING, row

    return table([HEADING, *map(row, found)])
