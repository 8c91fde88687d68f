"""``asyncplot demo [NAME]``: a real computation with its live plot, and a table of what that cost."""

from __future__ import annotations

import argparse
import json
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
    parser.add_argument("--seconds", type=float, default=30.0, help="how long (default: 30)")
    parser.add_argument("--backend", choices=settings.BACKENDS, help="default: what loads")
    parser.add_argument("--save", metavar="FILE", help="write the last picture there, or each: {frame}.png")
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Run the demo, and print the table."""
    from ..demos.runner import run as run_demo

    print(f"asyncplot demo {arguments.name}: {DEMOS[arguments.name]}", file=sys.stderr)
    report = run_demo(
        load(arguments.name).Demo(),
        arguments.seconds,
        lambda line: print(line, file=sys.stderr),
        name=arguments.name,
        backend=arguments.backend,
        save=arguments.save,
    )
    if arguments.json:
        print(json.dumps({"demo": arguments.name, **report.as_dict()}))
        return 0
    low, high = report.slowdown_interval
    rows = {
        "iterations": f"{report.iterations:,} in {report.seconds:.1f} s",
        "frames called": f"{report.called:,}",
        "frames taken": f"{report.taken:,}",
        "frames superseded": f"{report.superseded:,}",
        "frames drawn": f"{report.drawn:,}, {report.fps:.1f} a second",
        "time in update": f"{report.update_us:.2f} us a call, {report.update_percent:.2f} % of the run",
        "slowdown": f"{report.slowdown_percent:.2f} % [{low:.2f}, {high:.2f}] against the loop without a plot",
    }
    for name, text in rows.items():
        print(f"{name:18} {text}")
    return 0
