"""The command line. Each verb is a module here, of the same name.

Such a module has the texts ``HELP``, ``DESCRIPTION`` and ``EPILOG``, and the functions ``add_options`` and ``run``.
``run`` imports what the verb needs, so that ``asyncplot --help`` takes no time; it returns the exit code.

Exit codes: 0 the verb has done its work; 1 it has, and what it found is not good (``doctor``: no window can be
shown); 2 the command line is wrong, or asyncplot has raised an error; 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import AsyncplotError
from . import clean, close, demo, doctor, hub, relay, serve, shell, stats, view
from . import list as listing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="asyncplot",
        description="See a running computation live, with your own plotting code.",
        epilog="example: asyncplot demo vortices",
    )
    parser.add_argument("--version", action="version", version=f"asyncplot {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in (demo, doctor, listing, view, hub, shell, stats, serve, close, clean, relay):
        name = verb.__name__.rpartition(".")[2]
        one = verbs.add_parser(name, help=verb.HELP, description=verb.DESCRIPTION, epilog=verb.EPILOG)
        verb.add_options(one)
        one.set_defaults(carry_out=verb.run)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.carry_out(chosen)
    except AsyncplotError as error:
        print(f"asyncplot: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # nobody reads our output any more: `asyncplot list | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    return code
