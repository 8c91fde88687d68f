"""``asyncplot relay RUN``: a run's frames on stdin and stdout, for a mirror at the other end.

What ``asyncplot view HOST:RUN`` starts over there, by hand: for carriers of one's own.
"""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "relay",
        help="a run's frames on stdin and stdout, for a viewer elsewhere",
        description="Hand a run's frames to a viewer at the other end of stdin and stdout. `asyncplot view "
        "HOST:RUN` starts this over there; a person sees nothing readable.",
        epilog="example: asyncplot relay gpe",
    )
    parser.add_argument("run", metavar="RUN", help="see asyncplot list")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Relay until the run ends, or the viewer."""
    from .. import join
    from ..remote import source

    source.main(str(join.find(arguments.run).directory))
    return 0
