"""``asyncplot demo [NAME]``: a real computation with its live plot, and a table of what that cost."""

from __future__ import annotations

import argparse
import json
import math
import sys
from typing import Any

from .. import settings
from ..demos import DEMOS, load


def add_parser(verbs: Any) -> argparse.ArgumentParser:
    """Add this verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "demo",
        help="a real computation with its live plot",
        description="Run a computation, show it live, and end with a table of what that cost. Close the "
        "window or press Ctrl-C to end it.",
        epilog="demos: " + "; ".join(f"{name}: {text}" for name, text in DEMOS.items()) + ". "
        "example: asyncplot demo training --seconds 10",
    )
    parser.add_argument("name", nargs="?", choices=DEMOS, default="vortices", help="default: vortices")
    parser.add_argument("--seconds", type=_seconds, default=30.0, help="how long (default: 30)")
    parser.add_argument("--backend", choices=settings.BACKENDS, help="default: what loads")
    parser.add_argument("--save", metavar="FILE", help="write the last picture there, or each: {frame}.png")
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object")
    parser.add_argument("--list", action="store_true", help="list the demos, and end")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Run the demo, and print the table."""
    if arguments.list:
        print(
            json.dumps(DEMOS) if arguments.json else "\n".join(f"{name:10} {DEMOS[name]}" for name in DEMOS)
        )
        return 0
    from ..demos.runner import run as run_demo

    try:
        report = run_demo(
            load(arguments.name).Demo(),
            arguments.seconds,
            _progress,
            name=arguments.name,
            backend=arguments.backend,
            save=arguments.save,
        )
    except KeyboardInterrupt:  # before there was anything to tell
        return 130
    print(json.dumps({"demo": arguments.name, **report.as_dict()}) if arguments.json else report)
    return 0


def _progress(line: str) -> None:
    """Say how it goes, to a person only."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds
