"""The arguments that name a run: on this host, on another host, or behind a command such as ``docker exec``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..join import Place


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a run, and the options that say how to get there."""
    parser.add_argument("run", metavar="[[USER@]HOST:]RUN", help="see asyncplot list")
    add_carrier(parser)


def add_carrier(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how to get to another place."""
    parser.add_argument(
        "--via",
        metavar="CARRIER",
        default="",
        help="use this in place of ssh: a command to which words can be appended, such as 'docker exec -i box', "
        "'kubectl exec -i pod --' or 'srun --jobid=7 --overlap'",
    )
    parser.add_argument(
        "--python", metavar="PYTHON", default="python3", help="any Python of that place (default: python3)"
    )


def place_and_run(arguments: argparse.Namespace) -> tuple[Place | None, str]:
    """Where the run is (None: here), and its name. Raises ConfigurationError."""
    from ..join import Place
    from ..launch.target import target

    login, run = target(arguments.run)
    if not login and not arguments.via:
        return None, run
    return Place(login, arguments.via, arguments.python), run
