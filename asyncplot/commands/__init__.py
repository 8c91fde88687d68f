"""The command line: one verb a task. Each verb is a module here with ``add_parser`` and ``run``.

What a verb needs is imported by its ``run``: ``asyncplot --help`` is there at once.

Exit codes: 0 done; 1 it ran, and what it found is not well; 2 wrong usage, or an error of asyncplot's.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import AsyncplotError
from . import clean, close, demo, doctor, relay, serve, shell, stats, view
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
    for verb in (demo, doctor, listing, view, shell, stats, serve, close, clean, relay):
        verb.add_parser(verbs).set_defaults(carry_out=verb.run)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.carry_out(chosen)
    except AsyncplotError as error:
        print(f"asyncplot: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read our output has enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    return code
