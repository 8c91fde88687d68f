"""``asyncplot shell RUN``: IPython with the live plotter of a run."""

from __future__ import annotations

import argparse
from typing import Any

from ..errors import MissingDependency
from .naming import add_target


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "shell",
        help="IPython with a run's live plotter",
        description="IPython with `plotter`, `figures`, `stats()` and `run` of a run. What you change is redrawn; "
        "leaving the shell leaves the run alone.",
        epilog="example: asyncplot shell gpe",
    )
    add_target(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Run the shell."""
    from .. import join

    try:
        from IPython import start_ipython
        from traitlets.config import Config
    except ImportError as error:
        raise MissingDependency(
            f"the shell needs IPython ({error}): python -m pip install ipython"
        ) from error
    config = Config()
    # Jedi looks at types, and a remote object has its attributes elsewhere: ask the object itself.
    config.Completer.use_jedi = False
    config.Completer.evaluation = "unsafe"
    config.TerminalInteractiveShell.banner1 = f"{arguments.run}: plotter, figures, stats(), run\n"
    with join.attach(arguments.run, via=arguments.via) as attached:
        names = {
            "plotter": attached.plotter,
            "figures": attached.figures,
            "stats": lambda: attached.stats,
            "run": attached,
        }
        start_ipython(argv=[], user_ns=names, config=config)
    return 0
