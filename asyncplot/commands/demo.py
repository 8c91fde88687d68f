"""``asyncplot demo [NAME]``: a real computation with its live plot, and a table of what the plot has cost."""

from __future__ import annotations

import argparse
import json
import math
import sys

from .. import settings
from ..demos import DEMOS, load

HELP = "a real computation with its live plot"
DESCRIPTION = (
    "Run a computation, show it live, and print a table of what that cost at the end. To end it, close the window or "
    "press Ctrl-C."
)
EPILOG = (
    "demos: " + "; ".join(f"{name}: {text}" for name, text in DEMOS.items()) + ". "
    "example: asyncplot demo training --seconds 10"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    parser.add_argument("name", nargs="?", choices=DEMOS, default="vortices", help="default: vortices")
    parser.add_argument("--seconds", type=_seconds, default=30.0, help="how long (default: 30)")
    parser.add_argument("--backend", choices=settings.BACKENDS, help="default: the first that can be used")
    parser.add_argument("--save", metavar="FILE", help="write the last picture there, or each: {frame}.png")
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object")
    parser.add_argument("--list", action="store_true", help="list the demos, and end")


def run(arguments: argparse.Namespace) -> int:
    """Run the demo, and print the table."""
    if arguments.list:
        print(
            json.dumps(DEMOS) if arguments.json else "\n".join(f"{name:10} {DEMOS[name]}" for name in DEMOS)
        )
        return 0
    from ..demos.runner import run as run_demo

    save = arguments.save or _picture(arguments)
    try:
        report = run_demo(
            load(arguments.name).Demo(),
            arguments.seconds,
            _progress,
            name=arguments.name,
            for_somebody=sys.stderr.isatty(),
            backend=arguments.backend,
            save=save,
        )
    except KeyboardInterrupt:  # it came before the demo has begun
        return 130
    print(json.dumps({"demo": arguments.name, **report.as_dict()}) if arguments.json else report)
    if save and not arguments.json:
        print(f"the last picture is in {save}")
    return 0


def _picture(arguments: argparse.Namespace) -> str | None:
    """The file for the last picture, where nobody can see the demo: no display, and no terminal for a page's address."""
    seen = (
        arguments.backend or settings.backend() or settings.has_display() or settings.page_port() is not None
    )
    return None if seen else f"{arguments.name}.png"


def _progress(line: str) -> None:
    """Say how it goes, if stderr is a terminal."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds
