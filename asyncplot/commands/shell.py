"""``asyncplot shell RUN``: IPython with the live plotter of a run."""

from __future__ import annotations

import argparse

from ..errors import MissingDependency
from .naming import add_target

HELP = "IPython with a run's live plotter"
DESCRIPTION = (
    "Start IPython with `plotter`, `figures`, `stats()` and `run` of a run. What you change is redrawn. When you leave "
    "the shell, the run goes on."
)
EPILOG = "example: asyncplot shell gpe"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    add_target(parser)


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
    # Jedi completes by types, and the type of a proxy does not have the attributes: so the object itself is asked.
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
