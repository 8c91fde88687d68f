"""Measures asyncplot: ``python -m benchmarks update|remote|draw|web|hub|peers``.

In: the arguments. Out: progress on stderr, and tables on stdout. On request also a JSON file, and a page for
the docs. The exit code is 1 if a figure is above its limit.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import budgets, draw, hub, machine, remote, tables, update
from .display import display
from .peers import compare
from .web import measure as web

#: Verb -> title of the page with its figures.
_TITLES = {
    "update": "what a call costs",
    "remote": "across a relay",
    "draw": "drawing",
    "web": "in a browser",
    "hub": "many runs on one page",
    "peers": "beside others",
}


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print and write. Returns the exit code."""
    options = _parser().parse_args(words)
    only = {key for key in options.only.split(",") if key}
    with display() as backend:
        described = machine.describe(backend)
        print(", ".join(described.values()), file=sys.stderr)
        measure = {
            "update": update.measure,
            "remote": remote.measure,
            "draw": draw.measure,
            "web": web.measure,
            "hub": hub.measure,
            "peers": compare.measure,
        }[options.verb]
        figures = measure(backend, only, quick=options.quick)
    if options.json:
        options.json.write_text(json.dumps({**figures, "machine": described}, indent=2) + "\n")
    if options.verb == "peers":
        sheets = [("", *compare.table(figures))]
        missed = 0
    else:
        limits = {
            "update": budgets.BUDGETS,
            "remote": remote.BUDGETS,
            "draw": draw.BUDGETS,
            "web": web.BUDGETS,
            "hub": hub.BUDGETS,
        }[options.verb]
        sheets = [("", *budgets.table(figures, limits))]
        missed = sum(row[-1].startswith("missed") for row in sheets[0][-1]) + len(figures.get("failed", ()))
        above = {"draw": draw.sheets, "web": web.sheets}.get(options.verb)
        if above is not None:
            sheets = [*above(figures), *sheets]
    for caption, header, rows in sheets:
        print(*filter(None, [caption, tables.text(header, rows)]), sep="\n")
    if options.rst:
        title = f"Measured: {_TITLES[options.verb]}"
        sentence = machine.sentence(described)
        parts = [
            f"{title}\n{'=' * len(title)}",
            sentence,
            *(tables.rst(header, rows, caption) for caption, header, rows in sheets),
        ]
        options.rst.write_text("\n\n".join(part.strip() for part in parts) + "\n")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    known: dict[str, Any] = {
        "update": ("what update costs the computation, and the limits for it", update.KEYS),
        "remote": ("how much a relay carries, and what readers cost the computation", remote.KEYS),
        "draw": ("what drawing costs, and how many frames a second reach the screen", draw.KEYS),
        "web": ("pictures in a browser, beside matplotlib's WebAgg", web.KEYS),
        "hub": ("how soon the page of asyncplot hub shows a thousand runs, and what it costs", hub.KEYS),
        "peers": ("what other libraries cost for the same task", compare.NAMES),
    }
    for verb, (text, keys) in known.items():
        one = verbs.add_parser(verb, help=text, description=text, epilog=f"KEYs: {', '.join(keys)}")
        one.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file")
        one.add_argument(
            "--rst", type=Path, metavar="FILE", help="write a page with the table to this file, for the docs"
        )
        one.add_argument(
            "--only", default="", metavar="KEY[,KEY]", type=_checker(keys), help="measure only these keys"
        )
        one.add_argument(
            "--quick",
            action="store_true",
            help="few repetitions, to test that it runs; the figures are not reliable",
        )
    return parser


def _checker(keys: Sequence[str]) -> Any:
    def check(text: str) -> str:
        unknown = set(text.split(",")) - {*keys, ""}
        if unknown:
            raise argparse.ArgumentTypeError(
                f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(keys)}"
            )
        return text

    return check


if __name__ == "__main__":
    sys.exit(main())
