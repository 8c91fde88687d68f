"""``asyncplot clean``: remove what killed runs have left on this host."""

from __future__ import annotations

import argparse
import json

HELP = "remove what dead runs left"
DESCRIPTION = (
    "Remove the directories and records that killed runs left on this host. (Each new run does this, too.)"
)
EPILOG = "example: asyncplot clean --json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    parser.add_argument("--json", action="store_true", help="print the names as a JSON array, for machines")


def run(arguments: argparse.Namespace) -> int:
    """Clean, and list what was removed."""
    from .. import join

    removed = join.clean()
    if arguments.json:
        print(json.dumps(removed))
    else:
        print(f"removed: {', '.join(removed)}" if removed else "there is nothing to remove")
    return 0
