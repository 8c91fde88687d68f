"""``asyncplot relay RUN``: the frames of a run on stdin and stdout, for a mirror at the other end.

``asyncplot view HOST:RUN`` starts the same on HOST. This verb is for those who bring the two together by a way of
their own.
"""

from __future__ import annotations

import argparse

HELP = "send a run to another host over stdin and stdout"
DESCRIPTION = (
    "Send the frames of a run to a viewer at the other end of stdin and stdout. `asyncplot view HOST:RUN` starts this "
    "on HOST. What it prints is not for people."
)
EPILOG = "example: asyncplot relay gpe"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    parser.add_argument("run", metavar="RUN", help="see asyncplot list")


def run(arguments: argparse.Namespace) -> int:
    """Relay until the run ends, or the viewer."""
    from .. import join
    from ..remote import source

    source.main(str(join.find(arguments.run).directory))
    return 0
