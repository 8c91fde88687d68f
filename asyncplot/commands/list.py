"""``asyncplot list``: the runs that can be joined."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from ..errors import RunNotFound
from .naming import add_carrier
from .tables import duration, rate, table


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "list",
        help="the runs that can be joined",
        description="List your runs on this host, and those on others that share its home; or those of HOST.",
        epilog="example: asyncplot list --json",
    )
    parser.add_argument("host", metavar="[USER@]HOST", nargs="?", default="", help="list over there")
    add_carrier(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON array, for machines")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """List the runs."""
    from .. import join
    from ..remote import reach

    if arguments.host or arguments.via:
        place = join.Place(arguments.host, arguments.via, arguments.python)
        try:
            found = json.loads(reach.output(place, "", ["list", "--json"]))
        except RunNotFound:
            found = []  # no run has ever been known there, so nobody can be asked
    else:
        found = [one.as_dict() for one in join.runs()]
    print(json.dumps(found) if arguments.json else told(found))
    return 0


def told(found: list[dict[str, Any]]) -> str:
    """Runs, as `Run.as_dict` gives them, for people."""
    if not found:
        return "there are no runs; start one: asyncplot demo"
    heading = ("name", "host", "since", "iterations", "frames", "overhead", "viewers", "state")
    return table([heading, *map(_row, found)])


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    known, stats = one["state"] != "elsewhere", one["stats"]
    return (
        one["name"],
        one["host"],
        duration(time.time() - one["since"]),
        rate(one["rate"]),
        f"{stats['drawn']:,}" if known else "",
        f"{100.0 * stats['overhead']:.2f} %" if known else "",
        str(one["viewers"]) if known else "",
        one["state"],
    )
