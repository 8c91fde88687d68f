"""``asyncplot clean``: remove what dead runs left behind."""

from __future__ import annotations

import argparse
import json
from typing import Any


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "clean",
        help="remove what dead runs left",
        description="Remove the directories and records that killed runs left on this host. (Each new run does so, too.)",
        epilog="example: asyncplot clean --json",
    )
    parser.add_argument("--json", action="store_true", help="print the names as a JSON array, for machines")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Clean, and list what was removed."""
    from .. import join

    removed = join.clean()
    if arguments.json:
        print(json.dumps(removed))
    else:
        print(f"removed: {', '.join(removed)}" if removed else "there is nothing to remove")
    return 0
